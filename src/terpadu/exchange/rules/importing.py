"""Taking in somebody else's OpenAPI document, 3.0 or 3.1: as the 3.0 document that contracts and gateways work with.

What cannot be kept is loosened, never tightened, and each loosening is told in a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import METHODS, DocumentError, JsonObject
from terpadu.exchange.rules.loosening import (
    Loosening,
    list_of,
    loosened,
    loosened_components,
    nullable_components,
    object_of,
)
from terpadu_wire.properties import PATH_LENGTH, PATH_PATTERN

_VERSION = re.compile(r"3\.[01]\.\d+")
_OPERATION_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_PARAMETER = re.compile(r"\{([^{}/]+)\}")
_WORD = re.compile(r"[A-Za-z0-9]+")
_PATH = re.compile(PATH_PATTERN)


@dataclass(frozen=True)
class Imported:
    """A document as it will be published, what was changed on the way, and how its makers say one signs in."""

    document: JsonObject
    notes: tuple[str, ...]
    sign_in: tuple[str, ...]


def import_document(value: JsonValue) -> Imported:
    """Return a document as OpenAPI 3.0.3 with operationIds, path parameters in lower case and checkable schemas.

    Raises DocumentError when it is no OpenAPI 3.0 or 3.1 document, is too large, or refers outside itself.
    """
    if not isinstance(value, dict) or not _VERSION.fullmatch(str(value.get("openapi"))):
        raise DocumentError(_other_version(value))
    taking = Loosening(value)
    components = object_of(value.get("components"))
    schemas = loosened_components(taking, object_of(components.get("schemas")))
    document: JsonObject = {
        "openapi": "3.0.3",
        "info": {"title": _title(value), "version": str(object_of(value.get("info")).get("version", "1"))},
        "paths": _paths(taking),
    }
    document["components"] = {"schemas": schemas | nullable_components(taking, schemas)}
    schemes = object_of(components.get("securitySchemes")).values()
    return Imported(document, tuple(taking.notes), tuple(_sign_in(one) for one in schemes))


def _other_version(value: JsonValue) -> str:
    if isinstance(value, dict) and "swagger" in value:
        return "interface.version: the document is Swagger 2.0; convert it to OpenAPI 3.0"
    return "interface.version: the document is not OpenAPI 3.0 or 3.1"


def _title(document: JsonObject) -> str:
    title = object_of(document.get("info")).get("title")
    return title[:200] if isinstance(title, str) else ""


def _sign_in(scheme: JsonValue) -> str:
    """Return in words how a security scheme is used; "" for one that we do not know."""
    found = object_of(scheme)
    kind, place, name = (str(found.get(key)) for key in ("type", "in", "name"))
    if kind == "apiKey" and place == "header":
        return f"header {name}"
    if kind == "http":
        return {"basic": "basic", "bearer": "bearer", "mutual": "mtls"}.get(
            str(found.get("scheme")).lower(), ""
        )
    return {"oauth2": "oauth2", "mutualTLS": "mtls", "openIdConnect": "oauth2"}.get(kind, "")


def _paths(taking: Loosening) -> JsonObject:
    taken: JsonObject = {}
    ids = _OperationIds(taking, [object_of(one) for _, _, _, one in _raw_operations(taking)])
    for path, name, item, raw in _raw_operations(taking):
        renamed = _renamed(path)
        plain_path = _plain_path(path, renamed)
        place = f"{name} {plain_path}"
        operations = object_of(taken.get(plain_path))
        if not _PATH.fullmatch(plain_path) or len(plain_path) > PATH_LENGTH:
            taking.note(f"{place}: left out, no contract can name this path")
        elif name in operations:
            taking.note(f"{place}: left out, another path says the same in other words")
        else:
            operation = _operation(taking, raw, item, renamed, ids.of(raw, place))
            taken[plain_path] = {**operations, name: operation}
    return taken


def _raw_operations(taking: Loosening) -> Iterator[tuple[str, str, JsonObject, JsonObject]]:
    """Yield each operation as its makers wrote it: path, method, what holds for the whole path, the operation."""
    for path, one in object_of(taking.source.get("paths")).items():
        item = object_of(taking.resolved(one))
        for name in METHODS:
            raw = item.get(name)
            if isinstance(raw, dict):
                yield path, name, item, raw


class _OperationIds:
    """The operationIds of a document. raw: its operations; what the first of them calls itself no other is called."""

    def __init__(self, taking: Loosening, raw: list[JsonObject]) -> None:
        self._taking = taking
        self._own: dict[str, JsonObject] = {}
        for one in raw:
            given = one.get("operationId")
            if isinstance(given, str) and _OPERATION_ID.fullmatch(given):
                self._own.setdefault(given, one)
        self._taken = set(self._own)

    def of(self, raw: JsonObject, place: str) -> str:
        """Return an operation's identifier, made from method and path when it has none that can be used."""
        given = raw.get("operationId")
        if isinstance(given, str) and self._own.get(given) is raw:
            return given
        words: list[str] = _WORD.findall(place)
        first, *others = words
        made = base = (first.lower() + "".join(word[:1].upper() + word[1:] for word in others))[:80]
        number = 1
        while made in self._taken:
            number += 1
            made = f"{base}{number}"
        self._taken.add(made)
        self._taking.note(f"{place}: called {made}, since it had no operationId of its own")
        return made


def _operation(
    taking: Loosening, raw: JsonObject, item: JsonObject, renamed: dict[str, str], operation_id: str
) -> JsonObject:
    taken: JsonObject = {"operationId": operation_id}
    summary = raw.get("summary") or raw.get("description")
    if isinstance(summary, str):
        taken["summary"] = summary[:300]
    parameters = [*list_of(item.get("parameters")), *list_of(raw.get("parameters"))]
    if parameters:
        read = [_parameter(taking, one, renamed) for one in parameters]
        # What an operation says of a parameter counts before what its path says.
        taken["parameters"] = list({(one["in"], one["name"]): one for one in read}.values())
    body = object_of(taking.resolved(raw.get("requestBody")))
    content = _content(taking, body)
    if content:
        taken["requestBody"] = {"required": body.get("required") is True, "content": content}
    taken["responses"] = {
        str(status): _response(taking, one) for status, one in object_of(raw.get("responses")).items()
    }
    return taken


def _parameter(taking: Loosening, raw: JsonValue, renamed: dict[str, str]) -> JsonObject:
    found = object_of(taking.resolved(raw))
    name, place = str(found.get("name")), str(found.get("in"))
    taken: JsonObject = {
        "name": renamed.get(name, name) if place == "path" else name,
        "in": place,
        "required": found.get("required") is True or place == "path",
        "schema": loosened(taking, found.get("schema", {})),
    }
    return taken | {word: found[word] for word in ("example", "x-personal") if word in found}


def _response(taking: Loosening, raw: JsonValue) -> JsonObject:
    found = object_of(taking.resolved(raw))
    taken: JsonObject = {"description": str(found.get("description", ""))[:300]}
    content = _content(taking, found)
    return taken | ({"content": content} if content else {})


def _content(taking: Loosening, raw: JsonObject) -> JsonObject:
    taken: JsonObject = {}
    for media_type, one in object_of(raw.get("content")).items():
        essence = media_type.partition(";")[0].strip().lower()
        if essence == "application/json" or essence.endswith("+json"):
            taken["application/json"] = {"schema": loosened(taking, object_of(one).get("schema", {}))}
        else:
            taking.note(f"{essence}: left out, the toll road carries JSON")
    return taken


def _renamed(path: str) -> dict[str, str]:
    """Return what the parameters of a path are called in contracts, each differently."""
    renamed: dict[str, str] = {}
    for name in _PARAMETER.findall(path):
        plain = _snake(name)
        while plain in renamed.values():
            plain += "_b"
        renamed[name] = plain
    return renamed


def _plain_path(path: str, renamed: dict[str, str]) -> str:
    return _PARAMETER.sub(lambda match: f"{{{renamed[match[1]]}}}", path)


def _snake(name: str) -> str:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z_]+", "_", plain.lower()).strip("_") or "value"


def operations_of(imported: Imported) -> Iterator[str]:
    """Yield "METHOD /path operationId" of each operation, to be shown."""
    for path, item in object_of(imported.document["paths"]).items():
        for name, raw in object_of(item).items():
            yield f"{METHODS[name]} {path} {object_of(raw)['operationId']}"
