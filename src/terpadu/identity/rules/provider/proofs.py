"""Proofs of possession (DPoP, RFC 9449)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from joserfc.jwk import Key

from terpadu.identity.rules.provider.jose import (
    decode64,
    encode64,
    import_public_key,
    is_signed_by,
    moment_of,
    read_jwt,
    text_of,
)
from terpadu.identity.rules.provider.lifetimes import LIFETIMES

LONGEST_PROOF = 6_000


@dataclass(frozen=True)
class Proof:
    """A proof whose signature and form are right. jkt: thumbprint of its key. nonce: "" when it has none."""

    jkt: str
    jti: str
    iat: float
    nonce: str
    ath: str


@dataclass(frozen=True)
class Target:
    """What a proof must be about. url: the endpoint's address from configuration, never from a header."""

    method: str
    url: str


def read_proof(text: str, *, target: Target, now: float) -> Proof | str:
    """Check a DPoP proof (RFC 9449, 4.3) but for replay, nonce and binding; return it, or what is wrong with it."""
    jwt = read_jwt(text) if len(text) <= LONGEST_PROOF else None
    if jwt is None:
        return "not a proof with an algorithm that is taken here"
    if jwt.header.get("typ") != "dpop+jwt":
        return "typ must be dpop+jwt"
    key = import_public_key(jwt.header.get("jwk"))
    if key is None or not is_signed_by(jwt, key):
        return "not signed by the key in jwk"
    proof = Proof(
        jkt=thumbprint(key),
        jti=text_of(jwt.claims, "jti"),
        iat=moment_of(jwt.claims, "iat") or 0.0,
        nonce=text_of(jwt.claims, "nonce"),
        ath=text_of(jwt.claims, "ath"),
    )
    if not proof.jti:
        return "jti is missing"
    if jwt.claims.get("htm") != target.method:
        return "htm is not the method"
    if normal_address(text_of(jwt.claims, "htu", longest=2000)) != normal_address(target.url):
        return "htu is not this endpoint"
    return proof if is_recent(proof.iat, now=now) else "iat is too old or lies ahead"


def is_recent(iat: float, *, now: float) -> bool:
    """Tell whether a proof was made within the last minute; ten seconds of a fast clock are forgiven."""
    return -LIFETIMES.skew.total_seconds() <= now - iat <= LIFETIMES.proof.total_seconds()


def thumbprint(key: Key) -> str:
    """Return the JWK thumbprint (RFC 7638) of a key."""
    return str(key.thumbprint())


def token_digest(token: str) -> str:
    """Return the `ath` of an access token."""
    return encode64(hashlib.sha256(token.encode()).digest())


def normal_address(url: str) -> str:
    """Return an address without query and fragment, scheme and host in small letters, without the usual port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if not host or "@" in parts.netloc:
        return ""
    usual = {"https": 443, "http": 80}.get(scheme)
    return f"{scheme}://{host}{'' if port in (None, usual) else f':{port}'}{parts.path or '/'}"


def make_nonce(key: bytes, *, now: float) -> str:
    """Return a nonce that says when it was made and that only the holder of `key` can make: nothing to store."""
    at = int(now).to_bytes(6, "big")
    return encode64(at + hmac.digest(key, b"dpop-nonce\0" + at, "sha256")[:16])


def is_nonce(nonce: str, *, key: bytes, now: float) -> bool:
    """Tell whether a nonce is one of ours and not too old."""
    try:
        plain = decode64(nonce)
    except ValueError:
        return False
    at = int.from_bytes(plain[:6], "big")
    fresh = 0 <= now - at + 1 <= LIFETIMES.nonce.total_seconds()
    return fresh and hmac.compare_digest(nonce, make_nonce(key, now=at))
