"""JSON from outside: duplicate keys, NaN, infinite numbers, lone surrogates and deep nesting are refused."""

import json
import math
from collections.abc import Iterable

import orjson
from pydantic import JsonValue

from terpadu_wire.errors import JsonError

MAX_DEPTH = 64
_MAX_NUMBER_LENGTH = 64


def parse_json(raw: bytes) -> JsonValue:
    """Return the value of strict JSON text.

    Args:
        raw: UTF-8 bytes of one JSON text.

    Raises:
        JsonError: code ``json.invalid``, ``json.duplicate_key``, ``json.number`` or ``json.too_deep``.
    """
    try:
        value: JsonValue = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise JsonError("json.invalid", "the body is not JSON") from error
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    # Bytes that orjson writes back unchanged cannot hold a duplicate key; only other layouts need the slow look.
    if orjson.dumps(value) != raw:
        return _parse_slowly(raw)
    return value


def _parse_slowly(raw: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(
            raw,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except (ValueError, RecursionError) as error:
        raise JsonError("json.invalid", "the body is not JSON") from error
    return value


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("json.duplicate_key", "an object has the same key twice")
    return members


def _refuse_constant(name: str) -> JsonValue:
    raise JsonError("json.number", f"{name} is not a JSON number")


def _integer(text: str) -> int:
    number = int(text) if len(text) <= _MAX_NUMBER_LENGTH else 2**64
    if not -(2**63) <= number < 2**64:
        raise JsonError("json.number", "a whole number does not fit 64 bits")
    return number


def _number(text: str) -> float:
    number = float(text) if len(text) <= _MAX_NUMBER_LENGTH else math.inf
    if not math.isfinite(number):
        raise JsonError("json.number", "a number is too large")
    return number


def _check_depth(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise JsonError("json.too_deep", f"the body nests deeper than {MAX_DEPTH} levels")


def _children(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
