"""Compact JWS (RFC 7515) with Ed25519 (RFC 9864), the envelope of contract signatures, tokens and snapshots."""

from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import JsonValue

from terpadu_wire.errors import WireError
from terpadu_wire.keys import PrivateKey, PublicKey
from terpadu_wire.strict_json import parse_json

_ALGORITHM = "Ed25519"


def sign_jws(payload: JsonValue, *, key: PrivateKey, header: dict[str, str]) -> str:
    """Return a compact JWS over the JSON of a payload.

    Args:
        payload: JSON value to sign.
        key: the signer's key.
        header: members of the protected header besides ``alg``.
    """
    protected: dict[str, Any] = {"alg": _ALGORITHM, **header}
    return jws.serialize_compact(
        protected, orjson.dumps(payload), OKPKey.import_key(key), algorithms=[_ALGORITHM]
    )


def open_jws(
    text: str | bytes, *, key: PublicKey, kind: str, error: type[WireError], code: str
) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """Return (protected header, payload object) of a compact JWS whose signature holds.

    Args:
        text: the compact serialisation.
        key: key that must have signed it; no other algorithm than Ed25519 is accepted.
        kind: required ``typ`` of the protected header, so that one kind of object never passes as another.
        error: error class to raise.
        code: stable code to raise it with.

    Raises:
        WireError: as ``error``, when the text, the signature, the type or the payload is wrong.
    """
    try:
        opened = jws.deserialize_compact(text, OKPKey.import_key(key), algorithms=[_ALGORITHM])
        payload = parse_json(opened.payload)
    except (JoseError, WireError, ValueError) as failure:
        raise error(code, f"the {kind} is not signed by the expected key") from failure
    header: dict[str, JsonValue] = dict(opened.headers())
    if header.get("typ") != kind or not isinstance(payload, dict):
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
