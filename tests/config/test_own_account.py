"""What four eyes guard asks for an officer's own account, in every domain: an agency's login could play two officers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import agency_create, position_create
from terpadu.exchange.enums import OPERATOR, PLATFORM
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu.identity.enums import LoginProtocol, LoginStage
from terpadu.identity.models import Account, AgencyLogin, OfficerLink
from terpadu.identity.policies.agency_login import AGENCY_LOGIN
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.identity.services.accounts import account_create
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7

BY = Actor.system("tests")
BACKEND = "terpadu.identity.web.backend.AccountBackend"
ONE = UUID(int=1)
SUPERVISOR = disclosure_law().supervisor
EXCHANGE = {
    (SUPERVISOR.agency, SUPERVISOR.position): (
        "/pertukaran/pengawas/",
        "/pertukaran/pengawas/orang/",
        f"/pertukaran/pengawas/perjanjian/{ONE}/",
        "/pertukaran/pengawas/catatan/",
    ),
    (PLATFORM, OPERATOR): (
        "/pertukaran/pengawas/catatan/",
        "/pertukaran/gabung/permintaan/",
        f"/pertukaran/gabung/permintaan/{ONE}/setujui/",
    ),
}
"""Pages of four eyes by agency and kind of position."""
ELSEWHERE = (
    "/portofolio/izin/meja/",
    f"/portofolio/izin/{ONE}/putus/",
    f"/portofolio/izin/{ONE}/banding/",
    f"/portofolio/izin/{ONE}/meja/arsitektur/",
    "/maturitas/",
    f"/maturitas/{ONE}/persetujuan/",
    f"/maturitas/{ONE}/final/",
    f"/maturitas/{ONE}/keberatan/{ONE}/",
)


def by_agency_login(agency_code: str, kind: str) -> Client:
    """Return the browser of an officer who came by the login of their agency."""
    agency = agency_create(
        agency_code, peer_id="00000099", name=agency_code, short_name=agency_code, kind=AgencyKind.MINISTRY,
        region_code="", by=BY,
    )  # fmt: skip
    position = position_create(agency_code=agency_code, kind=kind, title=kind, by=BY)
    born = date(1992, 6, 14)
    person_id = person_ensure(nik="3671015406920003", name="Siti", birth_on=born, sex="P", by=BY)
    account_create(person_id, password=uuid7().hex, by=BY)
    assignment_create(person_id=person_id, position_id=position.id, valid_from=date(2024, 1, 2), by=BY)
    login = AgencyLogin.objects.create(
        agency_id=agency.id, protocol=LoginProtocol.OIDC, name="SSO", stage=LoginStage.ACTIVE
    )
    link = OfficerLink.objects.create(login=login, person_id=person_id, subject_hash=uuid7().hex)
    client = Client()
    client.force_login(Account.objects.get(person_id=person_id), backend=BACKEND)
    session = client.session
    session[AGENCY_LOGIN] = str(link.id)
    session.save()
    return client


def check_asks_for_own_account(client: Client, path: str) -> None:
    """Check that a page sends an officer to sign in, by whichever method it takes."""
    answers = [one for one in (client.get(path), client.post(path)) if one.status_code != 405]
    places = [(one.status_code, one.headers.get("Location", "").partition("?")[0]) for one in answers]
    assert set(places) == {(302, "/masuk/")}, path


@pytest.mark.django_db
@pytest.mark.parametrize(("agency_code", "kind"), EXCHANGE)
def test_exchange_pages_of_four_eyes_need_the_own_account(agency_code: str, kind: str) -> None:
    client = by_agency_login(agency_code, kind)

    assert client.get("/pertukaran/").status_code == 200
    for path in EXCHANGE[agency_code, kind]:
        check_asks_for_own_account(client, path)


@pytest.mark.django_db
def test_pages_of_portfolio_and_maturity_need_the_own_account() -> None:
    client = by_agency_login("panrb", "pemutus_izin")

    for path in ELSEWHERE:
        check_asks_for_own_account(client, path)


def test_no_page_of_portfolio_and_maturity_is_open_to_an_agencys_login() -> None:
    """Their decisions are four-eyes ones; a new page there that opens itself to agencies' logins has to think of it."""
    opened = [
        pattern.name
        for pattern in _patterns(get_resolver())
        if getattr(pattern.callback, "allows_agency_login", False)
        and pattern.callback.__module__.split(".")[1] in ("portfolio", "maturity")
    ]
    assert opened == []


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one)
        else:
            yield one
