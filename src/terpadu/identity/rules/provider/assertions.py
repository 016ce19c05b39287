"""What a client's assertion (RFC 7523) and request object (RFC 9101) must say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terpadu.identity.rules.provider.jose import audience_is, moment_of, text_of
from terpadu.identity.rules.provider.lifetimes import LIFETIMES


def find_assertion_fault(claims: Mapping[str, Any], *, client_id: str, issuer: str, now: float) -> str:
    """Say what is wrong with the claims of a client's assertion, or "".

    The audience is the issuer and nothing else (FAPI 2.0 Security Profile, 5.3.2.1); `exp` must be near, so that its `jti` can
    be remembered until then. now: seconds since 1970.
    """
    if text_of(claims, "iss") != client_id or text_of(claims, "sub") != client_id:
        return "iss and sub must be the client_id"
    if not audience_is(claims, (issuer,)):
        return "aud must be the issuer, as one string"
    if not text_of(claims, "jti"):
        return "jti is missing"
    return find_time_fault(claims, now=now, longest=LIFETIMES.assertion.total_seconds())


def find_request_object_fault(claims: Mapping[str, Any], *, client_id: str, issuer: str, now: float) -> str:
    """Say what is wrong with a request object, or "" (FAPI 2.0 Message Signing, 5.3.1)."""
    if text_of(claims, "client_id") != client_id or claims.get("iss", client_id) != client_id:
        return "client_id and iss must be the client's"
    if "request" in claims or "request_uri" in claims:
        return "request and request_uri do not belong into a request object"
    if not audience_is(claims, (issuer,)):
        return "aud must be the issuer, as one string"
    if moment_of(claims, "nbf") is None:
        return "nbf is missing"
    if now - (moment_of(claims, "nbf") or 0) > LIFETIMES.request_object.total_seconds():
        return "nbf lies too far back"
    return find_time_fault(claims, now=now, longest=LIFETIMES.request_object.total_seconds())


def find_time_fault(claims: Mapping[str, Any], *, now: float, longest: float) -> str:
    """Say what is wrong with `exp`, `iat` and `nbf`, or "". longest: seconds that `exp` may lie ahead."""
    skew = LIFETIMES.skew.total_seconds()
    exp = moment_of(claims, "exp")
    if exp is None:
        return "exp is missing"
    if exp <= now - skew:
        return "exp is over"
    if exp > now + longest + skew:
        return "exp lies too far ahead"
    for name in ("iat", "nbf"):
        moment = moment_of(claims, name)
        if name in claims and (moment is None or moment > now + skew):
            return f"{name} lies ahead"
    return ""
