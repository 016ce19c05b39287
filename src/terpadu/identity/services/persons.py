"""Persons: made once for each NIK; the NIK comes out again only with a reason and an audit entry."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from terpadu.identity.enums import Sex
from terpadu.identity.errors import NikMalformed, PersonUnknown
from terpadu.identity.models import Person
from terpadu.identity.rules.accounts import clean_nik, find_nik_fault, tidy_name
from terpadu.identity.selectors.accounts import hash_nik, open_nik, person_find_by_nik
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.crypto import seal, secret_key
from terpadu.kernel.ids import uuid7
from terpadu_wire.subjects import pseudonym

__all__ = ["nik_reveal", "person_ensure", "pseudonym_of_nik", "subject_pseudonym"]


def person_ensure(*, nik: str, name: str, birth_on: date, sex: str, by: Actor) -> UUID:
    """Return the person who has a NIK, making the record when there is none (also for a child without an account).

    name: one field, as the registry writes it; one word is normal. sex: "L" or "P".
    An existing record is left as it is: what somebody declares must not overwrite what was confirmed.
    Raises NikMalformed. One query when the person exists, four otherwise.
    """
    fault = find_nik_fault(nik, today=today())
    if fault:
        raise NikMalformed(fault=fault.value)
    found = person_find_by_nik(nik)
    return found or _person_create(clean_nik(nik), name=name, birth_on=birth_on, sex=sex, by=by)


def _person_create(nik: str, *, name: str, birth_on: date, sex: str, by: Actor) -> UUID:
    person_id = uuid7()
    row = Person(
        id=person_id,
        nik_sealed=seal(nik.encode(), context=f"identity.nik:{person_id}"),
        nik_hash=hash_nik(nik),
        name=tidy_name(name),
        birth_on=birth_on,
        sex=Sex(sex),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record("identity.person_created", by=by, about_kind="person", about_id=person_id)
    except IntegrityError:
        found = person_find_by_nik(nik)  # somebody else was first
        if found is None:
            raise
        return found
    return person_id


@transaction.atomic
def nik_reveal(person_id: UUID, *, reason: str, by: Actor) -> str:
    """Return a person's NIK for one stated use, such as a call over the exchange; writes an audit entry.

    reason: a stable code without personal data, such as "exchange.request". Raises PersonUnknown. Two queries.
    """
    row = Person.objects.filter(pk=person_id).first()
    if row is None:
        raise PersonUnknown()
    facts = {"reason": reason[:80]}
    audit.record("identity.nik_revealed", by=by, about_kind="person", about_id=person_id, facts=facts)
    return open_nik(row)


def subject_pseudonym(person_id: UUID) -> str:
    """Return the keyed pseudonym by which exchange records name a person; equal on both sides. One query.

    Raises PersonUnknown.
    """
    row = Person.objects.filter(pk=person_id).first()
    if row is None:
        raise PersonUnknown()
    return pseudonym(secret_key("subject"), open_nik(row))


def pseudonym_of_nik(nik: str) -> str:
    """Return the pseudonym by which exchange records name who has a NIK, also somebody who is not known here.

    Raises NikMalformed. No query.
    """
    fault = find_nik_fault(nik, today=today())
    if fault:
        raise NikMalformed(fault=fault.value)
    return pseudonym(secret_key("subject"), clean_nik(nik))
