"""The citizen's world: Siti with an account, the services of the demo country, a stand-in for the toll road."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from terpadu.casework import public as casework
from terpadu.exchange.enums import Outcome
from terpadu.exchange.public import TrailEntry
from terpadu.identity.models import Account
from terpadu.identity.services.accounts import account_create
from terpadu.kernel import outbox
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7
from terpadu_wire.properties import Text
from tests.casework.conftest import (
    FakeExchange,
    World,
    at_nine,
    fresh_world,
    peopled,
    person_of,
    ready_draft,
    sent_case,
    toll_road,
    world,
)
from tests.ui.conftest import chromium

BACKEND = "terpadu.identity.web.backend.AccountBackend"
KIA = "dukcapil.kia.baru"
READ_AT = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)


def signed_in(actor: Actor, *, lang: str = "id") -> Client:
    """Return a browser in which a person of the tests is signed in."""
    person_id = person_of(actor)
    if not Account.objects.filter(person_id=person_id).exists():
        account_create(person_id, password="empat kata acak dan murah", by=Actor.system("tests"))
    client = Client()
    client.force_login(Account.objects.get(person_id=person_id), backend=BACKEND)
    client.cookies["language"] = lang
    return client


@pytest.fixture(params=["id", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    """Each language of the interface."""
    return str(request.param)


@pytest.fixture
def siti(world: World) -> Client:
    """Siti's browser, in Indonesian."""
    return signed_in(world.siti)


@pytest.fixture
def wulan(world: World) -> Client:
    """The browser of another mother, who has nothing to do with Siti's cases."""
    return signed_in(world.wulan)


@pytest.fixture
def issued_case(sent_case: UUID, world: World) -> UUID:
    """Siti's case for Raka's card, checked, signed and issued."""
    casework.case_act(sent_case, "approve", by=world.budi)
    casework.case_act(sent_case, "sign", by=world.hendra)
    deliver()
    return sent_case


def deliver() -> None:
    """Deliver every event that waits."""
    while outbox.deliver_due():
        pass


def trail_entry(**changes: object) -> TrailEntry:
    """Return one exchange about Siti; keyword arguments change it."""
    values: dict[str, object] = {
        "transaction_id": uuid7(),
        "at": READ_AT,
        "consumer_name": "Terpadu",
        "delegator_name": "Disdukcapil Kota Tangerang",
        "provider_name": "Ditjen Dukcapil",
        "service_name": "Kependudukan",
        "on_behalf_of": "person:self",
        "data_items": (Text("nama", "name"), Text("alamat", "address")),
        "purpose_text": Text("Memeriksa permohonan KIA", "To check a card application"),
        "legal_basis": "UU 24/2013 ps. 79A",
        "evidence": "KIA-3671-2026-000001",
        "outcome": Outcome.ANSWERED,
        "is_confirmed": True,
    }
    return TrailEntry(**{**values, **changes})  # type: ignore[arg-type]  # the values of one row, by name


SetTrail = Callable[[list[TrailEntry]], None]


@pytest.fixture
def set_trail(monkeypatch: pytest.MonkeyPatch) -> SetTrail:
    """Let the exchange tell these entries, newest first, by its own rules of paging."""

    def do(entries: list[TrailEntry]) -> None:
        def told(
            person_id: UUID, *, cases: Collection[str] = (), before: UUID | None = None, limit: int = 25
        ) -> list[TrailEntry]:
            ids = [entry.transaction_id for entry in entries]
            start = ids.index(before) + 1 if before in ids else 0
            return entries[start : start + min(limit, 100)]

        monkeypatch.setattr("terpadu.portal.web.trail.trail_for_person", told)
        monkeypatch.setattr("terpadu.exchange.services.data_copy.trail_for_person", told)

    return do


def many_entries(count: int) -> list[TrailEntry]:
    """Return exchanges an hour apart, newest first, by two agencies in turn."""
    readers = ("Disdukcapil Kota Tangerang", "Kecamatan Tangerang")
    return [
        trail_entry(at=READ_AT - timedelta(hours=hour), delegator_name=readers[hour % 2])
        for hour in range(count)
    ]


__all__ = [
    "FakeExchange",
    "at_nine",
    "chromium",
    "fresh_world",
    "peopled",
    "ready_draft",
    "sent_case",
    "toll_road",
    "world",
]
