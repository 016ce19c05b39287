"""An agency's administrator: people and positions with dates, the directory's groups, the own login and its approval."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import AgencyView, PositionView, agency_create, position_create
from terpadu.identity.models import Account, AgencyLogin, Assignment, ScimGroup
from terpadu.identity.policies.provider import OPERATORS
from terpadu.identity.public import assignments_of
from terpadu.identity.rules.scim_access import SCOPE
from terpadu.identity.selectors.provider.clients import client_list
from terpadu.identity.web.agency.people import ADMINISTRATOR
from terpadu.kernel.clock import today
from tests.identity.agency_login.fake_identity_provider import FakeIdentityProvider, make_key
from tests.identity.conftest import NAME, NIK, SETUP
from tests.identity.people import BUDI_NIK, DEWI_NIK, RINA_NIK, browser_of, officer, person
from tests.identity.test_agency_pages import key_file

pytestmark = pytest.mark.django_db
PEOPLE, DIRECTORY, LOGIN, QUEUE = (
    "/instansi/petugas/",
    "/instansi/direktori/",
    "/instansi/login/",
    "/operator/identitas/login/",
)
NEXT_YEAR = today() + timedelta(days=365)


def holder(nik: str, name: str, kind: str, agency: str) -> Browser:
    """Appoint somebody and return their browser."""
    position = position_create(agency_code=agency, kind=kind, title=kind, by=SETUP)
    officer(person(nik, name, date(1988, 5, 17)), position)
    return browser_of(nik, lang="en")


@pytest.fixture
def admin(agency: AgencyView) -> Browser:
    """Who administers the agency's people."""
    return holder(BUDI_NIK, "Yoga Nugraha", ADMINISTRATOR, agency.code)


@pytest.fixture
def approver(platform: AgencyView) -> Browser:
    """Who approves."""
    return holder(RINA_NIK, "Nadia Putri", OPERATORS[0], platform.code)


def day(name: str, value: date | None) -> dict[str, str]:
    parts = (value.day, value.month, value.year) if value else ("", "", "")
    return {f"{name}_{part}": str(one) for part, one in zip(("day", "month", "year"), parts, strict=True)}


def typed(position: PositionView, **changes: Any) -> dict[str, str]:
    said = {"nik": NIK, "name": NAME, "position": changes.pop("chosen", str(position.id))}
    last = changes.pop("last_day", None)
    first = changes.pop("first_day", today())
    return {**said, **day("first_day", first), **day("last_day", last), **changes}


def test_position_is_given_with_days_and_listed(
    admin: Browser, account: Account, operator: PositionView
) -> None:
    answer = admin.post(f"{PEOPLE}angkat/", typed(operator, last_day=NEXT_YEAR))

    assert answer.status_code == 302, answer.content.decode()
    [view] = assignments_of(account.person_id, on=NEXT_YEAR)
    assert view.valid_to == NEXT_YEAR + timedelta(days=1)
    assert NAME in admin.get(PEOPLE).content.decode()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "Siti Lain"}, 422),
        ({"nik": DEWI_NIK}, 422),
        ({"nik": BUDI_NIK, "name": "Yoga Nugraha"}, 403),
        ({"nik": "1"}, 422),
        ({"last_day": today() - timedelta(days=9)}, 400),
        ({"chosen": "00000000-0000-0000-0000-000000000000"}, 422),
    ],
)
def test_position_that_cannot_be_given_is_refused_in_the_form(
    admin: Browser, account: Account, operator: PositionView, changes: dict[str, Any], status: int
) -> None:
    answer = admin.post(f"{PEOPLE}angkat/", typed(operator, **changes))

    assert answer.status_code == status
    assert assignments_of(account.person_id, on=today()) == []


def test_position_ends_now_or_after_a_day(admin: Browser, account: Account, operator: PositionView) -> None:
    admin.post(f"{PEOPLE}angkat/", typed(operator))
    row = Assignment.objects.get(person_id=account.person_id)
    address = f"{PEOPLE}{row.id}/akhiri/"

    assert NAME in admin.get(address).content.decode()
    assert admin.post(address, day("last_day", NEXT_YEAR)).status_code == 302
    assert assignments_of(account.person_id, on=NEXT_YEAR + timedelta(days=1)) == []
    assert admin.post(address, day("last_day", today() - timedelta(days=5))).status_code == 400
    assert admin.post(address, day("last_day", None)).status_code == 302
    assert assignments_of(account.person_id, on=today()) == []
    assert admin.post(address, day("last_day", NEXT_YEAR)).status_code == 400


def test_pages_are_the_administrators_and_their_agencys(
    admin: Browser, approver: Browser, account: Account, operator: PositionView
) -> None:
    admin.post(f"{PEOPLE}angkat/", typed(operator))
    row = Assignment.objects.get(person_id=account.person_id)
    other = agency_create(
        "kominfo.36.71",
        peer_id="36710002",
        name="Dinas Kominfo Kota Tangerang",
        short_name="Kominfo",
        kind=AgencyKind.REGIONAL_OFFICE,
        region_code="36.71",
        by=SETUP,
    )
    stranger = holder(DEWI_NIK, "Dewi", ADMINISTRATOR, other.code)

    for page in (PEOPLE, DIRECTORY, LOGIN):
        assert approver.get(page).status_code == 403
    assert stranger.get(f"{PEOPLE}{row.id}/akhiri/").status_code == 404
    assert stranger.post(f"{PEOPLE}{row.id}/akhiri/").status_code == 404
    assert NAME not in stranger.get(PEOPLE).content.decode()
    assert (
        stranger.post(f"{PEOPLE}angkat/", typed(operator, nik=BUDI_NIK, name="Yoga Nugraha")).status_code
        == 422
    )


def test_directory_is_registered_and_its_groups_are_mapped(
    admin: Browser, agency: AgencyView, operator: PositionView
) -> None:
    answer = admin.post(DIRECTORY, {"name": "SIMPEG Kota", "jwks": key_file()})
    assert answer.status_code == 302, answer.content.decode()
    [system] = client_list(agency_code=agency.code)
    assert (system.kind, system.stage, system.scopes) == ("system", "requested", (SCOPE,))

    group = ScimGroup.objects.create(agency_id=agency.id, display_name="Operator SIAK")
    assert admin.post(f"{DIRECTORY}{group.id}/", {"position": str(operator.id)}).status_code == 302
    page = admin.get(DIRECTORY).content.decode()
    assert "selected" in page
    assert "/scim/v2" in page
    assert admin.post(f"{DIRECTORY}{group.id}/", {"position": "x"}).status_code == 404
    assert (
        admin.post(DIRECTORY, {"name": "S", "jwks": key_file({"kty": "oct", "k": "YQ"})}).status_code == 422
    )


def test_saml_login_is_set_up_and_approved_by_somebody_else(admin: Browser, approver: Browser) -> None:
    idp = FakeIdentityProvider(*make_key())
    made = admin.post(LOGIN, {"name": "AD Kota", "protocol": "saml"})["Location"]
    assert "/saml/metadata" in admin.get(made).content.decode()
    levels = "urn:contoho:token = loa2"
    broken = SimpleUploadedFile("idp.xml", b"<x/>", "application/xml")
    assert admin.post(made, {"levels": levels, "metadata": broken}).status_code == 422

    good = SimpleUploadedFile("idp.xml", idp.metadata(), "application/xml")
    assert admin.post(made, {"levels": levels, "metadata": good}).status_code == 302
    row = AgencyLogin.objects.get()
    assert (row.stage, row.proposed["levels"]) == ("requested", {"urn:contoho:token": "loa2"})
    queue = approver.get(QUEUE).content.decode()
    assert idp.entity_id in queue
    assert idp.certificate.fingerprint(idp.certificate.signature_hash_algorithm).hex()[:2].upper() in queue
    assert approver.post(QUEUE, {"login": str(row.id), "answer": "reject"}).status_code == 422
    assert approver.post(QUEUE, {"login": "x", "answer": "approve"}).status_code == 404
    assert approver.post(QUEUE, {"login": str(row.id), "answer": "approve"}).status_code == 302
    row.refresh_from_db()
    assert row.stage == "active"
    assert admin.get(f"{made}akhiri/").status_code == 200
    assert admin.post(f"{made}akhiri/").status_code == 302
    assert Browser().get(f"/masuk/instansi/{row.id}/").status_code == 404


def test_oidc_login_with_mistakes_names_them(admin: Browser) -> None:
    made = admin.post(LOGIN, {"name": "SSO Kota", "protocol": "oidc"})["Location"]
    said = {
        "issuer": "http://sso.contoho.go.id",
        "client_id": "terpadu",
        "auth_method": "client_secret_basic",
    }

    page = admin.post(made, {**said, "levels": "x = loa3"})
    assert page.status_code == 422
    words = page.content.decode()
    assert "must begin with https" in words
    assert "At most loa2" in words
    assert "client secret first" in words
    assert admin.post(made, {**said, "levels": "nonsense"}).status_code == 422
    assert admin.post(f"{made}rahasia/", {"secret": "short"}).status_code == 422
    assert admin.post(f"{made}rahasia/", {"secret": "x" * 20}).status_code == 302
    good = {**said, "issuer": "https://sso.contoho.go.id", "levels": ""}
    assert admin.post(made, good).status_code == 302
    assert "x" * 20 not in admin.get(made).content.decode()
