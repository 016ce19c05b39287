"""TOML texts (TOML 1.0): configuration files that gateways and doors read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path

import orjson

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_lines(members: Mapping[str, object]) -> list[str]:
    """Return one line `name = value` for each member that is not None."""
    return [f"{_key(name)} = {toml_value(value)}" for name, value in members.items() if value is not None]


def toml_value(value: object) -> str:
    """Return a value on one line: text, number, truth, list, or object as inline table. Raises TypeError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Path):
        # JSON's escapes are TOML's too; only DEL is one that TOML wants escaped.
        return orjson.dumps(str(value)).decode().replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return orjson.dumps(value).decode()
    if isinstance(value, Mapping):
        return f"{{ {', '.join(toml_lines(value))} }}" if value else "{}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | date | time):
        return f"[{', '.join(toml_value(one) for one in value)}]"
    raise TypeError(f"{type(value).__name__} has no place in TOML")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml_value(name)
