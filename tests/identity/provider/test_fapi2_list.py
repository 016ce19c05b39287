"""Cases of the OpenID Foundation's FAPI 2.0 Security Profile server list, under its module names in small letters.

Written after the list; the suite itself was not run.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from terpadu.identity.enums import SignInMethod
from terpadu.identity.models import Account, Authorization
from terpadu.identity.services.provider.wire import endpoint_url, issuer
from terpadu.kernel.clock import freeze, now
from tests.identity.provider.conftest import MakeParty, sign_in
from tests.identity.provider.party import ASSERTION_TYPE, REDIRECT, Party, back, make_key, signed

pytestmark = pytest.mark.django_db


def error_of(response: Any) -> str:
    """Return the error of an answer that is a refusal."""
    assert 400 <= response.status_code < 500, response.content
    return str(response.json()["error"])


def redeem_after(party: Party, wait: timedelta, code: str) -> Any:
    with freeze(now() + wait):
        return party.redeem(code)


def test_attempt_reuse_authorization_code_after_one_second(party: Party) -> None:
    code = party.code()
    tokens = party.redeem(code).json()

    assert error_of(redeem_after(party, timedelta(seconds=1), code)) == "invalid_grant"

    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert error_of(party.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_attempt_to_use_expired_auth_code(party: Party) -> None:
    code = party.code()

    assert error_of(redeem_after(party, timedelta(seconds=61), code)) == "invalid_grant"


def test_ensure_authorization_code_is_bound_to_client(party: Party, make_party: MakeParty) -> None:
    thief = make_party()
    thief.verifier = party.verifier
    code = party.code()

    assert error_of(thief.redeem(code)) == "invalid_grant"
    assert party.redeem(code).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": -300}, id="with_exp_is_5_minutes_in_past"),
        pytest.param({"exp": 315_360_000}, id="with_exp_ten_years_ahead"),
        pytest.param({"exp": None}, id="without_exp"),
        pytest.param({"exp": "soon"}, id="with_exp_as_text"),
        pytest.param({"iat": 3600}, id="with_iat_ahead"),
        pytest.param({"nbf": 3600}, id="with_nbf_ahead"),
        pytest.param({"sub": None}, id="with_no_sub"),
        pytest.param({"sub": "somebody-else"}, id="with_another_sub"),
        pytest.param({"sub": ["a"]}, id="with_array_sub"),
        pytest.param({"iss": "somebody-else"}, id="with_another_iss"),
        pytest.param({"jti": None}, id="without_jti"),
        pytest.param({"jti": {"a": 1}}, id="with_object_jti"),
        pytest.param({"aud": "https://evil.example"}, id="with_wrong_aud"),
        pytest.param({"aud": None}, id="without_aud"),
        pytest.param({"aud": "ARRAY"}, id="par_with_array_aud"),
        pytest.param({"aud": "ENDPOINT"}, id="par_endpoint_as_audience"),
        pytest.param({"aud": "TOKEN"}, id="par_token_endpoint_as_audience"),
    ],
)
@pytest.mark.parametrize("endpoint", ["par", "token"])
def test_ensure_client_assertion_fails(party: Party, changes: dict[str, Any], endpoint: str) -> None:
    special = {"ARRAY": [issuer()], "ENDPOINT": endpoint_url(endpoint), "TOKEN": endpoint_url("token")}
    at = int(now().timestamp())
    spoiled = {
        name: at + value if name in ("exp", "iat", "nbf") and isinstance(value, int) else value
        for name, value in changes.items()
    }
    if spoiled.get("aud") in special:
        spoiled["aud"] = special[spoiled["aud"]]
    data = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": party.assertion(**spoiled)}

    if endpoint == "par":
        response = party.post("par", {**party.parameters(), **data}, proof=None)
    else:
        response = party.redeem("x", **data)

    assert error_of(response) == "invalid_client"


@pytest.mark.parametrize("alg", ["RS256", "HS256", "none", "ES384"])
def test_ensure_signed_client_assertion_with_another_algorithm_fails(make_party: MakeParty, alg: str) -> None:
    party = make_party(alg="PS256" if alg == "RS256" else "ES256")
    good = party.assertion().split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": "k1"}).encode()).rstrip(b"=").decode()
    if alg == "RS256":
        text = party.assertion(alg="RS256")
    elif alg == "HS256":
        secret = party.key.as_pem(private=False)  # the public key used as a secret
        digest = hmac.new(secret, f"{head}.{good[1]}".encode(), hashlib.sha256).digest()
        text = f"{head}.{good[1]}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    else:
        text = f"{head}.{good[1]}." + ("" if alg == "none" else good[2])
    data = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}

    assert error_of(party.post("par", {**party.parameters(), **data}, proof=None)) == "invalid_client"


def test_ensure_client_assertion_of_another_key_fails(party: Party) -> None:
    text = party.assertion(key=make_key())

    assert (
        error_of(party.redeem("x", client_assertion=text, client_assertion_type=ASSERTION_TYPE))
        == "invalid_client"
    )


def test_ensure_client_assertion_is_taken_once(party: Party) -> None:
    data = party.authentication()

    assert party.post("par", {**party.parameters(), **data}, proof=None).status_code == 201
    assert error_of(party.post("par", {**party.parameters(), **data}, proof=None)) == "invalid_client"


PROOFS: dict[str, dict[str, Any]] = {
    "without_jti": {"jti": None},
    "without_htm": {"htm": None},
    "wrong_htm": {"htm": "GET"},
    "without_htu": {"htu": None},
    "wrong_htu": {"htu": "https://evil.example/oidc/token"},
    "userinfo_in_htu": {"htu": "http://x@localhost:8000/oidc/token"},
    "without_iat": {"iat": None},
    "iat_an_hour_ago": {"iat": -3600},
    "iat_in_an_hour": {"iat": 3600},
    "iat_as_text": {"iat": "now"},
    "alg_missing": {"header": {"alg": None}},
    "typ_missing": {"header": {"typ": None}},
    "typ_jwt": {"header": {"typ": "JWT"}},
    "jwk_missing": {"header": {"jwk": None}},
    "jwk_not_an_object": {"header": {"jwk": "x"}},
    "crit_header": {"header": {"b64": False}},
}


@pytest.mark.parametrize("name", PROOFS)
def test_dpop_negative_tests(party: Party, name: str) -> None:
    changes = dict(PROOFS[name])
    if isinstance(changes.get("iat"), int):
        changes["iat"] += int(now().timestamp())

    assert error_of(party.redeem(party.code(), proof=party.proof("token", **changes))) == "invalid_dpop_proof"


def test_dpop_negative_private_jwk(party: Party) -> None:
    proof = party.proof("token", header={"jwk": party.dpop.as_dict(private=True)})

    assert error_of(party.redeem("x", proof=proof)) == "invalid_dpop_proof"


def test_dpop_negative_symmetric_and_unsigned(party: Party) -> None:
    head, body, tail = party.proof("token").split(".")
    unsigned = base64.urlsafe_b64encode(
        json.dumps({"alg": "none", "typ": "dpop+jwt", "jwk": party.dpop.as_dict(private=False)}).encode()
    )
    for text in (f"{unsigned.rstrip(b'=').decode()}.{body}.", f"{head}.{body}.AAAA", "", "a.b.c", "x" * 9000):
        response = party.redeem("x", proof=text or " ")
        assert error_of(response) == "invalid_dpop_proof"
    assert tail


def test_dpop_negative_wrong_ath(party: Party) -> None:
    token = party.tokens()["access_token"]

    for ath in ("x", None):
        assert party.userinfo(token, ath=ath).status_code == 401


def test_dpop_proof_is_taken_once(party: Party) -> None:
    proof = party.proof("par")

    assert party.par(proof=proof).status_code == 201
    assert error_of(party.par(proof=proof)) == "invalid_dpop_proof"


@pytest.mark.parametrize("seconds", [-10, 10])
def test_ensure_dpop_proof_with_iat_10_seconds_before_or_after_succeeds(party: Party, seconds: int) -> None:
    code = party.code()
    proof = party.proof("token", iat=int(now().timestamp()) + seconds)

    assert party.redeem(code, proof=proof).status_code == 200


@pytest.mark.parametrize(
    "spelling", ["HTTP://LOCALHOST:8000/oidc/token", "http://localhost:8000/oidc/token?x=1#y"]
)
def test_dpop_htu_is_compared_after_normalising(party: Party, spelling: str, settings: Any) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    code = party.code()

    assert party.redeem(code, proof=party.proof("token", htu=spelling)).status_code == 200


def test_ensure_mismatched_dpop_jkt_fails(party: Party) -> None:
    response = party.par(proof=party.proof("par"), dpop_jkt=make_key().thumbprint())

    assert error_of(response) == "invalid_dpop_proof"


def test_ensure_mismatched_dpop_jkt_at_token_endpoint_fails(party: Party) -> None:
    code = party.code(dpop_jkt=make_key().thumbprint())

    assert error_of(party.redeem(code)) == "invalid_grant"


def test_ensure_holder_of_key_required(party: Party) -> None:
    assert error_of(party.redeem(party.code(), proof=None)) == "invalid_dpop_proof"


def test_access_token_bound_to_another_key_is_refused(party: Party) -> None:
    token = party.tokens()["access_token"]
    party.dpop = make_key()

    assert party.userinfo(token).status_code == 401
    bearer = party.server.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert bearer.status_code == 401


@pytest.mark.parametrize("response_type", ["token", "code id_token", "id_token", "none", ""])
def test_ensure_response_type_token_or_code_id_token_fails(party: Party, response_type: str) -> None:
    assert error_of(party.par(response_type=response_type)) == "unsupported_response_type"


def test_par_attempt_reuse_request_uri(party: Party) -> None:
    request_uri = party.push()
    party.agree(party.visit(request_uri), request_uri)

    again = party.visit(request_uri)

    assert again.status_code == 410
    assert b"identity.request_over" in again.content


def test_par_attempt_to_use_expired_request_uri(party: Party) -> None:
    request_uri = party.push()

    with freeze(now() + timedelta(seconds=91)):
        assert party.visit(request_uri).status_code == 410


def test_par_ensure_server_accepts_reused_request_uri_before_authentication_completion(
    party: Party, account: Account
) -> None:
    request_uri = party.push()
    party.browser.logout()
    assert party.visit(request_uri).status_code == 302
    party.browser = sign_in(account)

    with freeze(now() + timedelta(minutes=5)):
        assert party.visit(request_uri).status_code == 200


def test_par_ensure_request_uri_is_bound_to_client(party: Party, make_party: MakeParty) -> None:
    other = make_party()

    assert other.visit(party.push()).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [{"code_challenge": None}, {"code_challenge_method": None}, {"code_challenge": "short"}],
    ids=["missing", "method_missing", "malformed"],
)
def test_par_ensure_pkce_required(party: Party, changes: dict[str, Any]) -> None:
    assert error_of(party.par(**changes)) == "invalid_request"


def test_par_plain_pkce_rejected(party: Party) -> None:
    assert (
        error_of(party.par(code_challenge_method="plain", code_challenge=party.verifier)) == "invalid_request"
    )


def test_ensure_wrong_or_missing_pkce_verifier_fails(party: Party) -> None:
    code = party.code()

    assert error_of(party.redeem(code, code_verifier="w" * 43)) == "invalid_grant"
    assert error_of(party.redeem(code, code_verifier=None)) == "invalid_request"


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_par_reject_invalid_http_verb(party: Party, method: str) -> None:
    assert getattr(party.server, method)("/oidc/par").status_code == 405


def test_par_without_duplicate_parameters(party: Party) -> None:
    body = urlencode([*party.parameters().items(), *party.authentication().items(), ("state", "again")])

    response = party.server.post("/oidc/par", body, content_type="application/x-www-form-urlencoded")

    assert error_of(response) == "invalid_request"


def test_par_rejects_request_uri_in_request(party: Party) -> None:
    assert error_of(party.par(request_uri="urn:x")) == "invalid_request"


def test_authorization_request_without_par_is_refused(party: Party) -> None:
    response = party.browser.get("/oidc/authorize", party.parameters())

    assert response.status_code == 400
    assert "Location" not in response


def test_refresh_token_of_another_client_is_refused(party: Party, make_party: MakeParty) -> None:
    token = party.tokens()["refresh_token"]

    assert error_of(make_party().refresh(token)) == "invalid_grant"
    assert party.refresh(token).status_code == 200


def test_long_state_and_nonce(party: Party) -> None:
    state, nonce = "s" * 1000, "n" * 300
    request_uri = party.push(state=state, nonce=nonce)

    answer = back(party.agree(party.visit(request_uri), request_uri))

    assert answer["state"] == state
    assert Authorization.objects.get().nonce == nonce


@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
def test_access_token_type_header_case_sensitivity(party: Party, scheme: str) -> None:
    assert party.userinfo(party.tokens()["access_token"], scheme=scheme).status_code == 200


@pytest.mark.parametrize(
    "spoil", [{"aud": "https://evil.example"}, {"exp": -60}, {"nbf": None}, {"client_id": "x"}]
)
def test_request_object_negative(party: Party, spoil: dict[str, Any]) -> None:
    at = int(now().timestamp())
    claims = {**party.parameters(), "aud": issuer(), "nbf": at, "exp": at + 60, **spoil}
    if isinstance(claims["exp"], int) and claims["exp"] < 0:
        claims["exp"] = at - 60
    request = signed({"alg": "ES256"}, {k: v for k, v in claims.items() if v is not None}, party.key)

    response = party.post("par", {"client_id": party.client_id, "request": request}, proof=None)

    assert error_of(response) == "invalid_request_object"


@pytest.mark.parametrize(
    "spoil", [{"x": "a\0b"}, {"a\0b": "x"}, {"claims": {"userinfo": {"name": {"value": "\0"}}}}]
)
def test_request_object_with_a_nul_is_refused(party: Party, spoil: dict[str, Any]) -> None:
    at = int(now().timestamp())
    claims = {**party.parameters(), "aud": issuer(), "nbf": at, "exp": at + 60, **spoil}

    response = party.post(
        "par",
        {"client_id": party.client_id, "request": signed({"alg": "ES256"}, claims, party.key)},
        proof=None,
    )

    assert error_of(response) == "invalid_request"


def test_claims_with_an_escaped_nul_are_refused(party: Party) -> None:
    wish = {"verified_claims": {"verification": {"trust_framework": "\0"}, "claims": {"name": None}}}

    response = party.par(scope="openid proofing", claims=json.dumps({"userinfo": wish}))

    assert error_of(response) == "invalid_request"


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_request_object_unsigned_or_signed_with_the_public_key_is_refused(party: Party, alg: str) -> None:
    at = int(now().timestamp())
    claims = {**party.parameters(), "aud": issuer(), "nbf": at, "exp": at + 60}
    request = forged({"alg": alg, "kid": "k1"}, claims, secret=party.key.as_pem(private=False))

    response = party.post("par", {"client_id": party.client_id, "request": request}, proof=None)

    assert error_of(response) == "invalid_request_object"


def test_dpop_proof_signed_with_a_shared_secret_is_refused(party: Party) -> None:
    secret = b"s" * 32
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(secret).rstrip(b"=").decode()}
    claims = {"jti": "x1", "htm": "POST", "htu": endpoint_url("token"), "iat": int(now().timestamp())}
    proof = forged({"alg": "HS256", "typ": "dpop+jwt", "jwk": jwk}, claims, secret=secret)

    assert error_of(party.redeem(party.code(), proof=proof)) == "invalid_dpop_proof"


def forged(header: dict[str, Any], claims: dict[str, Any], *, secret: bytes) -> str:
    """Return claims with a symmetric signature, or with none when the header says "none"."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)
    ]
    text = ".".join(parts)
    digest = b"" if header["alg"] == "none" else hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_session_of_higher_level_answers_a_lower_demand(party: Party, account: Account) -> None:
    party.browser = sign_in(account, SignInMethod.PASSKEY)

    assert party.tokens(acr_values="loa2")["id_token"]
    assert REDIRECT.startswith("https://")
