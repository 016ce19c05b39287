"""An officer with an account and a position, and their agency's login in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from terpadu.directory.public import PositionView
from terpadu.identity.enums import LoginProtocol, SignInMethod
from terpadu.identity.models import Account
from terpadu.identity.public import assignment_create
from terpadu.identity.rules.agency_logins.connection import OidcConnection
from terpadu.identity.services import accounts
from terpadu.identity.services.agency_logins.registration import (
    login_approve,
    login_propose,
    login_register,
    secret_set,
)
from terpadu.kernel.actors import Actor
from tests.identity.agency_login.fake_agency_provider import CLIENT, SECRET, FakeAgencyProvider, serving
from tests.identity.conftest import OTHER_NIK, PASSWORD, SETUP
from tests.identity.people import RINA_NIK, person
from tests.identity.provider.conftest import sign_in

AGENCY = "disdukcapil.36.71"


@pytest.fixture(autouse=True)
def pages_of_identity(settings: Settings) -> None:
    """Serve the pages of identity alone, in the demo country."""
    settings.DEMO, settings.ROOT_URLCONF = True, "tests.identity.pages_urls"


@pytest.fixture(scope="module")
def one_provider() -> Iterator[FakeAgencyProvider]:
    """The socket of a module's provider."""
    with serving() as made:
        yield made


@pytest.fixture
def provider(one_provider: FakeAgencyProvider) -> FakeAgencyProvider:
    """The agency's provider, unspoiled."""
    fresh = replace(FakeAgencyProvider(one_provider.issuer, key=one_provider.key))
    vars(one_provider).update(vars(fresh))
    return one_provider


@pytest.fixture
def administrator(operator: PositionView) -> Actor:
    """Who administers the agency's people."""
    boss = person(OTHER_NIK, "Budi", date(1988, 5, 17), has_account=False)
    return Actor.officer(boss, agency=AGENCY, position=str(operator.id))


@pytest.fixture
def approver(db: None) -> Actor:
    """An operator."""
    other = person(RINA_NIK, "Nadia Putri", date(1995, 9, 3), has_account=False)
    return Actor.officer(other, agency="portal", position="operator_identitas")


@pytest.fixture
def account(siti: UUID, operator: PositionView) -> Account:
    """Siti, who is an officer."""
    accounts.account_create(siti, password=PASSWORD, by=SETUP)
    assignment_create(person_id=siti, position_id=operator.id, valid_from=date(2024, 1, 2), by=SETUP)
    return Account.objects.select_related("person").get(person_id=siti)


@pytest.fixture
def own(account: Account) -> Browser:
    """Siti's browser, signed in by her own account with two factors."""
    return sign_in(account, SignInMethod.TOTP)


@pytest.fixture
def login_id(provider: FakeAgencyProvider, administrator: Actor, approver: Actor) -> UUID:
    """The agency's OpenID Connect login, approved."""
    made = login_register(LoginProtocol.OIDC, name="SSO Kota", by=administrator)
    secret_set(made, SECRET, by=administrator)
    said = OidcConnection(provider.issuer, CLIENT, "client_secret_basic", {"urn:kota:dua": "loa2"})
    login_propose(made, said, by=administrator)
    login_approve(made, by=approver)
    return made
