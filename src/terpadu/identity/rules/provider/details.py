"""Data shares that a client asks for in fine grain (RFC 9396, `authorization_details`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson

DATA_SHARE = "data_share"
DETAIL_TYPES: frozenset[str] = frozenset({DATA_SHARE})
"""Types we know. data_share: the client may fetch `datatypes` of the person at `locations`, for a purpose."""

LONGEST = 8_000
MOST = 5
_TEXTS = frozenset({"purpose", "purpose_en", "legal_basis", "identifier"})
_LISTS = frozenset({"datatypes", "actions", "locations"})


def read_details(text: str, *, allowed: Collection[str]) -> list[dict[str, Any]] | None:
    """Read `authorization_details`, or return None when it is not what RFC 9396, 5 asks for. allowed: types the client may use."""
    if len(text) > LONGEST:
        return None
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    if not isinstance(found, list) or not 0 < len(found) <= MOST:
        return None
    return found if all(is_detail(one, allowed=allowed) for one in found) else None


def is_detail(one: object, *, allowed: Collection[str]) -> bool:
    """Tell whether one data share has a type the client may use, says what and what for, and has no unknown field."""
    if not isinstance(one, dict) or one.get("type") not in DETAIL_TYPES & set(allowed):
        return False
    if not one.keys() <= {"type"} | _TEXTS | _LISTS:
        return False
    texts = all(_is_text(one[name]) for name in _TEXTS & one.keys())
    lists = all(_is_list_of_texts(one[name]) for name in _LISTS & one.keys())
    return texts and lists and bool(one.get("datatypes")) and bool(one.get("purpose"))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 20 and all(_is_text(one) for one in value)


def is_within(asked: Collection[Mapping[str, Any]], granted: Collection[Mapping[str, Any]]) -> bool:
    """Tell whether every share asked for was granted in these very words (for refresh and exchange)."""
    return all(one in granted for one in asked)
