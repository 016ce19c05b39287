"""The files of issued documents: sealed at rest, written whole or not at all.

A document shows the NIK, so its file is encrypted like the NIK itself (`kernel.crypto`).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings

from terpadu.documents.errors import FileDamaged
from terpadu.kernel import crypto

CONTEXT = "documents.file"


def path_for(idempotency_key: str) -> str:
    """Return the relative path of a document's file; a repeated issue writes to the same one."""
    digest = hashlib.sha256(idempotency_key.encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:42]}.pdf.sealed"


def write(path: str, content: bytes) -> None:
    """Store a file durably: temporary file, fsync, rename, fsync of the directory."""
    target = Path(settings.DOCUMENTS_DIR) / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(crypto.seal(content, context=CONTEXT))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: str, *, sha256: str) -> bytes:
    """Return a stored file. Raises FileDamaged when it is missing, altered, or not the one with this digest."""
    try:
        content = crypto.unseal((Path(settings.DOCUMENTS_DIR) / path).read_bytes(), context=CONTEXT)
    except (OSError, InvalidTag, ValueError) as error:
        raise FileDamaged(reason=type(error).__name__) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileDamaged(reason="digest")
    return content
