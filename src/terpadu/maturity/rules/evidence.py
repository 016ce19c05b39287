"""What a file is, by its first bytes; its name and what the sender calls it count for nothing."""

from __future__ import annotations

LARGEST_BYTES = 25 * 1024 * 1024  # assumed: the regulation names no limit
HEAD_BYTES = 4096

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
