"""Sample bodies for a first call, and the pointers that open a whole answer; made from an interface's schemas."""

from __future__ import annotations

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import DocumentError, JsonObject, resolve

MAX_DEPTH = 8
_SAMPLES: dict[str, JsonValue] = {
    "string": "contoh",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
}
_FORMATS: dict[str, JsonValue] = {"date": "2026-11-21", "date-time": "2026-11-21T09:00:00+07:00"}
_NIK = "3671015406920003"


def request_schema(document: JsonValue, operation_id: str) -> JsonObject | None:
    """Return the JSON schema of an operation's request, or None when it takes no JSON."""
    for raw in _operations(document):
        if raw.get("operationId") == operation_id:
            value: JsonValue = raw.get("requestBody")
            for step in ("content", "application/json", "schema"):
                value = value.get(step) if isinstance(value, dict) else None
            return value if isinstance(value, dict) else None
    return None


def sample_of(schema: JsonObject, *, document: JsonValue, name: str = "", depth: int = 0) -> JsonValue:
    """Return a value that keeps to a schema as far as it is simple; an example that its makers gave comes first."""
    schema = resolve(schema, document=document)
    for word in ("example", "default"):
        if word in schema:
            return schema[word]
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    properties = schema.get("properties")
    if isinstance(properties, dict) and depth < MAX_DEPTH:
        return {
            member: sample_of(one, document=document, name=member, depth=depth + 1)
            for member, one in properties.items()
            if isinstance(one, dict)
        }
    return _plain(schema, name)


def open_pointers(schema: JsonObject, *, document: JsonValue) -> list[str]:
    """Return the pointers that let a whole answer pass, one for each of its members.

    Raises DocumentError when the answer is neither an object with named members nor a list.
    """
    schema = resolve(schema, document=document)
    properties = schema.get("properties")
    if isinstance(properties, dict) and properties:
        return [f"/{name.replace('~', '~0').replace('/', '~1')}" for name in properties]
    if schema.get("type") == "array":
        return ["/*"]
    raise DocumentError("interface.answer: the answer has no members that a contract could name")


def _plain(schema: JsonObject, name: str) -> JsonValue:
    kind = schema.get("type")
    if kind == "string":
        if "nik" in name.lower():
            return _NIK
        return _FORMATS.get(str(schema.get("format")), _SAMPLES["string"])
    if kind in ("integer", "number"):
        least = schema.get("minimum")
        return least if isinstance(least, int | float) else _SAMPLES[str(kind)]
    return _SAMPLES.get(str(kind), {})


def _operations(document: JsonValue) -> list[JsonObject]:
    paths = document.get("paths") if isinstance(document, dict) else None
    items = paths.values() if isinstance(paths, dict) else ()
    return [raw for item in items if isinstance(item, dict) for raw in item.values() if isinstance(raw, dict)]
