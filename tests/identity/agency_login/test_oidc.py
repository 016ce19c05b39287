"""An agency's OpenID Provider as the login of its officers: linked once, in for the work, and everything that must not pass."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from joserfc.jwk import ECKey, RSAKey

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import PositionView, agency_create, position_create
from terpadu.identity.enums import LoginProtocol, LoginStage
from terpadu.identity.errors import FetchRefused, FourEyesNeeded
from terpadu.identity.errors.officers import LoginInvalid, LoginStageWrong, LoginUnknown
from terpadu.identity.models import Account, AgencyLogin, Assignment, OfficerLink, SignIn
from terpadu.identity.public import assignment_create
from terpadu.identity.rules.agency_logins.connection import OidcConnection
from terpadu.identity.services.agency_logins.registration import (
    login_approve,
    login_end,
    login_propose,
    login_register,
)
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from tests.identity.agency_login.fake_agency_provider import CLIENT, FakeAgencyProvider
from tests.identity.conftest import SETUP
from tests.identity.people import BUDI_NIK, DEWI_NIK, person
from tests.identity.provider.conftest import sign_in

pytestmark = pytest.mark.django_db
OFFICE, OWN_PAGE = "/uji/petugas/", "/uji/warga/"


def returned(browser: Browser, login_id: UUID, given: dict[str, str]) -> HttpResponse:
    """Let a browser come back from the provider."""
    answer = browser.get(f"/masuk/instansi/{login_id}/balik", given)
    return browser.get(answer["Location"]) if answer.status_code == 302 else answer


def linked(browser: Browser, login_id: UUID, provider: FakeAgencyProvider) -> HttpResponse:
    """Link from a signed-in browser."""
    away = browser.get(f"/akun/instansi/{login_id}/tautkan/")
    assert away.status_code == 303, away["Location"]
    return returned(browser, login_id, provider.authorize(away["Location"]))


def entered(
    login_id: UUID, provider: FakeAgencyProvider, browser: Browser | None = None
) -> tuple[Browser, HttpResponse]:
    """Enter with a browser, a fresh one unless given."""
    browser = browser or Browser()
    away = browser.get(f"/masuk/instansi/{login_id}/", {"next": OFFICE})
    return browser, returned(browser, login_id, provider.authorize(away["Location"]))


@pytest.fixture
def link(own: Browser, login_id: UUID, provider: FakeAgencyProvider) -> OfficerLink:
    """Siti's link."""
    assert linked(own, login_id, provider).status_code == 302
    return OfficerLink.objects.get()


def test_officer_enters_for_the_work_in_that_agency_alone(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider, operator: PositionView
) -> None:
    elsewhere = agency_create(
        "kominfo.36.71", peer_id="36710002", name="Dinas Kominfo Kota Tangerang", short_name="Kominfo",
        kind=AgencyKind.REGIONAL_OFFICE, region_code="36.71", by=SETUP,
    )  # fmt: skip
    head = position_create(agency_code=elsewhere.code, kind="kepala_dinas", title="Kepala Dinas", by=SETUP)
    assignment_create(person_id=link.person_id, position_id=head.id, valid_from=date(2024, 1, 2), by=SETUP)

    browser, answer = entered(login_id, provider)

    assert (answer.status_code, answer["Location"]) == (302, OFFICE)
    assert browser.get(OFFICE).content.decode() == f"officer {operator.agency.code} operator_siak"
    assert browser.get("/uji/kepala/").status_code == 403
    for page in (OWN_PAGE, "/akun/", "/akun/hak-data/", "/akun/instansi/", "/uji/kuat/"):
        sent = browser.get(page)
        assert (sent.status_code, sent["Location"].partition("?")[0]) == (302, "/masuk/"), page
    page = browser.get("/masuk/?next=/akun/")
    assert page.status_code == 200
    assert page.context["works"].agency_code == operator.agency.code
    assert SignIn.objects.filter(method="agency", account__person_id=link.person_id).count() == 1


def test_what_four_eyes_guard_needs_the_officers_own_account(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider, operator: PositionView
) -> None:
    """An agency's login could play two officers at once, and so open anybody's account by a recovery."""
    for kind in ("administrator_instansi", "tim_koordinasi_spbe"):
        made = position_create(agency_code=operator.agency.code, kind=kind, title=kind, by=SETUP)
        assignment_create(
            person_id=link.person_id, position_id=made.id, valid_from=date(2024, 1, 2), by=SETUP
        )
    browser, _ = entered(login_id, provider)
    browser.post("/akun/jabatan/", {"position": str(operator.id)})
    assert browser.get(OFFICE).status_code == 200

    for page in (
        "/petugas/loket/",
        "/petugas/loket/pemulihan/",
        f"/petugas/loket/pemulihan/{login_id}/",
        "/petugas/loket/orang/ABCD2345/",
        "/petugas/loket/perwalian/",
        "/instansi/petugas/",
        "/instansi/direktori/",
        "/instansi/login/",
        "/operator/identitas/",
        "/operator/identitas/login/",
    ):
        sent = browser.get(page)
        assert (sent.status_code, sent["Location"].partition("?")[0]) == (302, "/masuk/"), page


@pytest.mark.parametrize(
    ("told", "level"), [("", "loa1"), ("urn:kota:satu", "loa1"), ("urn:kota:dua", "loa2"), ("loa3", "loa1")]
)
def test_level_is_what_was_agreed_and_the_lowest_otherwise(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider, told: str, level: str
) -> None:
    provider.acr = told
    browser, _ = entered(login_id, provider)

    assert browser.session["identity.methods"][0]["level"] == level


def test_level_above_two_factors_is_never_agreed(
    login_id: UUID, provider: FakeAgencyProvider, administrator: Actor
) -> None:
    with pytest.raises(LoginInvalid):
        login_propose(
            login_id,
            OidcConnection(provider.issuer, CLIENT, "private_key_jwt", {"x": "loa3"}),
            by=administrator,
        )


@pytest.mark.parametrize("how", ["ended", "link", "login", "account", "elsewhere"])
def test_entry_is_closed_at_once(
    link: OfficerLink,
    own: Browser,
    login_id: UUID,
    provider: FakeAgencyProvider,
    administrator: Actor,
    how: str,
) -> None:
    browser, _ = entered(login_id, provider)
    assert browser.get(OFFICE).status_code == 200
    if how == "ended":
        Assignment.objects.update(valid_to=today())
    elif how == "link":
        own.post(f"/akun/instansi/{link.id}/lepas/")
    elif how == "login":
        login_end(login_id, by=administrator)
    elif how == "account":
        Account.objects.update(is_active=False)
    else:
        Assignment.objects.update(valid_from=today() + timedelta(days=1))

    assert browser.get(OFFICE).status_code in (302, 403)
    away = Browser().get(f"/masuk/instansi/{login_id}/")
    if how == "login":
        assert away.status_code == 404
    else:
        _, answer = entered(login_id, provider)
        assert answer.status_code == 403


def test_entry_without_a_link_is_refused_and_nothing_is_matched_by_name_or_mail(
    account: Account, login_id: UUID, provider: FakeAgencyProvider
) -> None:
    provider.spoil = {"email": "siti@contoho.go.id", "email_verified": True, "name": "Siti Rahmawati"}

    browser, answer = entered(login_id, provider)

    assert answer.status_code == 403
    assert "login_not_linked" in answer.content.decode()
    assert browser.get(OFFICE).status_code == 302


ATTACKER = RSAKey.generate_key(2048, {"kid": "p1"})
SPOILED: dict[str, dict[str, Any]] = {
    "wrong issuer": {"spoil": {"iss": "https://lain.contoho.go.id"}},
    "no issuer": {"spoil": {"iss": None}},
    "wrong audience": {"spoil": {"aud": "lain"}},
    "two audiences, no azp": {"spoil": {"aud": [CLIENT, "lain"]}},
    "two audiences, azp of another": {"spoil": {"aud": [CLIENT, "lain"], "azp": "lain"}},
    "wrong nonce": {"spoil": {"nonce": "lain"}},
    "no nonce": {"spoil": {"nonce": None}},
    "no sub": {"spoil": {"sub": None}},
    "sub is a list": {"spoil": {"sub": ["a"]}},
    "stale": {"spoil": {"exp": 1_700_000_000}},
    "no exp": {"spoil": {"exp": None}},
    "issued long ago": {"spoil": {"iat": 1_700_000_000}},
    "not yet": {"spoil": {"nbf": 4_000_000_000}},
    "alg none": {"alg": "none"},
    "HS256 with the public key": {"alg": "HS256"},
    "another key under this kid": {"signer": ATTACKER},
    "an unknown kid": {"header": {"kid": "p9"}},
    "key in the header": {
        "header": {"kid": None, "jwk": ATTACKER.as_dict(private=False)},
        "signer": ATTACKER,
    },
    "crit": {"header": {"crit": ["x"], "x": 1}},
    "another kind of key": {"alg": "ES256", "signer": ECKey.generate_key("P-256", {"kid": "p1"})},
}


def test_id_token_spoiled_is_refused(link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider) -> None:
    """All in one test: the way there costs more than the check."""
    good = dict(vars(provider))
    for name, changes in SPOILED.items():
        vars(provider).update({**good, **changes})
        browser, answer = entered(login_id, provider)
        assert answer.status_code == 403, name
        assert browser.get(OFFICE).status_code == 302, name
    vars(provider).update(good)
    assert entered(login_id, provider)[1].status_code == 302


def test_id_token_of_pss_and_several_audiences_is_taken(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider
) -> None:
    provider.alg, provider.spoil = "PS256", {"aud": [CLIENT, "lain"], "azp": CLIENT}

    assert entered(login_id, provider)[1].status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://lain.contoho.go.id"},
        {"iss": None},
        {"code": None},
        {"code": None, "error": "access_denied"},
        {"state": "lain"},
        {"state": None},
        {"code": "lain"},
    ],
)
def test_answer_spoiled_is_refused(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider, changes: dict[str, str | None]
) -> None:
    browser = Browser()
    given = {**provider.authorize(browser.get(f"/masuk/instansi/{login_id}/")["Location"]), **changes}

    answer = returned(browser, login_id, {name: value for name, value in given.items() if value is not None})

    assert answer.status_code in (403, 410)
    assert browser.get(OFFICE).status_code == 302


def test_answer_twice_or_in_another_browser_is_refused(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider
) -> None:
    browser, thief = Browser(), Browser()
    given = provider.authorize(browser.get(f"/masuk/instansi/{login_id}/")["Location"])
    thief.get(f"/masuk/instansi/{login_id}/")

    assert returned(thief, login_id, given).status_code == 410
    assert returned(browser, login_id, given).status_code == 302
    assert returned(browser, login_id, given).status_code == 410
    assert browser.get("/masuk/instansi/selesai/").status_code == 410


def test_answer_of_one_login_at_another_is_refused(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider, administrator: Actor, approver: Actor
) -> None:
    """Mix-up: each login has its own redirect address, and the state belongs to one of them."""
    other = login_register(LoginProtocol.OIDC, name="SSO lain", by=administrator)
    login_propose(other, OidcConnection(provider.issuer, CLIENT, "private_key_jwt"), by=administrator)
    login_approve(other, by=approver)
    browser = Browser()
    given = provider.authorize(browser.get(f"/masuk/instansi/{login_id}/")["Location"])

    assert returned(browser, other, given).status_code == 410


def test_link_is_of_the_person_who_began_it(
    account: Account, own: Browser, login_id: UUID, provider: FakeAgencyProvider, operator: PositionView
) -> None:
    """A cheat lets a victim finish the way the cheat began, or the other way round: nothing is linked."""
    budi = person(DEWI_NIK, "Dewi", date(1985, 1, 1))
    assignment_create(person_id=budi, position_id=operator.id, valid_from=date(2024, 1, 2), by=SETUP)
    cheat = sign_in(Account.objects.get(person_id=budi))
    given = provider.authorize(cheat.get(f"/akun/instansi/{login_id}/tautkan/")["Location"])

    assert returned(own, login_id, given).status_code == 410
    assert OfficerLink.objects.count() == 0


def test_link_of_a_login_that_another_person_has_is_refused(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider, operator: PositionView
) -> None:
    budi = person(DEWI_NIK, "Dewi", date(1985, 1, 1))
    assignment_create(person_id=budi, position_id=operator.id, valid_from=date(2024, 1, 2), by=SETUP)
    thief = sign_in(Account.objects.get(person_id=budi))

    assert linked(thief, login_id, provider).status_code == 409
    assert OfficerLink.objects.get().person_id == link.person_id


def test_link_needs_a_position_two_factors_and_a_fresh_proof_on_both_sides(
    account: Account, own: Browser, login_id: UUID, provider: FakeAgencyProvider
) -> None:
    stranger = person(BUDI_NIK, "Budi", date(1988, 5, 17))
    outside = sign_in(Account.objects.get(person_id=stranger))
    assert linked(outside, login_id, provider).status_code == 403

    stale = sign_in(account, ago=timedelta(hours=1))
    assert stale.get(f"/akun/instansi/{login_id}/tautkan/")["Location"] == "/masuk/tingkat/"
    provider.signed_in_ago = 3600
    assert linked(own, login_id, provider).status_code == 403
    provider.signed_in_ago, provider.spoil = 0, {"auth_time": None}
    assert linked(own, login_id, provider).status_code == 403
    assert OfficerLink.objects.count() == 0


def test_link_cannot_be_made_in_a_session_of_the_agencys_login(
    link: OfficerLink, login_id: UUID, provider: FakeAgencyProvider
) -> None:
    browser, _ = entered(login_id, provider)

    sent = browser.get(f"/akun/instansi/{login_id}/tautkan/")

    assert sent["Location"].startswith("/masuk/?")


def test_page_of_links_offers_what_can_be_linked(
    own: Browser, login_id: UUID, provider: FakeAgencyProvider
) -> None:
    assert "SSO Kota" in own.get("/akun/instansi/").content.decode()
    linked(own, login_id, provider)
    page = own.get("/akun/instansi/").content.decode()
    assert "/lepas/" in page
    assert "/tautkan/" not in page
    assert "SSO Kota" in Browser().get("/masuk/instansi/?cari=tangerang").content.decode()
    assert "SSO Kota" not in Browser().get("/masuk/instansi/?cari=zzz").content.decode()


def test_approval_is_somebody_elses_and_pins_the_endpoints(
    provider: FakeAgencyProvider, administrator: Actor, approver: Actor
) -> None:
    made = login_register(LoginProtocol.OIDC, name="SSO", by=administrator)
    with pytest.raises(LoginStageWrong):
        login_approve(made, by=approver)
    login_propose(made, OidcConnection(provider.issuer, CLIENT, "private_key_jwt"), by=administrator)
    with pytest.raises(FourEyesNeeded):
        login_approve(made, by=administrator)
    with pytest.raises(FourEyesNeeded):
        login_approve(
            made, by=Actor.officer(administrator.person_id or UUID(int=0), agency="portal", position="x")
        )
    login_approve(made, by=approver)

    row = AgencyLogin.objects.get()
    assert (row.stage, row.connection["token_endpoint"]) == (LoginStage.ACTIVE, f"{provider.issuer}/token")
    login_propose(
        made, OidcConnection("https://lain.contoho.go.id", CLIENT, "private_key_jwt"), by=administrator
    )
    row.refresh_from_db()
    assert (row.stage, row.connection["issuer"]) == (LoginStage.ACTIVE, provider.issuer)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://lain.contoho.go.id"},
        {"token_endpoint": "https://lain.contoho.go.id/token"},
        {"jwks_uri": "http://169.254.169.254/latest"},
        {"authorization_endpoint": None},
        {"jwks_uri": 7},
    ],
)
def test_approval_with_metadata_that_leads_elsewhere_is_refused(
    provider: FakeAgencyProvider, administrator: Actor, approver: Actor, changes: dict[str, Any]
) -> None:
    provider.metadata_changes = changes
    made = login_register(LoginProtocol.OIDC, name="SSO", by=administrator)
    login_propose(made, OidcConnection(provider.issuer, CLIENT, "private_key_jwt"), by=administrator)

    with pytest.raises(FetchRefused):
        login_approve(made, by=approver)


@pytest.mark.parametrize(
    ("address", "client_id", "method"),
    [
        ("http://sso.contoho.go.id", CLIENT, "private_key_jwt"),
        ("https://a@sso.contoho.go.id", CLIENT, "private_key_jwt"),
        ("https://sso.contoho.go.id?x=1", CLIENT, "private_key_jwt"),
        ("https://sso.contoho.go.id", "", "private_key_jwt"),
        ("https://sso.contoho.go.id", "own", "private_key_jwt"),
        ("https://sso.contoho.go.id", CLIENT, "none"),
        ("https://sso.contoho.go.id", CLIENT, "client_secret_basic"),
    ],
)
def test_proposal_broken_is_refused(administrator: Actor, address: str, client_id: str, method: str) -> None:
    made = login_register(LoginProtocol.OIDC, name="SSO", by=administrator)
    name = issuer() if client_id == "own" else client_id

    with pytest.raises(LoginInvalid):
        login_propose(made, OidcConnection(address, name, method), by=administrator)


def test_login_of_another_agency_is_not_there(login_id: UUID, administrator: Actor) -> None:
    stranger = Actor.officer(administrator.person_id or UUID(int=0), agency="kominfo.36.71", position="x")

    with pytest.raises(LoginUnknown):
        login_end(login_id, by=stranger)
