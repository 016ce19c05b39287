"""Plain JSON values as lines that a person can read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from terpadu.kernel.formats import format_moment

MOST_LINES = 2000


def readable(value: Any) -> list[tuple[str, str]]:
    """Return the leaves of a JSON value as ("place / in / it", text); at most 2,000, the file has all."""
    lines: list[tuple[str, str]] = []
    _walk(value, (), lines)
    return lines


def _walk(value: Any, path: tuple[str, ...], lines: list[tuple[str, str]]) -> None:
    if len(lines) >= MOST_LINES:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            _walk(part, (*path, str(key).replace("_", " ")), lines)
    elif isinstance(value, list):
        for place, part in enumerate(value, start=1):
            _walk(part, (*path, str(place)), lines)
    elif value not in (None, ""):
        lines.append((" · ".join(path), _text(value)))


def _text(value: Any) -> str:
    """Write a value as people do: a moment in the language in force, yes and no."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, str) and "T" in value[10:11]:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return format_moment(moment) if moment.tzinfo else value
    return str(value)
