"""Persons are made once for each NIK, which is nowhere in clear."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from terpadu.identity.errors import NikMalformed, PersonUnknown
from terpadu.identity.models import Person
from terpadu.identity.public import (
    nik_reveal,
    person_ensure,
    person_find_by_nik,
    person_get,
    person_many,
    subject_pseudonym,
)
from terpadu.identity.selectors.accounts import open_nik
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import AuditEvent
from tests.identity.conftest import BIRTH_ON, NAME, NIK, OTHER_NIK, SETUP

pytestmark = pytest.mark.django_db


def test_person_ensure_twice_is_one_person(siti: UUID) -> None:
    again = person_ensure(
        nik="3671 0154 0692 0003", name="Another", birth_on=date(2000, 1, 1), sex="L", by=SETUP
    )

    assert again == siti
    assert person_get(siti).name == NAME


def test_person_ensure_malformed_nik_is_refused_without_saying_it() -> None:
    with pytest.raises(NikMalformed) as caught:
        person_ensure(nik="9971011508950001", name="X", birth_on=BIRTH_ON, sex="L", by=SETUP)

    assert "9971011508950001" not in str(caught.value) + str(caught.value.facts)


def test_person_get_masks_the_nik(siti: UUID) -> None:
    assert person_get(siti).masked_nik == "•" * 12 + "0003"


def test_person_get_unknown_is_refused() -> None:
    with pytest.raises(PersonUnknown):
        person_get(uuid7())


def test_person_many_gives_those_that_exist(siti: UUID) -> None:
    assert set(person_many([siti, uuid7()])) == {siti}


def test_person_find_by_nik_knows_only_its_own(siti: UUID) -> None:
    assert person_find_by_nik(NIK) == siti
    assert person_find_by_nik(OTHER_NIK) is None


def test_person_row_holds_no_nik_in_clear(siti: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select p::text, encode(p.nik_sealed, 'escape') from identity_person p")
        row = cursor.fetchone()

    assert NIK not in "".join(row)


def test_person_sealed_nik_moved_to_another_row_does_not_open(siti: UUID) -> None:
    other = person_ensure(nik=OTHER_NIK, name="Budi", birth_on=date(1988, 5, 17), sex="L", by=SETUP)
    row = Person.objects.get(pk=other)
    row.nik_sealed = Person.objects.get(pk=siti).nik_sealed

    with pytest.raises(InvalidTag):
        open_nik(row)


def test_nik_reveal_writes_who_and_why(siti: UUID) -> None:
    assert nik_reveal(siti, reason="exchange.request", by=SETUP) == NIK

    event = AuditEvent.objects.get(event="identity.nik_revealed")
    assert (event.about_id, event.actor_position, event.facts) == (
        str(siti),
        "tests",
        {"reason": "exchange.request"},
    )
    assert NIK not in str(AuditEvent.objects.values_list("facts", flat=True))


def test_subject_pseudonym_is_steady_and_tells_nothing(siti: UUID) -> None:
    other = person_ensure(nik=OTHER_NIK, name="Budi", birth_on=date(1988, 5, 17), sex="L", by=SETUP)

    assert subject_pseudonym(siti) == subject_pseudonym(siti) != subject_pseudonym(other)
    assert NIK not in subject_pseudonym(siti)
