"""Key sets of clients: which keys and algorithms are taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

SIGNING_ALGS: tuple[str, ...] = ("ES256", "ES512", "PS256", "EdDSA", "Ed25519")
"""FAPI 2.0 Security Profile 5.4.1 takes PS256, ES256 and EdDSA with Ed25519; ES512 because INApas hands out P-521 keys."""

RSA_BITS = 2048  # FAPI 2.0 Security Profile, 5.4.1
MOST_KEYS = 10
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVE_ALG = {"P-256": ("ES256",), "P-521": ("ES512",), "Ed25519": ("EdDSA", "Ed25519")}


def algs_of(key: Key) -> tuple[str, ...]:
    """Return the algorithms with which a key may sign for us; none when it is too weak or of another kind."""
    if isinstance(key, RSAKey):
        return ("PS256",) if key.public_key.key_size >= RSA_BITS else ()
    if isinstance(key, ECKey | OKPKey):
        return _CURVE_ALG.get(str(key.get("crv")), ())
    return ()


def find_keys_fault(jwks: Mapping[str, Any]) -> str:
    """Say what is wrong with a key set (RFC 7517), or "" when every key in it can be used to check signatures."""
    members = jwks.get("keys")
    if not isinstance(members, list) or not 0 < len(members) <= MOST_KEYS:
        return "form"
    if not all(isinstance(member, dict) for member in members):
        return "form"
    if any(PRIVATE_MEMBERS & member.keys() for member in members):
        return "private"
    kids = [member.get("kid") for member in members if member.get("kid")]
    if len(kids) != len(set(kids)) or (len(members) > 1 and len(kids) != len(members)):
        return "kid"
    if any(is_short(member) for member in members):
        return "algorithm"
    try:
        found = [(key, algs_of(key)) for key in KeySet.import_key_set({"keys": members}).keys]
    except (JoseError, ValueError, TypeError, KeyError):
        return "form"
    if not all(algs for _, algs in found):
        return "algorithm"
    named = [(key.get("alg"), algs) for key, algs in found]
    return "algorithm" if any(alg and alg not in algs for alg, algs in named) else ""


def is_short(member: Mapping[str, Any]) -> bool:
    """Tell of an RSA key below 2048 bits before a library has to read it."""
    return member.get("kty") == "RSA" and len(str(member.get("n", ""))) * 6 < RSA_BITS
