"""Canonical JSON (RFC 8785), FSC's tagged hashes (FSC core, "The content hash") and base64url."""

import base64
import binascii
import hashlib
from enum import IntEnum

import rfc8785
from pydantic import JsonValue

from terpadu_wire.errors import JsonError

_ALGORITHM_NUMBER = 1
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class HashKind(IntEnum):
    """What a tagged hash was taken of (FSC core, "Hash types")."""

    CONTRACT = 1
    SERVICE_PUBLICATION_GRANT = 2
    SERVICE_CONNECTION_GRANT = 3
    DELEGATED_SERVICE_CONNECTION_GRANT = 4
    DELEGATED_SERVICE_PUBLICATION_GRANT = 5


def canonical_bytes(value: JsonValue) -> bytes:
    """Return the RFC 8785 form of a JSON value, in UTF-8.

    Raises:
        JsonError: the value has no canonical form (NaN, an integer beyond 2**53, a lone surrogate).
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise JsonError("json.not_canonical", "the value has no canonical JSON form") from error


def tagged_hash(kind: HashKind, payload: bytes) -> str:
    """Return ``$1$<kind>$<base64url of SHA3-512>`` of bytes, FSC's way to write a hash."""
    digest = hashlib.sha3_512(payload).digest()
    return f"${_ALGORITHM_NUMBER}${kind.value}${b64url_encode(digest)}"


def b64url_encode(raw: bytes) -> str:
    """Return base64url without padding (RFC 7515, section 2)."""
    return binascii.b2a_base64(raw, newline=False).rstrip(b"=").translate(_URL_SAFE).decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Return the bytes of base64url text without padding, in the one way to write them (RFC 4648, section 3.5).

    Raises:
        JsonError: the text is not base64url.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise JsonError("json.not_base64url", "the text is not base64url") from error
    if b64url_encode(raw) != text:
        raise JsonError("json.not_base64url", "the text is not base64url as it is written")
    return raw
