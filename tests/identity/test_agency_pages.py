"""An agency's applications in its own hands: registered, tried, approved by somebody else, ended."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import AgencyView, agency_create, position_create
from terpadu.identity.enums import ClientStage
from terpadu.identity.errors import ClientStageWrong
from terpadu.identity.policies.provider import OPERATORS
from terpadu.identity.selectors.provider.clients import ClientView, client_list
from terpadu.identity.services.provider import clients
from terpadu.identity.web.agency.applications import MANAGER, RECIPES
from terpadu.kernel.clock import today
from tests.identity.conftest import SETUP
from tests.identity.people import BUDI_NIK, DEWI_NIK, RINA_NIK, browser_of, officer, person
from tests.identity.provider.party import make_key

pytestmark = pytest.mark.django_db
LIST = "/instansi/aplikasi/"


def holder(nik: str, name: str, kind: str, agency: str) -> Browser:
    """Appoint somebody and return their browser."""
    position = position_create(agency_code=agency, kind=kind, title=kind, by=SETUP)
    officer(person(nik, name, date(1988, 5, 17)), position)
    return browser_of(nik, lang="en")


@pytest.fixture
def yoga(agency: AgencyView) -> Browser:
    """Who manages the agency's applications."""
    return holder(BUDI_NIK, "Yoga Nugraha", MANAGER, agency.code)


@pytest.fixture
def operator_browser(platform: AgencyView) -> Browser:
    """Who approves."""
    return holder(RINA_NIK, "Nadia Putri", OPERATORS[0], platform.code)


def key_file(member: dict[str, Any] | None = None) -> SimpleUploadedFile:
    keys = {"keys": [member or make_key().as_dict(private=False)]}
    return SimpleUploadedFile("jwks.json", json.dumps(keys).encode(), "application/json")


def typed(**changes: Any) -> dict[str, Any]:
    said = {
        "kind": "web",
        "name": "Antrean Dukcapil",
        "redirect_uris": "https://antre.contoho.go.id/balik\n",
        "auth_method": "private_key_jwt",
        "id_token_alg": "ES256",
        "jwks": key_file(),
        "scopes": ["nik"],
        "nik_purpose": "Mencari berkas Anda",
        "nik_legal_basis": "UU 23/2006 ps. 64",
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def registered(browser: Browser) -> ClientView:
    answer = browser.post(f"{LIST}baru/", typed())
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return client_list()[0]


def test_new_page_with_everything_right_registers_in_the_sandbox(yoga: Browser) -> None:
    made = registered(yoga)

    assert made.stage == ClientStage.SANDBOX
    assert made.scopes == ("openid", "nik")
    assert [use.claim for use in made.claim_uses] == ["nik"]
    assert made.title in yoga.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"redirect_uris": "http://antre.contoho.go.id/balik"}, "must begin with https"),
        ({"redirect_uris": "https://antre.contoho.go.id/*"}, "* is not allowed"),
        ({"redirect_uris": None}, "This is needed"),
        ({"redirect_uris": "https://a.contoho.go.id/b\nhttps://c.contoho.go.id/d"}, "on one host"),
        ({"jwks": None}, "This is needed"),
        ({"jwks": key_file({"kty": "oct", "k": "YWJj"})}, "private key"),
        ({"jwks": SimpleUploadedFile("jwks.json", b"-----BEGIN")}, "not JSON"),
        ({"jwks": SimpleUploadedFile("jwks.json", b"[]")}, "right form"),
        ({"nik_legal_basis": ""}, "purpose and legal basis"),
        ({"logo_uri": "https://elsewhere.contoho.go.id/l.png"}, "Ask the operator"),
        ({"auth_method": "client_secret_basic", "jwks": None}, "exception"),
        ({"name": "A"}, "between 3 and 80"),
    ],
)
def test_new_page_with_a_mistake_names_it_and_keeps_the_form(
    yoga: Browser, changes: dict[str, Any], words: str
) -> None:
    file = changes.get("jwks")
    if file is not None:
        file.seek(0)

    answer = yoga.post(f"{LIST}baru/", typed(**changes))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Mencari berkas Anda" in answer.content.decode()
    assert client_list() == []


def test_production_is_approved_by_somebody_else_only(yoga: Browser, operator_browser: Browser) -> None:
    made = registered(yoga)
    yoga.post(f"{LIST}{made.client_id}/produksi/")
    assert yoga.get("/operator/identitas/").status_code == 403

    queue = operator_browser.get("/operator/identitas/").content.decode()
    assert made.client_id in queue
    answer = {"client": made.client_id, "answer": "approve"}
    assert operator_browser.post("/operator/identitas/", answer).status_code == 302
    assert client_list()[0].stage == ClientStage.PRODUCTION


def test_production_when_asker_holds_both_positions_stays_waiting(
    platform: AgencyView, yoga: Browser
) -> None:
    made = registered(yoga)
    yoga.post(f"{LIST}{made.client_id}/produksi/")
    holder(BUDI_NIK, "Yoga Nugraha", OPERATORS[0], platform.code)

    answer = yoga.post("/operator/identitas/", {"client": made.client_id, "answer": "approve"})

    assert answer.status_code == 403
    assert client_list()[0].stage == ClientStage.REQUESTED


def test_queue_sent_back_without_a_reason_is_asked_again(yoga: Browser, operator_browser: Browser) -> None:
    made = registered(yoga)
    yoga.post(f"{LIST}{made.client_id}/produksi/")
    said = {"client": made.client_id, "answer": "reject"}

    assert operator_browser.post("/operator/identitas/", said).status_code == 422
    assert operator_browser.post("/operator/identitas/", {**said, "reason": "Dasar?"}).status_code == 302
    assert client_list()[0].stage == ClientStage.SANDBOX


def test_edit_in_production_of_the_redirect_address_waits(yoga: Browser) -> None:
    made = registered(yoga)
    clients.client_request_production(made.client_id, by=SETUP)
    clients.client_approve(made.client_id, by=SETUP)
    said = typed(redirect_uris="https://antre.contoho.go.id/baru", contact="1500 537", jwks=None)

    assert yoga.post(f"{LIST}{made.client_id}/ubah/", said).status_code == 302
    changed = client_list()[0]
    assert changed.contact == "1500 537"
    assert changed.redirect_uris == ("https://antre.contoho.go.id/balik",)
    assert changed.proposed is not None
    assert changed.jwks == made.jwks


def test_pages_of_another_agencys_application_are_not_found(yoga: Browser) -> None:
    made = registered(yoga)
    other = agency_create(
        "kominfo.36.71",
        peer_id="36710002",
        name="Dinas Kominfo Kota Tangerang",
        short_name="Kominfo",
        kind=AgencyKind.REGIONAL_OFFICE,
        region_code="36.71",
        by=SETUP,
    )
    stranger = holder(DEWI_NIK, "Dewi", MANAGER, other.code)

    for path in ("", "ubah/", "akhiri/", "konfigurasi/"):
        assert stranger.get(f"{LIST}{made.client_id}/{path}").status_code == 404
    for path in ("produksi/", "rahasia/", "akhiri/"):
        assert stranger.post(f"{LIST}{made.client_id}/{path}").status_code == 404


def test_secret_renewed_by_exception_is_shown_once(yoga: Browser) -> None:
    made = registered(yoga)
    assert yoga.post(f"{LIST}{made.client_id}/rahasia/").status_code == 409
    until = today() + timedelta(days=30)
    clients.client_exception_grant(made.client_id, until=until, reason="Program lama", by=SETUP)
    yoga.post(f"{LIST}{made.client_id}/ubah/", typed(auth_method="client_secret_basic"))

    shown = yoga.post(f"{LIST}{made.client_id}/rahasia/").content.decode()
    assert "shown this once" in shown
    assert "shown this once" not in yoga.get(f"{LIST}{made.client_id}/").content.decode()


def test_end_asks_first_and_then_stops_everything(yoga: Browser) -> None:
    made = registered(yoga)

    assert yoga.get(f"{LIST}{made.client_id}/akhiri/").status_code == 200
    assert client_list()[0].is_usable(today())
    yoga.post(f"{LIST}{made.client_id}/akhiri/")

    assert not client_list()[0].is_usable(today())
    with pytest.raises(ClientStageWrong):
        clients.client_request_production(made.client_id, by=SETUP)
    with pytest.raises(ClientStageWrong):
        clients.client_update(made.client_id, clients.draft_of(made), by=SETUP)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_configuration_holds_this_clients_values(yoga: Browser, name: str) -> None:
    made = registered(yoga)

    text = yoga.get(f"{LIST}{made.client_id}/konfigurasi/", {"untuk": name}).context["recipe"]

    assert made.client_id in text
    assert "https://antre.contoho.go.id/balik" in text
    assert "{{" not in text
    assert "S256" in text or name in ("spring", "laravel")
