"""Which pictures of agencies are taken: PNG and JPEG by their content, of a size that decoding cannot blow up."""

from __future__ import annotations

import struct

PNG_MARK = b"\x89PNG\r\n\x1a\n"
JPEG_MARK = b"\xff\xd8\xff"
SMALLEST_PX, LARGEST_PX = 32, 2048
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


def find_picture_fault(body: bytes) -> tuple[str, str]:
    """Return the kind of a picture ("png", "jpg" or "") and what is wrong with it, "" for nothing.

    What the server calls it does not count, and SVG may carry scripts: it is refused like anything else.
    """
    kind = "png" if body.startswith(PNG_MARK) else "jpg" if body.startswith(JPEG_MARK) else ""
    if not kind:
        return "", "not a picture"
    width, height = _png_size(body) if kind == "png" else _jpeg_size(body)
    if not width or not height:
        return kind, "not a picture"
    sides = (width, height)
    return kind, "" if min(sides) >= SMALLEST_PX and max(sides) <= LARGEST_PX else "size"


def _png_size(body: bytes) -> tuple[int, int]:
    """Read IHDR, which must come first (PNG 1.2, 5.6)."""
    if len(body) < 24 or body[12:16] != b"IHDR":
        return 0, 0
    width, height = struct.unpack(">II", body[16:24])
    return int(width), int(height)


def _jpeg_size(body: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return int(width), int(height)
        step = 0 if marker in _BARE else int.from_bytes(body[at + 2 : at + 4], "big")
        at += 1 if marker == 0xFF else 2 + step
    return 0, 0
