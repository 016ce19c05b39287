"""Schemas of somebody else's OpenAPI document, 3.0 or 3.1, in the words of 3.0 that contracts are read against.

Whatever keeps to the schema as its makers wrote it keeps to what is made of it: only loosened, never tightened. The one
exception is a member that one choice of a oneOf names and another, an open object, does not: it keeps its schema, so that
contracts can name what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import DocumentError, JsonObject
from terpadu_wire.patterns import can_be_checked

SAYS_NOTHING = frozenset(
    (
        *("title", "description", "default", "deprecated", "readOnly", "writeOnly", "example", "examples"),
        *("xml", "externalDocs", "discriminator", "$schema", "$id", "$comment"),
    )
)
MAX_NODES = 100_000
MAX_DEPTH = 40
MAX_NOTES = 50
_COMBINED = ("allOf", "oneOf", "anyOf")
_TURNED = frozenset({"const", "exclusiveMinimum", "exclusiveMaximum"})
_KINDS = ("string", "number", "integer", "boolean", "array", "object")
_SCHEMAS = "#/components/schemas/"
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]")


def _is_count(value: JsonValue) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == int(value)
    )


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_names(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


CHECKED: dict[str, Callable[[JsonValue], bool]] = {
    "type": lambda value: value in _KINDS,
    "nullable": lambda value: isinstance(value, bool),
    "enum": lambda value: isinstance(value, list) and bool(value),
    "pattern": lambda value: isinstance(value, str) and can_be_checked(value),
    "format": lambda value: isinstance(value, str),
    "minLength": _is_count,
    "maxLength": _is_count,
    "minimum": _is_number,
    "maximum": _is_number,
    "items": lambda value: isinstance(value, dict),
    "minItems": _is_count,
    "maxItems": _is_count,
    "properties": lambda value: isinstance(value, dict),
    "required": _is_names,
    "additionalProperties": lambda value: isinstance(value, dict | bool),
    "minProperties": _is_count,
    "maxProperties": _is_count,
}
"""Keywords that are kept, those in which 3.0 and 3.1 say the same, and whether a value is one that they may have."""
_NOT_CHECKED = {
    "pattern": "pattern with look-around, a back-reference, too much to count, or none at all: not checked"
}


@dataclass
class Loosening:
    """One document whose schemas are taken in.

    source: the document. names: what its components' schemas are called, by the name that it gives them. nodes: how many
    values were looked at, so that no alias multiplies without end. open: references that are being put in place.
    nullable: names of the schemas that are also needed with null.
    """

    source: JsonObject
    names: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    nodes: int = 0
    open: set[str] = field(default_factory=set)
    nullable: set[str] = field(default_factory=set)

    def note(self, text: str) -> None:
        """Tell something once."""
        if text not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(text)

    def resolved(self, raw: JsonValue) -> JsonValue:
        """Follow local references. Raises DocumentError when one leads outside, nowhere or in a circle."""
        seen: set[str] = set()
        while isinstance(raw, dict) and isinstance(reference := raw.get("$ref"), str):
            self.nodes += 1
            if reference in seen or not reference.startswith("#/"):
                raise DocumentError(f"interface.reference: {reference[:100]}")
            seen.add(reference)
            raw = self._target(reference)
        return raw

    def _target(self, reference: str) -> JsonValue:
        target: JsonValue = self.source
        for step in reference[2:].split("/"):
            plain = _step(step)
            target = target.get(plain, target.get(step)) if isinstance(target, dict) else None
        if target is None:
            raise DocumentError(f"interface.reference: {reference[:100]}")
        return target


def loosened_components(taking: Loosening, schemas: JsonObject) -> JsonObject:
    """Return the schemas of the components, under names that a reference can carry. Raises DocumentError."""
    for name in schemas:
        plain = base = _NO_NAME.sub("_", name)
        number = 1
        while plain in taking.names.values():
            number += 1
            plain = f"{base}{number}"
        taking.names[name] = plain
    return {taking.names[name]: loosened(taking, one) for name, one in schemas.items()}


def nullable_components(taking: Loosening, schemas: JsonObject) -> JsonObject:
    """Return the schemas that something refers to as "this, or null"; to be asked when all else is taken in."""
    found: JsonObject = {}
    for name in sorted(taking.nullable):
        one = object_of(schemas[name])
        while isinstance(reference := one.get("$ref"), str):
            one = object_of(schemas[reference.removeprefix(_SCHEMAS)])
        found[_or_null_name(taking, name)] = _or_null(taking, one)
    return found


def loosened(taking: Loosening, raw: JsonValue, *, depth: int = 0) -> JsonObject:
    """Return a schema with the keywords that are checked, and no others. Raises DocumentError."""
    taking.nodes += 1
    if taking.nodes > MAX_NODES or depth > MAX_DEPTH:
        raise DocumentError("interface.too_large: the document's schemas nest or multiply too much")
    if not isinstance(raw, dict):
        return {}  # true and false of JSON Schema: anything
    reference = raw.get("$ref")
    if isinstance(reference, str):
        found = _reference(taking, reference, depth=depth)
        return _or_null(taking, found) if raw.get("nullable") is True else found
    if any(isinstance(raw.get(word), list) for word in _COMBINED):
        return _combined(taking, raw, depth=depth)
    taken = _typed(taking, raw)
    for word, value in raw.items():
        fits = CHECKED.get(word)
        if fits is not None and word != "type":
            _keep(taking, taken, word, value, fits=fits(value))
        elif word not in SAYS_NOTHING | _TURNED | {"type"} and not word.startswith("x-"):
            taking.note(f"{word}: not checked")
    _children(taking, raw, taken, depth=depth)
    return taken


def _keep(taking: Loosening, taken: JsonObject, word: str, value: JsonValue, *, fits: bool) -> None:
    if fits:
        taken.setdefault(word, value)
    else:
        taking.note(_NOT_CHECKED.get(word, f"{word}: not checked where it has a value that it cannot have"))


def _reference(taking: Loosening, reference: str, *, depth: int) -> JsonObject:
    """Return a reference to a schema of the components; what stands elsewhere is put in its place."""
    taking.resolved({"$ref": reference})
    name = reference.removeprefix(_SCHEMAS)
    known = taking.names.get(_step(name), taking.names.get(name))
    if reference.startswith(_SCHEMAS) and known is not None:
        return {"$ref": f"{_SCHEMAS}{known}"}
    return _flat(taking, {"$ref": reference}, depth=depth)


def _typed(taking: Loosening, raw: JsonObject) -> JsonObject:
    """Return its type, and what 3.1 says in another way than 3.0: several types, a constant, an exclusive limit."""
    taken: JsonObject = {}
    kinds = raw.get("type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    real = [kind for kind in listed if kind != "null"]
    if real and real != [None]:
        fits = len(real) == 1 and real[0] in _KINDS
        _keep(taking, taken, "type", real[0], fits=fits) if len(real) == 1 else taking.note(
            "several types at one place: not checked"
        )
    if "null" in listed:
        taken |= {"nullable": True} if real else {"nullable": True, "enum": [None]}
    if "const" in raw:
        taken["enum"] = [raw["const"]]
    taken |= _example(raw)
    for limit in ("Minimum", "Maximum"):
        value = raw.get(f"exclusive{limit}")
        if _is_number(value):
            taken[limit.lower()] = value
    return taken


def _example(raw: JsonObject) -> JsonObject:
    examples = raw.get("examples")
    if isinstance(examples, list) and examples:
        return {"example": examples[0]}
    return {"example": raw["example"]} if "example" in raw else {}


def _children(taking: Loosening, raw: JsonObject, taken: JsonObject, *, depth: int) -> None:
    if "properties" in taken:
        taken["properties"] = {
            name: loosened(taking, one, depth=depth + 1) for name, one in object_of(raw["properties"]).items()
        }
    for word in ("items", "additionalProperties"):
        if isinstance(raw.get(word), dict):
            taken[word] = loosened(taking, raw[word], depth=depth + 1)
    if taken.get("type") == "array" and "items" not in taken:
        taken["items"] = {}


def _combined(taking: Loosening, raw: JsonObject, *, depth: int) -> JsonObject:
    """Return one schema for several: what all demand together, or what any of them may have."""
    own = {word: one for word, one in raw.items() if word not in _COMBINED and word not in SAYS_NOTHING}
    choices = [*list_of(raw.get("oneOf")), *list_of(raw.get("anyOf"))]
    real = [one for one in choices if not _is_null(one)]
    may_be_null = own.pop("nullable", False) is True or len(real) < len(choices)
    demanded = [*([own] if own else []), *list_of(raw.get("allOf"))]
    if len(demanded) + len(real) == 1:
        found = loosened(taking, [*demanded, *real][0], depth=depth + 1)
        return _or_null(taking, found) if may_be_null else found
    merged: JsonObject = {}
    for part in demanded:
        merged = _merged(merged, _flat(taking, part, depth=depth))
    if len(real) > 1:
        taking.note("oneOf and anyOf: every member may be there, none must")
    if real:
        merged = _merged(merged, _loosest([_flat(taking, one, depth=depth) for one in real]))
    # An example of a part is none of the whole.
    merged.pop("example", None)
    merged |= _example(raw)
    return _or_null(taking, merged) if may_be_null else merged


def _flat(taking: Loosening, raw: JsonValue, *, depth: int) -> JsonObject:
    """Return a schema itself instead of a reference to it; a schema that is a part of itself ends there."""
    reference = raw.get("$ref") if isinstance(raw, dict) else None
    if not isinstance(reference, str):
        return loosened(taking, raw, depth=depth + 1)
    if reference in taking.open:
        taking.note("a schema that is a part of itself: not checked there")
        return {}
    taking.open.add(reference)
    found = loosened(taking, taking.resolved(raw), depth=depth + 1)
    taking.open.discard(reference)
    return found


def _merged(one: JsonObject, other: JsonObject) -> JsonObject:
    """Return a schema for what keeps to both."""
    properties = {**object_of(one.get("properties")), **object_of(other.get("properties"))}
    required = list(dict.fromkeys([*list_of(one.get("required")), *list_of(other.get("required"))]))
    merged = {**one, **other}
    if properties:
        merged["properties"] = properties
        # What the parts forbid each for itself, they allow together.
        merged.pop("additionalProperties", None)
    return merged | ({"required": required} if required else {})


def _loosest(parts: list[JsonObject]) -> JsonObject:
    """Return a schema for what keeps to any one of several."""
    if all(part == parts[0] for part in parts):
        return parts[0]
    if any("$ref" in part or not ({"type", "properties"} & part.keys()) for part in parts):
        return {}  # one of them is not looked into, or says nothing of its members
    loose: JsonObject = {}
    kinds = {str(part.get("type", "")) for part in parts}
    if len(kinds) == 1 and kinds != {""}:
        loose["type"] = kinds.pop()
    if any(part.get("nullable") is True for part in parts):
        loose["nullable"] = True
    named: dict[str, list[JsonObject]] = {}
    for part in parts:
        for name, one in object_of(part.get("properties")).items():
            named.setdefault(name, []).append(object_of(one))
    if named:
        loose["properties"] = {name: _loosest(several) for name, several in named.items()}
    listed = [object_of(part["items"]) for part in parts if "items" in part]
    return loose | ({"items": _loosest(listed)} if listed else {})


def _or_null(taking: Loosening, taken: JsonObject) -> JsonObject:
    """Return a schema that null keeps to as well; one that is referred to gets a name of its own."""
    reference = taken.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix(_SCHEMAS)
        taking.nullable.add(name)
        return {"$ref": f"{_SCHEMAS}{_or_null_name(taking, name)}"}
    choices = taken.get("enum")
    if isinstance(choices, list) and None not in choices:
        taken = taken | {"enum": [*choices, None]}
    return taken | {"nullable": True}


def _or_null_name(taking: Loosening, name: str) -> str:
    made = f"{name}_or_null"
    while made in taking.names.values():
        made += "_"
    return made


def _is_null(raw: JsonValue) -> bool:
    found = object_of(raw)
    return (
        found.get("type") in ("null", ["null"])
        or found.get("enum") == [None]
        or found.get("const", 0) is None
    )


def _step(step: str) -> str:
    """Return a step of a reference as the name that it means: percent-encoding, then RFC 6901."""
    return unquote(step).replace("~1", "/").replace("~0", "~")


def object_of(value: JsonValue) -> JsonObject:
    """Return a value that is an object, {} for any other."""
    return value if isinstance(value, dict) else {}


def list_of(value: JsonValue) -> list[JsonValue]:
    """Return a value that is a list, [] for any other."""
    return value if isinstance(value, list) else []
