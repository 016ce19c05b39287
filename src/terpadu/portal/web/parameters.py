"""Reading what stands in an address: anything unreadable counts as absent."""

from __future__ import annotations

from uuid import UUID


def uuid_or_none(text: str | None) -> UUID | None:
    """Return the identifier that a query parameter holds, or None."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def words_or_none(text: str | None, *, longest: int) -> str | None:
    """Return the words that a query parameter holds, without what cannot be typed and cut to a length, or None."""
    words = "".join(letter if letter.isprintable() else " " for letter in text or "").strip()
    return words[:longest] or None
