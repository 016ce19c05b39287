"""Registration is a by-product of a gate: each gate of the platform, as it is really passed, makes or enriches a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from joserfc.jwk import ECKey
from pytest_django import Settings

from terpadu.exchange.public import peer_join
from terpadu.identity.models import Authorization, Client
from terpadu.identity.public import sign_ins_by_client
from terpadu.identity.rules.provider.claims import ClaimUse
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.services.provider.clients import (
    client_approve,
    client_register,
    client_request_production,
)
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.outbox import deliver_due
from terpadu.portfolio.enums import DecisionKind
from terpadu.portfolio.models import Application, Change
from terpadu.portfolio.selectors.dependencies import dependents_of
from terpadu.portfolio.selectors.rationalisation.scoring import scored_one
from terpadu.portfolio.selectors.rationalisation.sources import sign_ins_by_month
from terpadu.portfolio.services.applications import application_update
from tests.portfolio.clearance import (
    NEW,
    People,
    decided,
    fresh,
    make_application,
    make_people,
    publish,
    work,
)
from tests.portfolio.conftest import CITY, MINISTRY, SYSTEM, Country

pytestmark = pytest.mark.django_db

DRAFT = ClientDraft(
    kind="web",
    name="Pajak Daring",
    home_uri="https://pajak.contoh.go.id/",
    redirect_uris=("https://pajak.contoh.go.id/balik",),
    jwks={"keys": [ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=False)]},
    claim_uses=(ClaimUse("name", True, "Menulis nama di surat", "To write the name", "UU 23/2006 ps. 58"),),
)


@pytest.fixture
def people(country: Country, settings: Settings, tmp_path: Path) -> People:
    """Make everybody who takes part, and let two agencies join the exchange."""
    settings.DATA_DIR, settings.EXCHANGE_DIR = tmp_path, tmp_path / "exchange"
    settings.CONTROL_URL = "http://control.test"
    for code in (CITY, MINISTRY):
        peer_join(code, by=SYSTEM)
    return make_people()


def approve(name: str, *, client_id: str) -> None:
    """Register a sign-in client of the city and approve it for everybody."""
    client_register(CITY, replace(DRAFT, name=name), by=SYSTEM, client_id=client_id)
    client_request_production(client_id, by=SYSTEM)
    client_approve(client_id, by=SYSTEM)
    deliver_due()


def test_clearance_makes_the_record_and_its_interface_delivers_it(people: People) -> None:
    row = decided(people, DecisionKind.NEW)
    work()

    service = publish(MINISTRY, NEW.title)
    work()

    record = Application.objects.get(name=NEW.title)
    assert (fresh(row).state, record.state, record.interfaces) == ("delivered", "building", [service])
    sources = Change.objects.filter(application=record).values_list("source", "origin")
    assert set(sources) == {("clearance", row.number), ("exchange", service)}


def test_connection_to_the_exchange_makes_a_record_once_and_enriches_a_known_one(people: People) -> None:
    known = make_application("Parkir Daring", agency=CITY)

    new = publish(CITY, "Pajak Daring", name="pajak")
    publish(CITY, "Pajak Daring versi dua", name="pajak")
    onto = publish(CITY, "parkir  daring", name="parkir")
    work()

    made = Application.objects.exclude(pk=known.pk).get()
    assert (made.name, made.interfaces, made.agency.code) == ("Pajak Daring", [new], CITY)
    assert Application.objects.get(pk=known.pk).interfaces == [onto]


def test_approved_sign_in_client_makes_a_record_and_enriches_a_known_one(country: Country) -> None:
    known = make_application("Parkir Daring", agency=CITY)
    client_register(CITY, DRAFT, by=SYSTEM, client_id="coba")
    deliver_due()
    assert Application.objects.count() == 1  # in the sandbox it is nobody's application yet

    approve("Pajak Daring", client_id="pajak")
    approve("parkir daring", client_id="parkir")

    made = Application.objects.exclude(pk=known.pk).get()
    assert (made.clients, made.url, made.state) == (["pajak"], DRAFT.home_uri, "live")
    assert Application.objects.get(pk=known.pk).clients == ["parkir"]
    assert Change.objects.get(application=made).source == "client"


def test_sign_ins_are_counted_by_month_and_become_facts_of_the_quadrants(people: People) -> None:
    approve("Pajak Daring", client_id="pajak")
    person = people.proposer.person_id
    for days, is_used in ((0, True), (0, True), (0, False), (40, True), (500, True)):
        sign_in(days=days, person=person, is_used=is_used)
    row = Application.objects.get(name="Pajak Daring")

    found = sign_ins_by_client(["pajak", "lain"], since=now() - timedelta(days=365))
    facts = {part.key: part.said for part in scored_one(row).value.parts}

    assert {key: (one.sign_ins, one.people) for key, one in found.items()} == {"pajak": (3, 1)}
    assert (facts["sign_ins"], facts["users"]) == (3, 1)
    assert [count for _, count in sign_ins_by_month(row)] == [1, 2]


def sign_in(*, days: int, person: UUID | None, is_used: bool) -> None:
    """Keep a sign-in to the client "pajak" so many days ago; without its code used it was not completed."""
    assert person is not None
    with freeze(now() - timedelta(days=days)):
        at = now()
        Authorization.objects.create(
            client=Client.objects.get(client_id="pajak"),
            person_id=person,
            scope="openid",
            acr="",
            auth_time=at,
            ends_at=at,
            code_digest=f"{days}{is_used}{Authorization.objects.count()}",
            code_used_at=at if is_used else None,
        )


def test_what_moves_to_an_application_and_what_was_approved_about_it_count(people: People) -> None:
    target = make_application("Antrean Nasional", agency=CITY)
    moving = make_application("Antrean Lama", agency=MINISTRY)
    application_update(moving.id, values={"successor": target.code, "state": "retiring"}, by=SYSTEM)
    row = decided(people, DecisionKind.EXTEND, target=target.code)

    found = dependents_of(target)
    application_update(moving.id, values={"state": "ended", "ended_on": date(2027, 1, 1)}, by=SYSTEM)

    assert [(one.kind, one.agency_code, one.reference) for one in found] == [
        ("request", MINISTRY, row.number),
        ("successor", MINISTRY, moving.code),
    ]
    assert [one.kind for one in dependents_of(target)] == ["request"]
