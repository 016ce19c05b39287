"""Which files are taken with a request: known by their content, of a kind that everybody can open, not too large."""

from __future__ import annotations

from pathlib import PurePath

LARGEST_BYTES = 5 * 1024 * 1024
HEAD_BYTES = 16
KINDS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "application/pdf": (b"%PDF-", (".pdf",)),
    "image/jpeg": (b"\xff\xd8\xff", (".jpg", ".jpeg")),
    "image/png": (b"\x89PNG\r\n\x1a\n", (".png",)),
}
ENDINGS = tuple(ending for _, endings in KINDS.values() for ending in endings)


def upload_fault(name: str, *, size: int, head: bytes) -> str:
    """Return why a file cannot be taken as a code, "" when it can. head: its first bytes."""
    if not size:
        return "file_empty"
    if size > LARGEST_BYTES:
        return "file_large"
    kind = media_type_of(head)
    if not kind:
        return "file_kind"
    if PurePath(name).suffix.lower() not in KINDS[kind][1]:
        return "file_ending"
    return ""


def media_type_of(head: bytes) -> str:
    """Return the kind of a file by its first bytes, "" for one that is not taken."""
    return next((kind for kind, (mark, _) in KINDS.items() if head.startswith(mark)), "")
