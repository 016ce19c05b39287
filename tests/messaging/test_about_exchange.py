"""Who hears of what goes wrong on the exchange: the officers of both sides, and its operator, once."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from terpadu.directory.public import agency_create, position_create
from terpadu.exchange.events import OrphansFound
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.messaging.about_exchange import tell_of_orphans
from terpadu.messaging.public import inbox_for

BY = Actor.system("tests")


def officer(agency_code: str, peer_id: str, *, kind: str, nik: str) -> UUID:
    """Return the person in a position of a new agency."""
    agency_create(
        agency_code, peer_id=peer_id, name=agency_code, short_name=agency_code, kind="ministry", by=BY
    )
    position = position_create(agency_code=agency_code, kind=kind, title=kind, by=BY)
    person = person_ensure(nik=nik, name="Petugas", birth_on=date(1990, 1, 1), sex="P", by=BY)
    assignment_create(
        person_id=person, position_id=position.id, valid_from=now().date() - timedelta(days=1), by=BY
    )
    return person


@pytest.mark.django_db
def test_orphans_are_told_once_to_each_side_and_to_the_operator() -> None:
    reader = officer("dinas.satu", "00000101", kind="pengelola_data", nik="3671014101900001")
    giver = officer("dinas.dua", "00000102", kind="pengelola_data", nik="3671014101900002")
    operator = officer("portal", "36710000", kind="operator_platform", nik="3671014101900003")
    event = OrphansFound(counts={"00000101": 3, "00000102": 1}, total=3, at=now())

    tell_of_orphans(event)
    tell_of_orphans(event)

    told = {one: inbox_for(one) for one in (reader, giver, operator)}
    assert [len(messages) for messages in told.values()] == [1, 1, 1]
    assert [messages[0].subject.rpartition(" ")[2] for messages in told.values()] == ["3", "1", "3"]
    assert told[operator][0].link == "/pertukaran/peta/"
    assert told[reader][0].link == "/pertukaran/rekonsiliasi/"
