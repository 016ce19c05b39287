"""Content-Digest of a body (RFC 9530), SHA-256 only."""

import base64
import binascii
import hashlib
import hmac
import re

from terpadu_wire.errors import SignatureError

_FIELD = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


def content_digest(body: bytes) -> str:
    """Return the value of the Content-Digest header of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def verify_content_digest(value: str, body: bytes) -> None:
    """Check that a Content-Digest header belongs to a body.

    Raises:
        SignatureError: code ``signature.digest``; the header is missing, of another algorithm, or of another body.
    """
    match = _FIELD.fullmatch(value.strip())
    if match is None:
        raise SignatureError("signature.digest", "Content-Digest must be one SHA-256 digest")
    try:
        claimed = base64.b64decode(match[1], validate=True)
    except binascii.Error as error:
        raise SignatureError("signature.digest", "Content-Digest is not base64") from error
    if not hmac.compare_digest(claimed, hashlib.sha256(body).digest()):
        raise SignatureError("signature.digest", "the body is not the one that was signed")
