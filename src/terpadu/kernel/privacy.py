"""How sensitive a stored field is. Every model names the class of each of its fields in `PRIVACY`."""

from __future__ import annotations

from enum import StrEnum


class Privacy(StrEnum):
    """Classes of stored data, from open to most protected (UU 27/2022 art. 4 splits general and specific personal data)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


def mask_digits(number: str, *, shown: int = 4) -> str:
    """Hide all but the last `shown` characters of a number, such as a NIK, for display."""
    return "•" * max(len(number) - shown, 0) + number[-shown:]


def mask_name(name: str) -> str:
    """Keep the first letter of each word of a name, for pages that anyone may open."""
    return " ".join(word[0] + "•" * (len(word) - 1) for word in name.split())
