"""Marks in a text that nobody sees and that turn or hide its letters. Pasted text often holds some."""

from __future__ import annotations

UNSEEN = dict.fromkeys(
    [
        0x00AD,
        0x061C,
        0x200B,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x206A),
        0xFEFF,
    ]
)


def without_unseen(text: str) -> str:
    """Return a text without soft hyphens, spaces of no width and marks of direction."""
    return text if text.isascii() else text.translate(UNSEEN)
