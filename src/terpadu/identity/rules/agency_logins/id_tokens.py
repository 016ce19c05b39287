"""What an ID token of an agency's OpenID Provider must prove (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, RSAKey
from joserfc.jws import JWSRegistry

from terpadu.identity.rules.provider.jose import (
    LONGEST,
    Jwt,
    import_public_key,
    is_signed_by,
    moment_of,
    read_jwt,
    text_of,
)
from terpadu.identity.rules.provider.keys import MOST_KEYS, SIGNING_ALGS

ALGS = (*SIGNING_ALGS, "RS256")
"""Ours and RS256, which nearly every provider signs with; never "none", never HS…: a public key is no shared secret."""

SKEW_S = 60
OLDEST_S = 5 * 60  # how long ago a token may have been issued
LINK_MAX_AGE_S = 5 * 60  # how long ago somebody may have proved who they are, when they link


def keys_in(jwks: object) -> tuple[Key, ...]:
    """Return the keys of a provider's set that can check signatures; those for encryption and unknown kinds are left out."""
    members = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(members, list):
        return ()
    usable = [one for one in members[: 2 * MOST_KEYS] if isinstance(one, dict) and one.get("use") != "enc"]
    found = (import_public_key({name: v for name, v in one.items() if name != "alg"}) for one in usable)
    return tuple(key for key in found if key is not None)


def read_id_token(text: str) -> Jwt | None:
    """Take an ID token apart, None when it is not one with an algorithm that is taken."""
    return read_jwt(text, algs=ALGS) if len(text) <= LONGEST else None


def is_signed_by_provider(jwt: Jwt, keys: tuple[Key, ...]) -> bool:
    """Tell whether one of the provider's keys signed a token: the one named by `kid`, or the only one."""
    kid = jwt.header.get("kid")
    named = (
        [key for key in keys if key.kid == kid]
        if kid is not None
        else list(keys[:1] if len(keys) == 1 else ())
    )
    return any(is_signed_by(jwt, key) or _is_rs256(jwt, key) for key in named)


def _is_rs256(jwt: Jwt, key: Key) -> bool:
    if jwt.alg != "RS256" or not isinstance(key, RSAKey):
        return False
    try:
        return JWSRegistry.algorithms["RS256"].verify(jwt.signed, jwt.signature, key)
    except (JoseError, ValueError, TypeError):
        return False


def find_claims_fault(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: float, must_be_fresh: bool
) -> str:
    """Say what is wrong with an ID token's claims, or "". now: seconds since 1970.

    must_be_fresh: the person must have proved just now who they are, which `auth_time` has to say.
    """
    if claims.get("iss") != issuer:
        return "another issuer"
    fault = _audience_fault(claims, client_id)
    if fault:
        return fault
    if not hmac.compare_digest(text_of(claims, "nonce"), nonce):
        return "another nonce"
    if not text_of(claims, "sub", longest=255):
        return "no sub"
    return _time_fault(claims, now) or (_freshness_fault(claims, now) if must_be_fresh else "")


def _audience_fault(claims: Mapping[str, Any], client_id: str) -> str:
    aud = claims.get("aud")
    named = [aud] if isinstance(aud, str) else aud
    if not isinstance(named, list) or client_id not in named:
        return "another audience"
    azp = claims.get("azp")
    if azp is not None and azp != client_id:
        return "another authorized party"
    return "no authorized party" if len(named) > 1 and azp is None else ""


def _time_fault(claims: Mapping[str, Any], now: float) -> str:
    exp, iat = moment_of(claims, "exp"), moment_of(claims, "iat")
    if exp is None or exp <= now - SKEW_S:
        return "over"
    if iat is None or iat > now + SKEW_S or iat < now - OLDEST_S:
        return "not issued just now"
    nbf = moment_of(claims, "nbf")
    return "not yet" if "nbf" in claims and (nbf is None or nbf > now + SKEW_S) else ""


def _freshness_fault(claims: Mapping[str, Any], now: float) -> str:
    at = moment_of(claims, "auth_time")
    return (
        "not signed in just now"
        if at is None or not now - LINK_MAX_AGE_S - SKEW_S <= at <= now + SKEW_S
        else ""
    )
