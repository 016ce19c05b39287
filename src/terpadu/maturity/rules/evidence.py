"""What can be evidence: a file by its first bytes, whatever its name says, and the address of a page that others can open."""

from __future__ import annotations

from urllib.parse import urlsplit

LARGEST_BYTES = 25 * 1024 * 1024  # assumed: the regulation names no limit
HEAD_BYTES = 4096
LONGEST_ADDRESS = 500

_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
# The first entry of an office file's archive tells it from other archives, programs among them.
_OFFICE = {
    b"[Content_Types].xml": "application/vnd.openxmlformats-officedocument",
    b"mimetypeapplication/vnd.oasis.opendocument": "application/vnd.oasis.opendocument",
}
_ZIP = b"PK\x03\x04"
_ZIP_NAME_AT = 30


def media_type_of(head: bytes) -> str | None:
    """Tell the kind of a file from its first bytes (up to 4096); None for anything that is not taken.

    Taken: PDF, PNG, JPEG, Office Open XML, OpenDocument, plain text. Not taken: programs, scripts, other archives.
    """
    for signature, media_type in _SIGNATURES.items():
        if head.startswith(signature):
            return media_type
    if head.startswith(_ZIP):
        name = head[_ZIP_NAME_AT:]
        return next((kind for start, kind in _OFFICE.items() if name.startswith(start)), None)
    return "text/plain" if _is_text(head) else None


def is_public_address(text: str) -> bool:
    """Tell whether a text is a whole web address with a host that has a dot, at most 500 letters long."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host and len(text) <= LONGEST_ADDRESS


def _is_text(head: bytes) -> bool:
    if head.startswith((b"#!", b"MZ", b"<")):
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut at the end of the head may go through a character.
        if error.start < len(head) - 3 or len(head) < HEAD_BYTES:
            return False
        text = head[: error.start].decode("utf-8")
    return all(character >= " " or character in "\t\n\r\f\ufeff" for character in text)
