"""We as a client of an agency's OpenID Provider: authorization code, PKCE S256, state, nonce, `iss` (RFC 9207)."""

from __future__ import annotations

import hashlib
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

import orjson
import structlog
from joserfc.jwk import Key

from terpadu.identity.errors import FetchRefused
from terpadu.identity.errors.officers import LoginRefused
from terpadu.identity.models import AgencyLogin
from terpadu.identity.rules.agency_logins.connection import OidcConnection, level_agreed, oidc_from
from terpadu.identity.rules.agency_logins.id_tokens import (
    LINK_MAX_AGE_S,
    find_claims_fault,
    is_signed_by_provider,
    keys_in,
    read_id_token,
)
from terpadu.identity.rules.provider.jose import encode64, text_of
from terpadu.identity.selectors.provider.clients import fetch_hosts_of
from terpadu.identity.services.agency_logins.attempts import (
    Begun,
    Waiting,
    address_of,
    attempt_answer,
    attempt_note,
)
from terpadu.identity.services.agency_logins.registration import secret_context
from terpadu.identity.services.provider.fetching import fetch_json, post
from terpadu.identity.services.provider.keys import sign
from terpadu.identity.services.provider.secrets import new_handle
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import unseal

log = structlog.get_logger(__name__)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYS_FOR_S = 600.0
KEYS_AGAIN_AFTER_S = 60.0
_keys: dict[str, tuple[float, tuple[Key, ...]]] = {}


def request_address(begun: Begun) -> str:
    """Return where the browser is sent (OpenID Connect Core 3.1.2.1)."""
    connection = oidc_from(begun.login.connection)
    challenge = encode64(hashlib.sha256(begun.secrets.verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": connection.client_id,
        "redirect_uri": address_of(begun.login.id, "balik"),
        "scope": "openid",
        "state": begun.state,
        "nonce": begun.secrets.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if begun.must_be_fresh:
        asked |= {"prompt": "login", "max_age": str(LINK_MAX_AGE_S)}
    joint = "&" if urlsplit(connection.authorization_endpoint).query else "?"
    return f"{connection.authorization_endpoint}{joint}{urlencode(asked)}"


def answer_take(login_id: UUID, given: Mapping[str, str], *, handle: str) -> None:
    """Take the provider's answer in the asking browser. Raises LoginExpired, LoginRefused."""
    waiting = attempt_answer(login_id, state=given.get("state", ""), handle=handle)
    connection = oidc_from(waiting.login.connection)
    told = given.get("iss")
    if told is None and connection.tells_issuer:
        raise LoginRefused(reason="no iss")
    if told is not None and told != connection.issuer:
        raise LoginRefused(reason="another issuer")
    if "error" in given or not given.get("code"):
        raise LoginRefused(reason="no code")
    claims = _claims(waiting, connection, code=given["code"])
    subject = "\0".join((connection.issuer, text_of(claims, "sub", longest=255)))
    acr = level_agreed(connection.levels, text_of(claims, "acr")).value
    attempt_note(waiting.id, subject=subject, acr=acr)


def _claims(waiting: Waiting, connection: OidcConnection, *, code: str) -> Mapping[str, Any]:
    body = _redeemed(waiting, connection, code=code)
    text = body.get("id_token")
    jwt = read_id_token(text) if isinstance(text, str) else None
    if jwt is None:
        raise LoginRefused(reason="no ID token with an algorithm that is taken")
    kid = text_of(jwt.header, "kid")
    if not is_signed_by_provider(jwt, provider_keys(waiting.login, connection, kid=kid)):
        raise LoginRefused(reason="not signed by the provider")
    fault = find_claims_fault(
        jwt.claims,
        issuer=connection.issuer,
        client_id=connection.client_id,
        nonce=waiting.secrets.nonce,
        now=now().timestamp(),
        must_be_fresh=waiting.must_be_fresh,
    )
    if fault:
        raise LoginRefused(reason=fault)
    return jwt.claims


def _redeemed(waiting: Waiting, connection: OidcConnection, *, code: str) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": address_of(waiting.login.id, "balik"),
        "code_verifier": waiting.secrets.verifier,
    }
    more, headers = _authentication(waiting.login, connection)
    allowed = fetch_hosts_of(waiting.login.agency.code)
    try:
        answer = post(connection.token_endpoint, {**form, **more}, allowed=allowed, headers=headers)
        body = orjson.loads(answer.body)
    except (FetchRefused, ValueError):
        raise LoginRefused(reason="the token endpoint does not answer") from None
    if answer.status != 200 or not isinstance(body, dict):
        raise LoginRefused(reason="the token endpoint refused")
    return body


def _authentication(login: AgencyLogin, connection: OidcConnection) -> tuple[dict[str, str], dict[str, str]]:
    """Return form values and headers by which we prove at the token endpoint who we are."""
    name = connection.client_id
    if connection.auth_method == "private_key_jwt":
        return {
            "client_id": name,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": _assertion(connection),
        }, {}
    if login.secret_sealed is None:
        raise LoginRefused(reason="no secret")
    secret = unseal(bytes(login.secret_sealed), context=secret_context(login.id)).decode()
    if connection.auth_method == "client_secret_post":
        return {"client_id": name, "client_secret": secret}, {}
    pair = f"{quote(name, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
    return {}, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _assertion(connection: OidcConnection) -> str:
    """Return a signed assertion; its type keeps it apart from every other token that our key signs."""
    at = int(now().timestamp())
    claims = {"iss": connection.client_id, "sub": connection.client_id, "aud": connection.issuer}
    return sign({**claims, "iat": at, "exp": at + 60, "jti": new_handle()}, typ="client-authentication+jwt")


def provider_keys(login: AgencyLogin, connection: OidcConnection, *, kid: str) -> tuple[Key, ...]:
    """Return a provider's keys, fetched when they are old or `kid` is not among them; the old ones when it does not answer."""
    at = time.monotonic()
    since, keys = _keys.get(connection.jwks_uri, (float("-inf"), ()))
    is_missing = bool(kid) and all(key.kid != kid for key in keys)
    if at - since <= (KEYS_AGAIN_AFTER_S if is_missing else KEYS_FOR_S):
        return keys
    try:
        keys = keys_in(fetch_json(connection.jwks_uri, allowed=fetch_hosts_of(login.agency.code)))
    except FetchRefused as error:
        log.warning("agency_keys_not_fetched", login=str(login.id), **error.facts)
    _keys[connection.jwks_uri] = (at, keys)
    return keys
