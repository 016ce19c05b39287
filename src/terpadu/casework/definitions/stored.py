"""Between stored JSON and the values that rules work on: only days differ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from terpadu.casework.definitions.language import Type


def from_json(value: Any, *, of: Type) -> Any:
    """Return a stored value in Python types. Raises ValueError for a day that does not exist."""
    if value is None:
        return None
    if of.kind == "date":
        return date.fromisoformat(value) if isinstance(value, str) else value
    if of.kind == "list" and of.item is not None and isinstance(value, list):
        return [from_json(item, of=of.item) for item in value]
    if of.kind == "record" and isinstance(value, Mapping):
        return {
            name: from_json(part, of=of.members[name]) for name, part in value.items() if name in of.members
        }
    return value


def to_json(value: Any) -> Any:
    """Return a value as plain JSON: days as "2026-11-21"."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: to_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value
