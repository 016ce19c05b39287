"""The token endpoint: one good token, and every way not to get one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN, PORTAL
from terpadu.directory.models import Certificate
from terpadu.directory.public import agency_get, agency_key, certificate_get
from terpadu.exchange.models import Contract, Grant, Peer
from terpadu.exchange.public import contract_revoke
from terpadu.exchange.services.callers import _is_first
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.models import AuditEvent
from terpadu_wire.keys import generate_key, jwk_thumbprint, public_key_thumbprint
from terpadu_wire.tokens import MAX_LIFE, verify_token
from tests.exchange.signing import SignedCall, sign

BY = Actor.system("tests")
INWAY = "https://127.0.0.1:8012"
pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(country: Path) -> Grant:
    """The right of the portal to read a family for Disdukcapil."""
    return Grant.objects.select_related("contract").get(purpose="kia.verifikasi", service="kependudukan")


def _form(grant: Grant, **changes: str) -> bytes:
    members = {
        "grant_type": "client_credentials",
        "scope": grant.grant_hash,
        "client_id": agency_get(PORTAL).peer_id,
    }
    return urlencode(members | changes).encode()


def _path(agency_code: str = DUKCAPIL) -> str:
    return f"/fsc/v1/{agency_get(agency_code).peer_id}/token"


def _ask(client: Client, body: bytes, *, manager: str = DUKCAPIL, caller: str = PORTAL) -> HttpResponse:
    return sign("POST", _path(manager), body, agency_code=caller).send(client)


def _code(response: HttpResponse) -> str:
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.headers["Fsc-Error-Code"])


def test_token_good_request_is_bound_to_key_purpose_and_delegator(client: Client, grant: Grant) -> None:
    response = _ask(client, _form(grant))

    assert response.status_code == 200
    answer = response.json()  # type: ignore[attr-defined] # the test client adds it
    assert answer["token_type"] == "bearer"
    assert 0 < answer["expires_in"] <= MAX_LIFE
    provider = agency_key(DUKCAPIL).public_key()
    claims = verify_token(
        answer["access_token"],
        keys={public_key_thumbprint(provider): provider},
        group_id="id.terpadu",
        issuer=agency_get(DUKCAPIL).peer_id,
        audience=INWAY,
        now=now().timestamp(),
    )
    assert claims.jkt == jwk_thumbprint(agency_key(PORTAL).public_key())
    assert claims.x5t == certificate_get(PORTAL).thumbprint
    assert (claims.sub, claims.act) == (agency_get(DISDUKCAPIL).peer_id, agency_get(PORTAL).peer_id)
    assert claims.svc == "kependudukan"
    assert claims.prp == grant.properties
    assert AuditEvent.objects.filter(event="exchange.token_issued").count() == 1


def test_token_never_outlives_its_contract(client: Client, grant: Grant) -> None:
    with freeze(grant.contract.not_after - timedelta(seconds=30)):
        Certificate.objects.update(valid_to=grant.contract.not_after + timedelta(days=1))
        response = _ask(client, _form(grant))

    assert response.json()["expires_in"] == 30  # type: ignore[attr-defined] # the test client adds it


@pytest.mark.parametrize(
    ("changes", "code", "oauth_error"),
    [
        ({"grant_type": "password"}, "token.grant_type", "unsupported_grant_type"),
        ({"scope": ""}, "token.scope_missing", "invalid_request"),
        ({"scope": "$1$3$unknown"}, "contract.none", "invalid_scope"),
        ({"client_id": "36710001"}, "token.other_client", "invalid_client"),
    ],
)
def test_token_wrong_form_is_refused(
    client: Client, grant: Grant, changes: dict[str, str], code: str, oauth_error: str
) -> None:
    response = _ask(client, _form(grant, **changes))

    assert (response.status_code, _code(response)) == (400, code)
    assert response.json()["error"] == oauth_error  # type: ignore[attr-defined] # the test client adds it


@pytest.mark.parametrize("body", [b"&", b"scope=a&scope=b", b"\xff\xfe", b"&".join([b"a=1"] * 30)])
def test_token_malformed_form_is_refused(client: Client, grant: Grant, body: bytes) -> None:
    assert _code(_ask(client, body)) == "token.form_malformed"


def test_token_huge_form_is_refused(client: Client, grant: Grant) -> None:
    assert _code(_ask(client, b"scope=" + b"a" * 20_000)) == "token.too_large"


def test_token_revoked_contract_is_refused(client: Client, grant: Grant) -> None:
    contract_revoke(grant.contract.content_hash, agency_code=DISDUKCAPIL, by=BY)

    assert _code(_ask(client, _form(grant))) == "contract.revoked"


def test_token_contract_without_all_signatures_is_refused(client: Client, grant: Grant) -> None:
    grant.contract.signatures.filter(peer__agency__code=DISDUKCAPIL).delete()

    assert _code(_ask(client, _form(grant))) == "contract.not_valid"


def test_token_contract_changed_after_signing_is_refused(client: Client, grant: Grant) -> None:
    """Whoever writes into our database cannot make up a right: the hashes and signatures no longer fit."""
    content = grant.contract.content
    content["grants"][0]["data"]["properties"]["operations"][0]["fields"]["allow"].append("/data/agama")
    Contract.objects.filter(pk=grant.contract.pk).update(content=content)

    assert _code(_ask(client, _form(grant))) in ("contract.none", "contract.signature_invalid")


def test_token_ended_contract_is_refused(client: Client, grant: Grant) -> None:
    with freeze(grant.contract.not_after):
        Certificate.objects.update(valid_to=now() + timedelta(days=1))

        assert _code(_ask(client, _form(grant))) == "contract.expired"


def test_token_contract_not_begun_is_refused(client: Client, grant: Grant) -> None:
    with freeze(grant.contract.not_before - timedelta(seconds=10)):
        Certificate.objects.update(valid_from=now() - timedelta(days=1))

        assert _code(_ask(client, _form(grant))) == "contract.not_yet"


def test_token_at_another_manager_is_refused(client: Client, grant: Grant) -> None:
    assert _code(_ask(client, _form(grant), manager=KECAMATAN)) == "contract.other_connection"


def test_token_for_another_peers_grant_is_refused(client: Client, grant: Grant) -> None:
    """The delegator itself cannot call with the right of the portal's gateway."""
    body = _form(grant, client_id=agency_get(DISDUKCAPIL).peer_id)

    assert _code(_ask(client, body, caller=DISDUKCAPIL)) == "contract.other_connection"


def test_token_with_another_key_of_the_peer_is_refused(client: Client, grant: Grant) -> None:
    old = certificate_get(PORTAL)
    old.key_path.unlink()
    from terpadu.directory.public import certificate_ensure

    assert certificate_ensure(PORTAL, by=BY).public_key_thumbprint != old.public_key_thumbprint
    assert _code(_ask(client, _form(grant))) == "contract.other_key"


def test_token_unpublished_service_is_refused(client: Client, grant: Grant) -> None:
    publication = Grant.objects.get(kind="GRANT_TYPE_SERVICE_PUBLICATION", service="kependudukan")
    contract_revoke(publication.contract.content_hash, agency_code=DUKCAPIL, by=BY)

    assert _code(_ask(client, _form(grant))) == "service.unknown"


def test_token_provider_without_inway_is_refused(client: Client, grant: Grant) -> None:
    Peer.objects.filter(agency__code=DUKCAPIL).update(inway_url="")

    assert _code(_ask(client, _form(grant))) == "service.unknown"


def test_token_unknown_manager_is_not_found(client: Client, grant: Grant) -> None:
    response = sign("POST", "/fsc/v1/99999999/token", _form(grant), agency_code=PORTAL).send(client)

    assert (response.status_code, response.headers["Fsc-Error-Code"]) == (404, "peer.unknown")


def test_token_unknown_key_is_refused(client: Client, grant: Grant) -> None:
    response = sign("POST", _path(), _form(grant), key=generate_key()).send(client)

    assert (response.status_code, _code(response)) == (401, "signature.unknown_key")


def test_token_key_of_a_revoked_certificate_is_refused(client: Client, grant: Grant) -> None:
    call = sign("POST", _path(), _form(grant), agency_code=PORTAL)
    Certificate.objects.filter(agency__code=PORTAL).update(revoked_at=now())

    assert _code(call.send(client)) == "signature.unknown_key"


def _without(name: str) -> Callable[[SignedCall], SignedCall]:
    return lambda call: replace(call, headers={key: call.headers[key] for key in call.headers if key != name})


def _with(name: str, value: str) -> Callable[[SignedCall], SignedCall]:
    return lambda call: replace(call, headers=call.headers | {name: value})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_without("signature"), "signature.missing"),
        (_without("signature-input"), "signature.missing"),
        (_with("signature", "exchange=:AAAA:"), "signature.malformed"),
        (_with("terpadu-purpose", "another"), "signature.invalid"),
        (_with("fsc-transaction-id", "another"), "signature.nonce"),
        (lambda call: replace(call, body=call.body + b"&x=1"), "signature.digest"),
        (lambda call: replace(call, path=call.path + "?x=1"), "signature.invalid"),
    ],
)
def test_token_altered_request_is_refused(
    client: Client, grant: Grant, change: Callable[[SignedCall], SignedCall], code: str
) -> None:
    call = change(sign("POST", _path(), _form(grant), agency_code=PORTAL))

    response = call.send(client)

    assert (response.status_code, _code(response)) == (401, code)


def test_token_host_header_does_not_decide_what_was_signed(client: Client, grant: Grant) -> None:
    call = sign("POST", _path(), _form(grant), agency_code=PORTAL)

    response = replace(call, headers=call.headers | {"host": "evil.test"}).send(client)

    assert response.status_code == 200


def test_token_old_signature_is_refused(client: Client, grant: Grant) -> None:
    call = sign("POST", _path(), _form(grant), agency_code=PORTAL, age_s=120)

    assert _code(call.send(client)) == "signature.time"


def test_token_replayed_request_is_refused(client: Client, grant: Grant) -> None:
    call = sign("POST", _path(), _form(grant), agency_code=PORTAL)

    assert call.send(client).status_code == 200
    assert _code(call.send(client)) == "signature.replayed"


def test_nonce_costs_one_statement_that_counts_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as asked:
        found = _is_first("key", "nonce")

    assert found
    assert not _is_first("key", "nonce")
    assert _is_first("other key", "nonce")
    assert "count(" not in asked[0]["sql"].lower()


def test_token_get_is_not_allowed(client: Client, grant: Grant) -> None:
    assert client.get(_path()).status_code == 405
