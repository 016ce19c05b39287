"""Content-Digest of a body (RFC 9530), SHA-256 only."""

import binascii
import hashlib
import re

from terpadu_wire.errors import SignatureError

_FIELD = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


def content_digest(body: bytes) -> str:
    """Return the value of the Content-Digest header of a body."""
    return digest_field(hashlib.sha256(body).digest()) if body else _OF_NOTHING


def digest_field(digest: bytes) -> str:
    """Return the value of the Content-Digest header of a SHA-256 digest."""
    return f"sha-256=:{binascii.b2a_base64(digest, newline=False).decode('ascii')}:"


def verify_content_digest(value: str, body: bytes) -> None:
    """Check that a Content-Digest header belongs to a body.

    Raises:
        SignatureError: code ``signature.digest``; the header is missing, of another algorithm, or of another body.
    """
    # Compared as text: of one digest there is one spelling, and the usual case costs one hash and no decoding.
    if value.strip() == content_digest(body):
        return
    if _FIELD.fullmatch(value.strip()) is None:
        raise SignatureError("signature.digest", "Content-Digest must be one SHA-256 digest")
    raise SignatureError("signature.digest", "the body is not the one that was signed")


def is_digest_or_empty(value: str) -> bool:
    """Say whether a Content-Digest header is one SHA-256 digest, or says nothing."""
    return value == "" or _FIELD.fullmatch(value) is not None


_OF_NOTHING = digest_field(hashlib.sha256(b"").digest())
