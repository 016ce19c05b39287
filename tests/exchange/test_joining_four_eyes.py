"""Joining where the operator wants four eyes: one person asks, another one decides, and nothing happens before."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from terpadu.directory import demo as directory_demo
from terpadu.directory.demo import PORTAL
from terpadu.directory.public import agency_create, position_create, position_list
from terpadu.exchange.enums import OPERATOR
from terpadu.exchange.errors.disclosure import JoiningClosed, SecondPersonNeeded
from terpadu.exchange.models import JoiningRequest, Peer
from terpadu.exchange.selectors.joining import is_peer
from terpadu.exchange.services.joining import joining_ask, joining_decide
from terpadu.identity.public import assignment_create
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import AuditEvent
from terpadu_wire.keys import generate_key
from tests.exchange.test_console import NEW, PAGE, request_pem
from tests.exchange.test_pages import officer, person

BY = Actor.system("tests")
LIST = f"{PAGE}permintaan/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def agency(db: None, exchange_dir: Path, settings: Settings) -> str:
    """An agency of the directory that has not joined, where the operator wants four eyes; its code."""
    settings.JOIN_FOUR_EYES = True
    directory_demo.seed()
    made = agency_create(NEW["code"], **{name: NEW[name] for name in NEW if name != "code"}, by=BY)
    position_create(agency_code=made.code, kind="kepala_dinas", title="Kepala Dinas", by=BY)
    return made.code


def operator(name: str) -> Client:
    return officer(name, PORTAL, kind=OPERATOR, lang="en")


def operator_actor(name: str) -> Actor:
    position = next(one for one in position_list(PORTAL) if one.kind == OPERATOR)
    person_id = person(name)
    assignment_create(person_id=person_id, position_id=position.id, valid_from=today(), by=BY)
    return Actor.officer(person_id, agency=PORTAL, position=str(position.id))


def request_id() -> UUID:
    return JoiningRequest.objects.get().id


def test_agency_joins_after_an_operator_approved_what_its_officer_asked(agency: str) -> None:
    head = officer("budi", agency, lang="en")
    assert "Two persons let an agency join" in head.get(PAGE).content.decode()
    assert head.post(f"{PAGE}kunci/", {"instansi": agency}).status_code == 302
    assert not is_peer(NEW["peer_id"])
    assert "Waits for a second person" in head.get(PAGE).content.decode()
    assert head.post(f"{PAGE}kunci/", {"instansi": agency}).status_code == 409

    second = operator("agus")
    assert "Dinas Kesehatan" in second.get(LIST).content.decode()
    assert "Let this agency join?" in second.get(f"{LIST}{request_id()}/setujui/").content.decode()
    assert not is_peer(NEW["peer_id"])
    assert second.post(f"{LIST}{request_id()}/setujui/").status_code == 302

    assert is_peer(NEW["peer_id"])
    late = second.post(f"{LIST}{request_id()}/tolak/", {"reason": "Sudah terlambat"})
    assert (late.status_code, "Sudah terlambat</textarea>" in late.content.decode()) == (409, True)
    events = AuditEvent.objects.filter(event__startswith="exchange.joining_").order_by("at")
    assert [one.event for one in events] == ["exchange.joining_asked", "exchange.joining_decided"]
    assert len({one.actor_person_id for one in events}) == 2


def test_operator_who_asked_for_an_agency_cannot_decide_it(agency: str) -> None:
    one, other = operator("budi"), operator("agus")
    one.post(f"{PAGE}kunci/", {"instansi": agency})

    assert "You asked, so somebody else decides" in one.get(LIST).content.decode()
    refused = one.post(f"{LIST}{request_id()}/setujui/")
    assert "Somebody else has to decide this" in refused.content.decode()
    assert not is_peer(NEW["peer_id"])
    assert other.post(f"{LIST}{request_id()}/setujui/").status_code == 302
    assert is_peer(NEW["peer_id"])


def test_key_that_the_agency_keeps_is_certified_when_approved(agency: str) -> None:
    head = officer("budi", agency, lang="en")
    pem = request_pem(generate_key())
    head.post(f"{PAGE}kunci/", {"instansi": agency, "request": pem})
    address = f"{PAGE}sertifikat/{request_id()}/"
    assert head.get(address).status_code == 404

    operator("agus").post(f"{LIST}{request_id()}/setujui/")

    assert head.get(address).content.startswith(b"-----BEGIN CERTIFICATE-----")
    assert officer("siti", "kecamatan.36.71.01").get(address).status_code == 404


def test_certificate_request_that_is_none_is_told_when_it_is_decided(agency: str) -> None:
    officer("budi", agency).post(f"{PAGE}kunci/", {"instansi": agency, "request": "nothing"})
    answer = operator("agus").post(f"{LIST}{request_id()}/setujui/")
    assert "This certificate request cannot be used" in answer.content.decode()
    assert not is_peer(NEW["peer_id"])
    assert JoiningRequest.objects.get().state == "waiting"


def test_refusal_needs_a_reason_and_leaves_the_way_open(agency: str) -> None:
    head, second = officer("budi", agency, lang="en"), operator("agus")
    head.post(f"{PAGE}kunci/", {"instansi": agency})
    short = second.post(f"{LIST}{request_id()}/tolak/", {"reason": "no"})
    assert "at least ten" in short.content.decode()
    second.post(f"{LIST}{request_id()}/tolak/", {"reason": "Suratnya belum lengkap"})
    assert "Suratnya belum lengkap" in head.get(PAGE).content.decode()
    assert head.post(f"{PAGE}kunci/", {"instansi": agency}).status_code == 302
    assert not is_peer(NEW["peer_id"])


def test_joining_services_let_nobody_else_ask_or_decide(agency: str) -> None:
    stranger = Actor.officer(uuid7(), agency="pupr.36.71", position=str(uuid7()))
    with pytest.raises(NotAllowed):
        joining_ask(agency, by=stranger)
    one = operator_actor("budi")
    made = joining_ask(agency, by=one)
    with pytest.raises(JoiningClosed):
        joining_ask(agency, by=one)
    with pytest.raises(SecondPersonNeeded):
        joining_decide(made, is_approved=True, by=one)
    with pytest.raises(NotAllowed):
        joining_decide(made, is_approved=True, by=stranger)
    with pytest.raises(IntegrityError), transaction.atomic():
        JoiningRequest.objects.update(decided_by=one.person_id, decided_at=now())
    assert not Peer.objects.filter(agency__code=agency).exists()


def test_joining_page_asks_nobody_where_the_operator_wants_no_four_eyes(
    agency: str, settings: Settings
) -> None:
    settings.JOIN_FOUR_EYES = False
    officer("budi", agency).post(f"{PAGE}kunci/", {"instansi": agency})
    assert is_peer(NEW["peer_id"])
    assert not JoiningRequest.objects.exists()
