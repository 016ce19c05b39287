"""Signed JWTs from outside, read strictly: three parts, known algorithm, a key of that very kind, nothing critical."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from terpadu.identity.rules.provider.keys import PRIVATE_MEMBERS, SIGNING_ALGS, algs_of, is_short

LONGEST = 16_000
_READERS: dict[str, Callable[[dict[str, Any]], Key]] = {
    "EC": ECKey.import_key,
    "OKP": OKPKey.import_key,
    "RSA": RSAKey.import_key,
}


@dataclass(frozen=True)
class Jwt:
    """A JWT that was read and not yet trusted."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @property
    def alg(self) -> str:
        """Its algorithm as it says, one of ours: `read_jwt` lets no other pass."""
        return str(self.header["alg"])


def read_jwt(text: str, *, algs: Collection[str] = SIGNING_ALGS) -> Jwt | None:
    """Take a compact JWS apart, or return None when it is not one with an algorithm that we take (never "none", never HS…)."""
    if len(text) > LONGEST or text.count(".") != 2 or not text.isascii():
        return None
    head, body, tail = text.split(".")
    try:
        header, claims = orjson.loads(decode64(head)), orjson.loads(decode64(body))
        signature = decode64(tail)
    except (ValueError, binascii.Error):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict) or "crit" in header or "b64" in header:
        return None
    if header.get("alg") not in algs:
        return None
    return Jwt(header, claims, f"{head}.{body}".encode(), signature)


def is_signed_by(jwt: Jwt, key: Key) -> bool:
    """Tell whether a key signed a JWT with the algorithm it names; a key of another kind never did."""
    if jwt.alg not in algs_of(key):
        return False
    try:
        return JWSRegistry.algorithms[jwt.alg].verify(jwt.signed, jwt.signature, key)
    except (JoseError, ValueError, TypeError):
        return False


def is_signed_by_one(jwt: Jwt, keys: Sequence[Key]) -> bool:
    """Tell whether one of a client's keys signed a JWT: the one it names by `kid`, any when it names none."""
    kid = jwt.header.get("kid")
    named = [key for key in keys if kid is None or key.kid in (kid, None) or len(keys) == 1]
    return any(is_signed_by(jwt, key) for key in named)


def import_public_key(member: object) -> Key | None:
    """Read a public JWK that came inside a token, or return None: private, symmetric or weak keys are none."""
    if not isinstance(member, dict) or PRIVATE_MEMBERS & member.keys():
        return None
    read = _READERS.get(str(member.get("kty")))
    if read is None or is_short(member):
        return None
    try:
        key = read(member)
        return key if algs_of(key) else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def decode64(text: str) -> bytes:
    """Decode base64url without padding (RFC 7515, 2). Raises ValueError or binascii.Error."""
    if "=" in text or "+" in text or "/" in text:
        raise ValueError("not base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode64(plain: bytes) -> str:
    """Encode base64url without padding."""
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


def text_of(claims: Mapping[str, Any], name: str, *, longest: int = 300) -> str:
    """Return a claim that must be a short plain text, "" when it is missing or anything else."""
    value = claims.get(name)
    fits = isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
    return str(value) if fits else ""


def moment_of(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a claim that must be a NumericDate (RFC 7519, 2), None when it is missing or anything else."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e11 else None


def audience_is(claims: Mapping[str, Any], allowed: Collection[str]) -> bool:
    """Tell whether `aud` is one plain string among those allowed; a list is refused, whatever is in it."""
    aud = claims.get("aud")
    return isinstance(aud, str) and aud in allowed
