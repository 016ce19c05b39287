"""Compact JWS (RFC 7515), the envelope of contract signatures, tokens and snapshots.

Ours are Ed25519 (RFC 9864) and say in ``typ`` what they are. Peers after FSC core sign with RS or ES 256 to 512 and say
nothing. Which algorithms may be used follows from the key that is expected, never from what the text says.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic import JsonValue

from terpadu_wire.errors import WireError
from terpadu_wire.keys import ContractKey, ContractPrivateKey
from terpadu_wire.strict_json import parse_json

OURS = "Ed25519"
_OF_CURVE = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_OF_RSA = ("RS256", "RS384", "RS512")
ALGORITHMS = frozenset({OURS, *_OF_RSA, *_OF_CURVE.values()})
"""Every algorithm that some key may use."""


def algorithms_of(key: ContractKey) -> Sequence[str]:
    """Return the algorithms that a key may be used with, the usual one first."""
    if isinstance(key, Ed25519PublicKey):
        return (OURS,)
    if isinstance(key, EllipticCurvePublicKey):
        return (_OF_CURVE[key.curve.name],)
    return _OF_RSA


def sign_jws(payload: JsonValue, *, key: ContractPrivateKey, header: dict[str, str]) -> str:
    """Return a compact JWS over the JSON of a payload, with the usual algorithm of the key.

    Args:
        payload: JSON value to sign.
        key: the signer's key.
        header: members of the protected header besides ``alg``.
    """
    algorithm = algorithms_of(key.public_key())[0]
    protected: dict[str, Any] = {"alg": algorithm, **header}
    return jws.serialize_compact(protected, orjson.dumps(payload), imported(key), algorithms=[algorithm])


def open_jws(
    text: str | bytes, *, key: ContractKey, kind: str, error: type[WireError], code: str
) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """Return (protected header, payload object) of a compact JWS whose signature holds.

    Args:
        text: the compact serialisation.
        key: key that must have signed it; no algorithm of another kind of key is accepted.
        kind: required ``typ`` of the protected header, so that one kind of object never passes as another; a key
            of FSC's kinds may leave it out, then the payload must tell.
        error: error class to raise.
        code: stable code to raise it with.

    Raises:
        WireError: as ``error``, when the text, the signature, the type or the payload is wrong.
    """
    try:
        opened = jws.deserialize_compact(text, imported(key), algorithms=list(algorithms_of(key)))
        payload = parse_json(opened.payload)
    except (JoseError, WireError, ValueError) as failure:
        raise error(code, f"the {kind} is not signed by the expected key") from failure
    header: dict[str, JsonValue] = dict(opened.headers())
    may_be_silent = not isinstance(key, Ed25519PublicKey)
    is_kind = header.get("typ") == kind or (may_be_silent and header.get("typ") in (None, "JWT", "JOSE"))
    if not is_kind or not isinstance(payload, dict):
        raise error(code, f"this is not a {kind}")
    return header, payload


def peek_header(text: str, *, error: type[WireError], code: str) -> dict[str, JsonValue]:
    """Return the protected header of a compact JWS without verifying it, to find the key that it names.

    Raises:
        WireError: as ``error``, when the text is no compact JWS.
    """
    try:
        header: dict[str, JsonValue] = dict(jws.extract_compact(text.encode("ascii")).headers())
    except (JoseError, ValueError, UnicodeEncodeError) as failure:
        raise error(code, "this is not a compact JWS") from failure
    return header


def imported(key: ContractKey | ContractPrivateKey) -> OKPKey | ECKey | RSAKey:
    """Return a key as the JOSE library takes it."""
    if isinstance(key, Ed25519PublicKey | Ed25519PrivateKey):
        return OKPKey.import_key(key)
    if isinstance(key, EllipticCurvePublicKey | EllipticCurvePrivateKey):
        return ECKey.import_key(key)
    return RSAKey.import_key(key)
