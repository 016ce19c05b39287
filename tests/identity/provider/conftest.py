"""Clients in production, and persons signed in to a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client as Browser

from terpadu.directory.public import AgencyView
from terpadu.identity.enums import ProofingMethod, SignInMethod, SignInOutcome
from terpadu.identity.models import Account, Client, SignIn
from terpadu.identity.rules.provider.claims import ClaimUse
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.services import accounts
from terpadu.identity.services.proofing import proofing_record
from terpadu.identity.services.provider.clients import PlainException, client_register, fetch_hosts_set
from terpadu.identity.web import session
from terpadu.kernel.clock import now, today
from tests.identity.conftest import PASSWORD, SETUP
from tests.identity.provider.agency_server import AgencyServer, running_server
from tests.identity.provider.party import REDIRECT, Party, make_key

USES = (
    ClaimUse("name", True, "Nama di nomor antrean", "The name on the queue number", "UU 23/2006 ps. 58"),
    ClaimUse("birthdate", False, "Mendahulukan lansia", "To put the elderly first", "UU 13/1998 ps. 5"),
    ClaimUse("gender", False, "Menyapa dengan benar", "To address you rightly", "UU 23/2006 ps. 58"),
    ClaimUse("nik", False, "Mencari berkas Anda", "To find your file", "UU 23/2006 ps. 64"),
    ClaimUse(
        "verified_claims",
        False,
        "Tahu cara Anda diperiksa",
        "To know how you were checked",
        "Permendagri 72/2022",
    ),
)
DRAFT = ClientDraft(
    kind="web",
    name="Antrean Dukcapil",
    name_en="Civil registry queue",
    contact="helpdesk 1500 537",
    redirect_uris=(REDIRECT,),
    post_logout_redirect_uris=("https://antre.contoho.go.id/selesai",),
    grant_types=("refresh_token",),
    scopes=("openid", "profile", "nik", "proofing", "offline_access"),
    detail_types=("data_share",),
    claim_uses=USES,
)
MakeParty = Callable[..., Party]


@pytest.fixture
def account(siti: UUID) -> Account:
    """Siti's account, matched in the registry."""
    accounts.account_create(siti, password=PASSWORD, by=SETUP)
    proofing_record(siti, method=ProofingMethod.REGISTRY, by=SETUP)
    return Account.objects.select_related("person").get(person_id=siti)


def sign_in(account: Account, *methods: SignInMethod, ago: timedelta = timedelta()) -> Browser:
    """Return a browser in which a person has signed in by some methods, a while ago."""
    browser = Browser()
    browser.force_login(account, backend=session.BACKEND)
    store = browser.session
    at = now() - ago
    used = methods or (SignInMethod.TOTP,)
    store[session.METHODS] = [{"method": method.value, "at": int(at.timestamp())} for method in used]
    store[session.CONFIRMED_AT] = at.timestamp()
    store.save()
    SignIn.objects.create(
        account=account,
        method=used[0],
        outcome=SignInOutcome.SIGNED_IN,
        network="203.0.113.7",
        device="Chrome",
        session_key=store.session_key,
    )
    return browser


@pytest.fixture
def browser(account: Account) -> Browser:
    """Siti's browser, signed in with two factors."""
    return sign_in(account)


@pytest.fixture
def make_party(agency: AgencyView, browser: Browser) -> MakeParty:
    """Return a maker of clients in production; keywords change the draft."""

    def make(*, alg: str = "ES256", client_id: str = "", plain: bool = False, **changes: Any) -> Party:
        key = make_key(alg)
        draft = replace(DRAFT, jwks={"keys": [key.as_dict(private=False)]})
        if plain or changes.get("auth_method") == "none":
            draft = replace(draft, jwks={})
        if plain:
            draft = replace(draft, auth_method="client_secret_basic")
        draft = replace(draft, **changes)
        leave = PlainException(until=today() + timedelta(days=30), reason="old") if plain else None
        name = client_id or f"antre-{uuid4().hex[:8]}"
        made = client_register(agency.code, draft, by=SETUP, client_id=name, exception=leave)
        Client.objects.filter(client_id=name).update(stage="production")
        party = Party(client_id=name, key=key, browser=browser, alg=alg)
        if plain:
            party.extra = {"plain": True, "secret": made.secret}
        return party

    return make


@pytest.fixture
def party(make_party: MakeParty) -> Party:
    """The queue of the civil registry: FAPI 2.0, ES256."""
    return make_party()


@pytest.fixture
def server(agency: AgencyView) -> Iterator[AgencyServer]:
    """A running server of the agency, on its allow-list."""
    with running_server() as found:
        fetch_hosts_set(agency.code, frozenset({found.host}), by=SETUP)
        yield found
