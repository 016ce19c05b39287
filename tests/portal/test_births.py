"""A birth that an event tells of: whom the message reaches, and when it is left for later."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from pydantic import JsonValue

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import AgencyView
from terpadu.exchange.errors import ExchangeGarbled, ExchangeUnavailable, NothingFound
from terpadu.exchange.events import EventReceived
from terpadu.exchange.public import ExchangeAnswer, ExchangeRequest
from terpadu.identity.public import person_ensure
from terpadu.kernel.actors import Actor
from terpadu.messaging.public import inbox_for
from terpadu.portal import births

pytestmark = pytest.mark.django_db
MOTHER, FATHER = "3671015406920003", "3671010101900001"
DEED: dict[str, JsonValue] = {"nama_anak": "Kirana", "nik_ibu": MOTHER, "nik_ayah": FATHER}
EVENT = EventReceived("ev-1", "00000002", "peristiwa", births.TYPE, "key")


@pytest.fixture
def mother() -> UUID:
    return person_ensure(
        nik=MOTHER, name="Siti", birth_on=date(1992, 6, 14), sex="P", by=Actor.system("tests")
    )


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the register answers next: a body, or an error; and what it was asked, at the end."""
    answers: list[object] = []

    def call(request: ExchangeRequest, *, by: Actor) -> ExchangeAnswer:
        assert request.body == {"peristiwa": EVENT.event_id}
        found = answers[-1]
        if isinstance(found, Exception):
            raise found
        provider = AgencyView(uuid4(), "dukcapil", "00000002", "x", "x", "x", AgencyKind.MINISTRY, "")
        return ExchangeAnswer(found, uuid4(), datetime.now(UTC), provider, request.operation)  # type: ignore[arg-type]  # tests answer anything

    monkeypatch.setattr(births, "exchange_call", call)
    return answers


def test_parent_with_an_account_is_told_once(mother: UUID, register: list[object]) -> None:
    register.append(DEED)
    births.tell_parents(EVENT)
    births.tell_parents(EVENT)

    [message] = inbox_for(mother)
    assert "Kirana" in message.subject


def test_other_events_and_unknown_births_tell_nobody(mother: UUID, register: list[object]) -> None:
    births.tell_parents(EventReceived("ev-1", "00000002", "peristiwa", "lain", "key"))
    register.append(NothingFound(reason="system.not_found"))
    births.tell_parents(EVENT)

    assert inbox_for(mother) == []


def test_register_that_is_away_or_garbled_is_left_to_the_worker(register: list[object]) -> None:
    register.append(ExchangeUnavailable(reason="system.slow"))
    with pytest.raises(ExchangeUnavailable):
        births.tell_parents(EVENT)
    register.append({"nama_anak": 7})
    with pytest.raises(ExchangeGarbled):
        births.tell_parents(EVENT)
