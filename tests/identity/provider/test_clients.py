"""Applications: registered, tried, approved with four eyes, changed, suspended, given exceptions that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from terpadu.directory.public import AgencyView
from terpadu.identity.errors import ClientInvalid, ClientStageWrong, ClientUnknown, FourEyesNeeded
from terpadu.identity.rules.provider.addresses import find_redirect_fault
from terpadu.identity.rules.provider.claims import ClaimUse
from terpadu.identity.rules.provider.keys import find_keys_fault
from terpadu.identity.rules.provider.metadata import ClientDraft, find_faults
from terpadu.identity.selectors.provider.clients import client_get
from terpadu.identity.services.provider.clients import (
    PlainException,
    client_approve,
    client_exception_end,
    client_exception_grant,
    client_register,
    client_reject,
    client_request_production,
    client_resume,
    client_secret_renew,
    client_suspend,
    client_update,
    draft_of,
    fetch_hosts_set,
)
from terpadu.identity.services.provider.secrets import is_secret
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from tests.identity.conftest import SETUP

pytestmark = pytest.mark.django_db

KEY = ECKey.generate_key("P-256", {"kid": "a"})
NAME_USE = ClaimUse("name", True, "Menulis nama di surat", "To write the name", "UU 23/2006 ps. 58")
DRAFT = ClientDraft(
    kind="web",
    name="Antrean Dukcapil",
    redirect_uris=("https://antre.contoho.go.id/balik",),
    jwks={"keys": [KEY.as_dict(private=False)]},
    claim_uses=(NAME_USE,),
)


def officer() -> Actor:
    return Actor.officer(uuid4(), agency="disdukcapil.36.71", position="x")


def test_client_register_in_sandbox_works_at_once(agency: AgencyView) -> None:
    made = client_register(agency.code, DRAFT, by=SETUP)

    assert made.secret == ""
    assert made.client.is_sandbox
    assert made.client.is_usable(today())
    assert made.client.sector == "antre.contoho.go.id"
    assert made.client.grant_types == {"authorization_code"}
    assert draft_of(made.client) == replace(DRAFT, grant_types=("authorization_code",))


def test_client_approve_by_who_asked_is_refused(agency: AgencyView) -> None:
    one, other = officer(), officer()
    client_id = client_register(agency.code, DRAFT, by=one).client.client_id
    client_request_production(client_id, by=one)

    with pytest.raises(FourEyesNeeded):
        client_approve(client_id, by=one)

    assert client_approve(client_id, by=other).client.stage == "production"


def test_client_update_in_production_waits_for_what_people_agreed_to(agency: AgencyView) -> None:
    client_id = client_register(agency.code, DRAFT, by=SETUP).client.client_id
    client_request_production(client_id, by=officer())
    client_approve(client_id, by=officer())
    wider = replace(DRAFT, redirect_uris=("https://antre.contoho.go.id/lain",), contact="helpdesk")

    changed = client_update(client_id, wider, by=officer())
    assert changed.redirect_uris == DRAFT.redirect_uris
    assert changed.contact == "helpdesk"

    approved = client_approve(client_id, by=officer()).client
    assert approved.redirect_uris == wider.redirect_uris
    assert approved.proposed is None


def test_client_reject_of_a_change_leaves_production_as_it_is(agency: AgencyView) -> None:
    client_id = client_register(agency.code, DRAFT, by=SETUP).client.client_id
    client_request_production(client_id, by=officer())
    client_approve(client_id, by=officer())
    client_update(client_id, replace(DRAFT, scopes=("openid", "offline_access")), by=officer())

    after = client_reject(client_id, reason="no need", by=officer())

    assert (after.stage, after.scopes, after.proposed) == ("production", ("openid",), None)
    with pytest.raises(ClientStageWrong):
        client_approve(client_id, by=officer())


def test_client_suspend_and_resume_change_the_version(agency: AgencyView) -> None:
    first = client_register(agency.code, DRAFT, by=SETUP).client

    stopped = client_suspend(first.client_id, reason="leak", by=SETUP)
    assert not stopped.is_usable(today())
    assert stopped.version > first.version
    assert client_resume(first.client_id, by=SETUP).is_usable(today())
    with pytest.raises(ClientUnknown):
        client_suspend("nobody", reason="", by=SETUP)


def test_plain_exception_ends_by_its_date(agency: AgencyView) -> None:
    plain = replace(DRAFT, auth_method="client_secret_basic", jwks={})
    with pytest.raises(ClientInvalid, match="client_invalid"):
        client_register(agency.code, plain, by=SETUP)
    leave = PlainException(until=today() + timedelta(days=1), reason="old program")
    made = client_register(agency.code, plain, by=SETUP, exception=leave)

    assert is_secret(made.secret, digest=made.client.secret_digest)
    assert made.client.is_usable(leave.until)
    assert not made.client.is_usable(leave.until + timedelta(days=1))
    renewed = client_secret_renew(made.client.client_id, by=SETUP)
    assert not is_secret(made.secret, digest=client_get(made.client.client_id).secret_digest)
    assert is_secret(renewed, digest=client_get(made.client.client_id).secret_digest)
    longer = client_exception_grant(
        made.client.client_id, until=today() + timedelta(days=9), reason="", by=SETUP
    )
    assert longer.is_usable(today() + timedelta(days=9))
    assert client_exception_end(made.client.client_id, by=SETUP).secret_digest == ""


def test_fetch_hosts_allow_an_address_for_all_clients_of_the_agency(agency: AgencyView) -> None:
    draft = replace(DRAFT, jwks={}, jwks_uri="https://kunci.contoho.go.id/jwks")
    with pytest.raises(ClientInvalid):
        client_register(agency.code, draft, by=SETUP)

    fetch_hosts_set(agency.code, frozenset({"kunci.contoho.go.id"}), by=SETUP)

    assert client_register(agency.code, draft, by=SETUP).client.fetch_hosts == {"kunci.contoho.go.id"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": "robot"}, ("kind", "unknown")),
        ({"name": "x"}, ("name", "length")),
        ({"redirect_uris": ()}, ("redirect_uris", "missing")),
        ({"redirect_uris": ("https://a.go.id/", "https://b.go.id/")}, ("sector_identifier_uri", "missing")),
        ({"claim_uses": (replace(NAME_USE, legal_basis=" "),)}, ("claim_uses", "purpose")),
        ({"claim_uses": (replace(NAME_USE, claim="religion"),)}, ("claim_uses", "unknown")),
        ({"scopes": ("openid", "nik")}, ("claim_uses", "missing")),
        ({"scopes": ("openid", "everything")}, ("scopes", "unknown")),
        ({"grant_types": ("password",)}, ("grant_types", "unknown")),
        ({"auth_method": "none"}, ("auth_method", "public")),
        ({"auth_method": "client_secret_post"}, ("auth_method", "exception needed")),
        ({"jwks": {}}, ("jwks", "missing")),
        ({"id_token_alg": "RS256"}, ("id_token_alg", "unknown")),
        ({"min_acr": "loa9"}, ("min_acr", "unknown")),
        ({"logo_uri": "https://169.254.169.254/logo.png"}, ("logo_uri", "host")),
        ({"logo_uri": "https://contoho.go.id/logo.png"}, ("logo_uri", "not allowed")),
        ({"backchannel_logout_uri": "http://localhost:1/"}, ("backchannel_logout_uri", "not allowed")),
    ],
)
def test_find_faults_in_a_draft_names_field_and_reason(
    change: dict[str, object], fault: tuple[str, str]
) -> None:
    assert fault in find_faults(replace(DRAFT, **change))


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("https://a.go.id/balik?x=1", ""),
        ("http://localhost:8080/balik", ""),
        ("http://a.go.id/balik", "scheme"),
        ("https://a.go.id/#x", "fragment"),
        ("https://siti@a.go.id/", "userinfo"),
        ("https://A.go.id/", "host"),
        ("https://a.go.id./", "host"),
        ("https://*.go.id/", "wildcard"),
        ("https://a.go.id/../b", "path"),
        ("https://a.go.id/%2e%2e/b", "path"),
        ("https://a.go.id\\@b.go.id/", "characters"),
        ("https://a.go.id:99999/", "form"),
        ("https://10.0.0.1/", "host"),
        ("javascript:alert(1)", "form"),
        ("data:text/html,x", "form"),
        ("https://a.go.id/\nx", "characters"),
        ("", "characters"),
    ],
)
def test_find_redirect_fault_in_an_address(address: str, fault: str) -> None:
    assert find_redirect_fault(address) == fault


def test_find_redirect_fault_lets_phones_use_their_own_scheme() -> None:
    assert find_redirect_fault("id.go.contoho.antre:/balik", is_native=True) == ""
    assert find_redirect_fault("id.go.contoho.antre:/balik") != ""


@pytest.mark.parametrize(
    ("jwks", "fault"),
    [
        ({"keys": [KEY.as_dict(private=False)]}, ""),
        ({"keys": [OKPKey.generate_key("Ed25519").as_dict(private=False)]}, ""),
        ({"keys": [ECKey.generate_key("P-521").as_dict(private=False)]}, ""),
        ({"keys": [RSAKey.generate_key(2048).as_dict(private=False)]}, ""),
        ({"keys": [{"kty": "RSA", "e": "AQAB", "n": "w" * 171}]}, "algorithm"),
        ({"keys": [ECKey.generate_key("secp256k1").as_dict(private=False)]}, "algorithm"),
        ({"keys": [KEY.as_dict(private=True)]}, "private"),
        ({"keys": [OctKey.generate_key().as_dict(private=True)]}, "private"),
        ({"keys": [KEY.as_dict(private=False)] * 2}, "kid"),
        ({"keys": [{**KEY.as_dict(private=False), "alg": "HS256"}]}, "algorithm"),
        ({"keys": []}, "form"),
        ({"keys": ["x"]}, "form"),
        ({}, "form"),
        ({"keys": [{"kty": "EC"}]}, "form"),
    ],
)
def test_find_keys_fault_in_a_key_set(jwks: dict[str, object], fault: str) -> None:
    assert find_keys_fault(jwks) == fault
