"""Small tools of these tests."""

from __future__ import annotations

import copy

from pydantic import JsonValue


def change_at(value: JsonValue, path: str, replacement: JsonValue) -> JsonValue:
    """Return a copy of a JSON value in which the member at a dotted path is another."""
    changed = copy.deepcopy(value)
    *way, last = path.split(".")
    place = changed
    for step in way:
        place = _member(place, step)
    if isinstance(place, dict):
        place[last] = replacement
    else:
        assert isinstance(place, list)
        place[int(last)] = replacement
    return changed


def _member(value: JsonValue, step: str) -> JsonValue:
    if isinstance(value, list):
        return value[int(step)]
    assert isinstance(value, dict)
    return value[step]
