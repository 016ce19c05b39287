"""Two operators and the account they look after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client as Browser

from terpadu.directory.public import AgencyView, position_create
from terpadu.identity.models import Account
from terpadu.identity.policies.provider import OPERATORS
from terpadu.kernel.actors import Actor
from tests.identity.conftest import SETUP
from tests.identity.people import BUDI_NIK, RINA_NIK, officer, person


@dataclass(frozen=True)
class Operator:
    """An operator: as an actor, and their browser."""

    actor: Actor
    browser: Browser


def make_operator(nik: str, name: str, kind: str, agency: AgencyView) -> Operator:
    """Appoint somebody and sign them in."""
    position = position_create(agency_code=agency.code, kind=kind, title=kind, by=SETUP)
    actor = officer(person(nik, name, date(1988, 5, 17)), position)
    browser = Browser()
    browser.cookies["language"] = "en"
    account = Account.objects.get(person_id=actor.person_id)
    browser.force_login(account, backend="terpadu.identity.web.backend.AccountBackend")
    return Operator(actor, browser)


@pytest.fixture
def dian(platform: AgencyView) -> Operator:
    """The first operator."""
    return make_operator(BUDI_NIK, "Dian Anggraini", OPERATORS[0], platform)


@pytest.fixture
def nadia(agency: AgencyView) -> Operator:
    """The second operator."""
    return make_operator(RINA_NIK, "Nadia Putri", OPERATORS[1], agency)
