"""Random handles and secrets, kept only as digests."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from terpadu.kernel.crypto import secret_key

HANDLE_BYTES = 32  # 256 bits: a digest without salt is enough


def new_handle() -> str:
    """Return a fresh unguessable text for a code, a token or a secret: 43 characters."""
    return secrets.token_urlsafe(HANDLE_BYTES)


def digest_of(handle: str) -> str:
    """Return under which digest a handle is stored."""
    return hashlib.sha256(handle.encode()).hexdigest()


def secret_digest(secret: str) -> str:
    """Return the HMAC-SHA-256 of a client's secret: random and long, so that no slow hash is needed."""
    return hmac.new(secret_key("provider"), f"client-secret\0{secret}".encode(), hashlib.sha256).hexdigest()


def is_secret(secret: str, *, digest: str) -> bool:
    """Tell in constant time whether a secret has a digest."""
    return bool(digest) and hmac.compare_digest(secret_digest(secret), digest)
