"""Subject identifiers in records: never the identifier itself, always a keyed pseudonym."""

import hashlib
import hmac

from terpadu_wire.canonical import b64url_encode


def pseudonym(key: bytes, identifier: str) -> str:
    """Return the pseudonym of a person's identifier: base64url of HMAC-SHA-256.

    Args:
        key: secret of the platform, at least 32 bytes; who has it can test a guessed identifier.
        identifier: the identifier as the systems write it, such as a 16-digit NIK; surrounding space is ignored.
    """
    return b64url_encode(hmac.digest(key, identifier.strip().encode("utf-8"), hashlib.sha256))
