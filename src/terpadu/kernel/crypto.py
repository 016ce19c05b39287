"""Secrets at rest: sealing with AES-256-GCM and keyed hashes with HMAC-SHA-256.

Keys are files of 32 random bytes in `settings.SECRETS_DIR`, made at first use, readable by the owner alone, and never
in the database: a stolen database gives neither the sealed values nor a way to test guesses against the hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from terpadu.kernel.secrets import read_or_make

NONCE_BYTES = 12


def secret_key(name: str) -> bytes:
    """Return the 32-byte key `name`, made at first use; every process sees the same one."""
    return _key(settings.SECRETS_DIR, name)


@cache
def _key(directory: Path, name: str) -> bytes:
    return read_or_make(Path(directory) / f"{name}.key")


def secret_token(name: str) -> str:
    """Return the token `name`, a line of text in a file for other programs to read; made at first use."""
    path = Path(settings.SECRETS_DIR) / f"{name}.token"
    return read_or_make(path, make=lambda: secrets.token_urlsafe(32).encode()).decode("ascii").strip()


def seal(plain: bytes, *, context: str) -> bytes:
    """Encrypt bytes so that they can be opened only with the key and the same context (such as "identity.nik")."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(secret_key("seal")).encrypt(nonce, plain, context.encode())


def unseal(sealed: bytes, *, context: str) -> bytes:
    """Decrypt what `seal` made. Raises cryptography's InvalidTag when key, context or bytes differ."""
    return AESGCM(secret_key("seal")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())


def keyed_hash(text: str, *, context: str) -> str:
    """Return a hex digest by which `text` can be found without being stored; other contexts give other digests."""
    return hmac.new(secret_key("hash"), f"{context}\0{text}".encode(), hashlib.sha256).hexdigest()
