"""Taking in somebody else's OpenAPI document, 3.0 or 3.1: as the 3.0 document that contracts and gateways work with.

What cannot be kept is loosened, never tightened, and each loosening is told in a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import METHODS, DocumentError, JsonObject
from terpadu_wire.patterns import is_slow

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
"""Keywords that are kept: those in which 3.0 and 3.1 say the same and that a contract can be read against."""
SAYS_NOTHING = frozenset(
    ["title", "description", "example", "default", "deprecated", "readOnly", "writeOnly"]
)
MAX_NODES = 100_000
MAX_DEPTH = 40
MAX_NOTES = 50
_VERSION = re.compile(r"3\.[01]\.\d+")
_OPERATION_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_PARAMETER = re.compile(r"\{([^{}/]+)\}")
_WORD = re.compile(r"[A-Za-z0-9]+")
_COMBINED = ("allOf", "oneOf", "anyOf")


@dataclass(frozen=True)
class Imported:
    """A document as it will be published, what was changed on the way, and how its makers say one signs in."""

    document: JsonObject
    notes: tuple[str, ...]
    sign_in: tuple[str, ...]


@dataclass
class _Taking:
    """One document being taken in. nodes: how many values were looked at, so that no alias multiplies without end."""

    source: JsonObject
    notes: list[str] = field(default_factory=list)
    nodes: int = 0

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(text)


def import_document(value: JsonValue) -> Imported:
    """Return a document as OpenAPI 3.0.3 with operationIds, path parameters in lower case and checkable schemas.

    Raises DocumentError when it is no OpenAPI 3.0 or 3.1 document, is too large, or refers outside itself.
    """
    if not isinstance(value, dict) or not _VERSION.fullmatch(str(value.get("openapi"))):
        raise DocumentError("interface.version: the document is not OpenAPI 3.0 or 3.1")
    taking = _Taking(value)
    components = _object(value.get("components"))
    schemas: JsonObject = {
        name: _schema(taking, schema, depth=0) for name, schema in _object(components.get("schemas")).items()
    }
    document: JsonObject = {
        "openapi": "3.0.3",
        "info": {"title": _title(value), "version": str(_object(value.get("info")).get("version", "1"))},
        "paths": _paths(taking),
        "components": {"schemas": schemas},
    }
    kept = {name: one for name, one in _object(components.get("securitySchemes")).items()}
    return Imported(document, tuple(taking.notes), tuple(_sign_in(one) for one in kept.values()))


def _title(document: JsonObject) -> str:
    title = _object(document.get("info")).get("title")
    return title[:200] if isinstance(title, str) else ""


def _sign_in(scheme: JsonValue) -> str:
    """Return in words how a security scheme is used; "" for one that we do not know."""
    found = _object(_plain(scheme))
    kind, place, name = (str(found.get(key)) for key in ("type", "in", "name"))
    if kind == "apiKey" and place == "header":
        return f"header {name}"
    if kind == "http":
        return {"basic": "basic", "bearer": "bearer", "mutual": "mtls"}.get(
            str(found.get("scheme")).lower(), ""
        )
    return {"oauth2": "oauth2", "mutualTLS": "mtls", "openIdConnect": "oauth2"}.get(kind, "")


def _paths(taking: _Taking) -> JsonObject:
    taken: JsonObject = {}
    ids: set[str] = set()
    for path, raw in _object(taking.source.get("paths")).items():
        item = _object(_resolved(taking, raw))
        renamed = {name: _snake(name) for name in _PARAMETER.findall(path)}
        plain_path = _PARAMETER.sub(_renamed, path)
        operations: JsonObject = {
            name: _operation(taking, _object(item[name]), item, renamed, f"{name} {plain_path}", ids)
            for name in METHODS
            if isinstance(item.get(name), dict)
        }
        if operations:
            taken[plain_path] = operations
    return taken


def _operation(
    taking: _Taking, raw: JsonObject, item: JsonObject, renamed: dict[str, str], place: str, ids: set[str]
) -> JsonObject:
    taken: JsonObject = {"operationId": _operation_id(taking, raw, place, ids)}
    summary = raw.get("summary") or raw.get("description")
    if isinstance(summary, str):
        taken["summary"] = summary[:300]
    parameters = [*_list(item.get("parameters")), *_list(raw.get("parameters"))]
    if parameters:
        taken["parameters"] = [_parameter(taking, one, renamed) for one in parameters]
    body = _object(_resolved(taking, raw.get("requestBody")))
    if body:
        required = body.get("required") is True
        taken["requestBody"] = {"required": required, "content": _content(taking, body)}
    taken["responses"] = {
        str(status): _response(taking, one) for status, one in _object(raw.get("responses")).items()
    }
    return taken


def _operation_id(taking: _Taking, raw: JsonObject, place: str, ids: set[str]) -> str:
    given = raw.get("operationId")
    if isinstance(given, str) and _OPERATION_ID.fullmatch(given) and given not in ids:
        ids.add(given)
        return given
    words: list[str] = _WORD.findall(place)
    first, *others = words
    made = base = first.lower() + "".join(word[:1].upper() + word[1:] for word in others)[:80]
    number = 1
    while made in ids:
        number += 1
        made = f"{base}{number}"
    ids.add(made)
    taking.note(f"{place}: called {made}, since it had no operationId of its own")
    return made


def _parameter(taking: _Taking, raw: JsonValue, renamed: dict[str, str]) -> JsonObject:
    found = _object(_resolved(taking, raw))
    name, place = str(found.get("name")), str(found.get("in"))
    shown = renamed.get(name, name) if place == "path" else name
    taken: JsonObject = {
        "name": shown,
        "in": place,
        "required": found.get("required") is True or place == "path",
    }
    return taken | {"schema": _schema(taking, found.get("schema", {}), depth=0)}


def _response(taking: _Taking, raw: JsonValue) -> JsonObject:
    found = _object(_resolved(taking, raw))
    taken: JsonObject = {"description": str(found.get("description", ""))[:300]}
    content = _content(taking, found)
    return taken | ({"content": content} if content else {})


def _content(taking: _Taking, raw: JsonObject) -> JsonObject:
    taken: JsonObject = {}
    for media_type, one in _object(raw.get("content")).items():
        essence = media_type.partition(";")[0].strip().lower()
        if essence == "application/json" or essence.endswith("+json"):
            taken["application/json"] = {"schema": _schema(taking, _object(one).get("schema", {}), depth=0)}
        else:
            taking.note(f"{essence}: left out, the toll road carries JSON")
    return taken


def _schema(taking: _Taking, raw: JsonValue, *, depth: int) -> JsonObject:
    """Return a schema with the keywords that are checked, and no others."""
    taking.nodes += 1
    if taking.nodes > MAX_NODES or depth > MAX_DEPTH:
        raise DocumentError("interface.too_large: the document's schemas nest or multiply too much")
    if not isinstance(raw, dict):
        return {}  # true and false of JSON Schema: anything
    if isinstance(raw.get("$ref"), str):
        _resolved(taking, raw)
        return {"$ref": raw["$ref"]}
    if any(word in raw for word in _COMBINED):
        return _combined(taking, raw, depth=depth)
    taken = _typed(raw)
    for word, value in raw.items():
        if word == "pattern" and is_slow(str(value)):
            taking.note("pattern with look-around, a back-reference or too much to count: not checked")
        elif word in CHECKED:
            taken[word] = taken.get(word, _plain(value))
        elif word not in SAYS_NOTHING and word not in _TURNED and not word.startswith("x-"):
            taking.note(f"{word}: not checked")
    _children(taking, raw, taken, depth=depth)
    return taken


_TURNED = frozenset({"const", "examples", "exclusiveMinimum", "exclusiveMaximum", "xml", "externalDocs", "discriminator", "$schema", "$id", "$comment"})  # fmt: skip


def _typed(raw: JsonObject) -> JsonObject:
    """Return what 3.1 says in another way than 3.0: several types, a constant, an exclusive limit."""
    taken: JsonObject = {}
    kinds = raw.get("type")
    if isinstance(kinds, list):
        real = [kind for kind in kinds if kind != "null"]
        if len(real) == 1:
            taken["type"] = real[0]
        if "null" in kinds:
            taken["nullable"] = True
    elif kinds == "null":
        taken |= {"nullable": True, "enum": [None]}
    if "const" in raw:
        taken["enum"] = [_plain(raw["const"])]
    examples = raw.get("examples")
    if isinstance(examples, list) and examples:
        taken["example"] = examples[0]
    for limit in ("Minimum", "Maximum"):
        value = raw.get(f"exclusive{limit}")
        if isinstance(value, int | float) and not isinstance(value, bool):
            taken[limit.lower()] = value
    return taken if not isinstance(kinds, list) or "type" in taken else taken | {"type": None}


def _children(taking: _Taking, raw: JsonObject, taken: JsonObject, *, depth: int) -> None:
    if taken.get("type", "") is None:
        del taken["type"]
        taking.note("several types at one place: not checked")
    if isinstance(raw.get("properties"), dict):
        taken["properties"] = {
            name: _schema(taking, one, depth=depth + 1) for name, one in _object(raw["properties"]).items()
        }
    for word in ("items", "additionalProperties"):
        if isinstance(raw.get(word), dict):
            taken[word] = _schema(taking, raw[word], depth=depth + 1)
        elif word == "items" and word in taken:
            del taken[word]
    if taken.get("type") == "array" and "items" not in taken:
        taken["items"] = {}


def _combined(taking: _Taking, raw: JsonObject, *, depth: int) -> JsonObject:
    """Return one schema for several: what all demand together, or what any of them may have."""
    own = {word: value for word, value in raw.items() if word not in _COMBINED}
    parts = [_schema(taking, own, depth=depth + 1)] if own else []
    parts += [_flat(taking, one, depth=depth) for one in _list(raw.get("allOf"))]
    choices = [*_list(raw.get("oneOf")), *_list(raw.get("anyOf"))]
    real = [one for one in choices if _object(one).get("type") != "null"]
    if len(real) == 1 and not parts:
        only = _schema(taking, real[0], depth=depth + 1)
        return only if "$ref" in only else only | ({"nullable": True} if len(choices) > 1 else {})
    if real:
        taking.note("oneOf and anyOf: every member may be there, none must")
        parts.append(_loosest([_flat(taking, one, depth=depth) for one in real]))
    if len(choices) > len(real):
        parts.append({"nullable": True})
    merged: JsonObject = {}
    for part in parts:
        merged = _merged(merged, part)
    return merged


def _flat(taking: _Taking, raw: JsonValue, *, depth: int) -> JsonObject:
    """Return a schema itself instead of a reference to it."""
    return _schema(taking, _resolved(taking, raw), depth=depth + 1)


def _merged(one: JsonObject, other: JsonObject) -> JsonObject:
    properties = {**_object(one.get("properties")), **_object(other.get("properties"))}
    required = list(dict.fromkeys([*_list(one.get("required")), *_list(other.get("required"))]))
    merged = {**one, **other}
    if properties:
        merged["properties"] = properties
        # What the parts forbid each for itself, they allow together.
        merged.pop("additionalProperties", None)
    return merged | ({"required": required} if required else {})


def _loosest(parts: list[JsonObject]) -> JsonObject:
    properties: JsonObject = {}
    for part in parts:
        properties |= _object(part.get("properties"))
    if not properties:
        return {}
    return {"type": "object", "properties": properties}


def _resolved(taking: _Taking, raw: JsonValue) -> JsonValue:
    """Follow local references. Raises DocumentError when one leads outside, nowhere or in a circle."""
    seen: set[str] = set()
    while isinstance(raw, dict) and isinstance(reference := raw.get("$ref"), str):
        taking.nodes += 1
        if reference in seen or not reference.startswith("#/"):
            raise DocumentError(f"interface.reference: {reference[:100]}")
        seen.add(reference)
        target: JsonValue = taking.source
        for step in reference[2:].split("/"):
            plain = step.replace("~1", "/").replace("~0", "~")
            target = target.get(plain) if isinstance(target, dict) else None
        if target is None:
            raise DocumentError(f"interface.reference: {reference[:100]}")
        raw = target
    return raw


def _renamed(match: re.Match[str]) -> str:
    return f"{{{_snake(match[1])}}}"


def _snake(name: str) -> str:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z_]+", "_", plain.lower()).strip("_") or "value"


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _plain(value: JsonValue) -> JsonValue:
    return value


def operations_of(imported: Imported) -> Iterator[str]:
    """Yield "METHOD /path operationId" of each operation, to be shown."""
    for path, item in _object(imported.document["paths"]).items():
        for name, raw in _object(item).items():
            yield f"{METHODS[name]} {path} {_object(raw)['operationId']}"
