"""Plain JSON values as lines that a person can read."""

from __future__ import annotations

from typing import Any

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
        lines.append((" · ".join(path), str(value)))
