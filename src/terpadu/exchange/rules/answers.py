"""Does an answer keep to its interface's OpenAPI 3.0 schema, as far as the contract let it through?

What the field filter dropped is not missed: of an object's required members, only those on the way to an allowed
pointer are asked for. The keywords checked are listed in `CHECKED`; a schema with another one is refused when the
interface is published, so that nothing is left unchecked in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import JsonObject, resolve

CHECKED = frozenset(
    [
        "$ref",
        "type",
        "nullable",
        "enum",
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "items",
        "minItems",
        "maxItems",
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
        "maxProperties",
    ]
)
SAYS_NOTHING = frozenset(
    ["title", "description", "example", "default", "deprecated", "readOnly", "writeOnly"]
)
MAX_DEPTH = 32


@dataclass(frozen=True)
class Filter:
    """The steps that allowed pointers go on with below a place; `is_whole` when everything below may pass."""

    pointers: tuple[tuple[str, ...], ...]

    @property
    def is_whole(self) -> bool:
        """Whether one of the pointers ends here."""
        return () in self.pointers

    def below(self, step: str) -> Filter:
        """Return the filter of one member, or of the elements of an array ("*")."""
        if self.is_whole:
            return self
        return Filter(tuple(pointer[1:] for pointer in self.pointers if pointer[0] == step))


def first_break(
    answer: JsonValue, schema: JsonObject, *, allowed: Iterable[str], document: JsonValue
) -> str | None:
    """Return the place (JSON pointer) where a filtered answer first breaks its schema, or None when it keeps to it.

    allowed: the contract's pointers. document: the whole OpenAPI document, for `$ref`.
    The place holds names of members and positions, never a value.
    """
    steps = tuple(
        tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
        for pointer in allowed
    )
    return _Check(document).value(answer, schema, Filter(steps), "")


def unknown_keywords(schema: JsonObject, *, document: JsonValue) -> set[str]:
    """Return the keywords of a schema, and of all it leads to, that `first_break` does not check."""
    found: set[str] = set()
    _collect(schema, document, found, seen=set())
    return found


def _collect(schema: JsonObject, document: JsonValue, found: set[str], *, seen: set[int]) -> None:
    schema = resolve(schema, document=document)
    if id(schema) in seen:
        return
    seen.add(id(schema))
    found |= {name for name in schema if name not in CHECKED | SAYS_NOTHING and not name.startswith("x-")}
    properties = schema.get("properties")
    children = [schema.get("items"), schema.get("additionalProperties")]
    children += properties.values() if isinstance(properties, dict) else []
    for child in children:
        if isinstance(child, dict):
            _collect(child, document, found, seen=seen)


class _Check:
    """One pass over an answer; every method returns the place of the first break, or None."""

    def __init__(self, document: JsonValue) -> None:
        self._document = document

    def value(self, value: JsonValue, schema: JsonObject, passes: Filter, place: str) -> str | None:
        schema = resolve(schema, document=self._document)
        if place.count("/") > MAX_DEPTH:
            return place
        if value is None:
            return None if schema.get("nullable") is True else place
        enum = schema.get("enum")
        kind = schema.get("type")
        if (isinstance(enum, list) and value not in enum) or (
            isinstance(kind, str) and not _is_of_type(value, kind)
        ):
            return place
        return self._inside(value, schema, passes, place)

    def _inside(self, value: JsonValue, schema: JsonObject, passes: Filter, place: str) -> str | None:
        if isinstance(value, dict):
            return self._object(value, schema, passes, place)
        if isinstance(value, list):
            return self._array(value, schema, passes, place)
        good = _text_fits(value, schema) if isinstance(value, str) else _number_fits(value, schema)
        return None if good else place

    def _object(
        self, value: dict[str, JsonValue], schema: JsonObject, passes: Filter, place: str
    ) -> str | None:
        required = schema.get("required")
        for name in required if isinstance(required, list) else ():
            if name not in value and (passes.is_whole or passes.below(str(name)).pointers):
                return f"{place}/{name}"
        if not _within(len(value), schema, "Properties", lower=passes.is_whole):
            return place
        properties = schema.get("properties")
        known = properties if isinstance(properties, dict) else {}
        others = schema.get("additionalProperties", True)
        for name, member in value.items():
            member_schema = known.get(name, others)
            if member_schema is False:
                return f"{place}/{name}"
            if isinstance(member_schema, dict):
                broken = self.value(member, member_schema, passes.below(name), f"{place}/{name}")
                if broken is not None:
                    return broken
        return None

    def _array(self, value: list[JsonValue], schema: JsonObject, passes: Filter, place: str) -> str | None:
        if not _within(len(value), schema, "Items"):
            return place
        items = schema.get("items")
        if not isinstance(items, dict):
            return None
        below = passes.below("*")
        found = (self.value(element, items, below, f"{place}/{index}") for index, element in enumerate(value))
        return next((broken for broken in found if broken is not None), None)


def _is_of_type(value: JsonValue, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "object": dict,
        "array": list,
    }
    return kind in kinds and isinstance(value, kinds[kind])


def _within(size: float, schema: JsonObject, what: str, *, lower: bool = True) -> bool:
    """Tell whether a size keeps to `min<what>` (when `lower`) and `max<what>`."""
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    too_small = lower and isinstance(least, int | float) and size < least
    return not too_small and not (isinstance(most, int | float) and size > most)


def _number_fits(value: JsonValue, schema: JsonObject) -> bool:
    return not isinstance(value, int | float) or _within(value, schema, "imum")


def _text_fits(value: str, schema: JsonObject) -> bool:
    pattern, form = schema.get("pattern"), schema.get("format")
    if isinstance(pattern, str) and re.search(pattern, value) is None:
        return False
    reader = _FORMATS.get(form) if isinstance(form, str) else None
    return _within(len(value), schema, "Length") and (reader is None or _reads(reader, value))


def _reads(reader: Callable[[str], object], value: str) -> bool:
    try:
        reader(value)
    except ValueError:
        return False
    return True


_FORMATS: dict[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
}
