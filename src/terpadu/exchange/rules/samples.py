"""Sample messages made from an interface's schemas: bodies for a first call, and answers of the sandbox. Pure.

Made up from the document alone: no system is asked, so nobody's data can be in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import DocumentError, JsonObject, content_schema, operation_in, resolve
from terpadu.exchange.rules.patterns import fits_pattern, text_of_pattern

MAX_DEPTH = 8
NIK = "3671015406920003"
_FORMATS: dict[str, str] = {
    "date": "2026-11-21",
    "date-time": "2026-11-21T09:00:00+07:00",
    "time": "09:00:00+07:00",
    "email": "contoh@example.id",
    "uuid": "01a2012f-b9aa-7b1a-862a-ac2a0ea16ab3",
    "uri": "https://example.id/contoh",
    "ipv4": "192.0.2.1",
    "hostname": "example.id",
    "byte": "Y29udG9o",
    "nik": NIK,
}
_NAMES: tuple[tuple[str, str], ...] = (
    ("nik", NIK),
    ("no_kk", "3671011807160004"),
    ("nama", "Warga Contoh"),
    ("name", "Warga Contoh"),
    ("alamat", "Jl. Contoh No. 1"),
    ("address", "Jl. Contoh No. 1"),
    ("tempat", "Tangerang"),
    ("tanggal", "2026-11-21"),
    ("email", "contoh@example.id"),
)
"""What a text is likely to hold, by a part of its member's name; the first that fits."""
_WORD = "contoh"


@dataclass(frozen=True)
class _Maker:
    """One sample in the making. given: texts and numbers of the request by name, to be repeated in the answer."""

    document: JsonValue
    given: Mapping[str, JsonValue] = field(default_factory=dict)

    def value(self, schema: JsonObject, name: str, depth: int) -> JsonValue:
        schema = self._one_of(resolve(schema, document=self.document))
        echo = self._echo(schema, name)
        if echo is not None:
            return echo
        for word in ("const", "example", "default"):
            if word in schema:
                return schema[word]
        for word in ("enum", "examples"):
            choices = schema.get(word)
            if isinstance(choices, list) and choices:
                return choices[0]
        return self._made(schema, name, depth)

    def _made(self, schema: JsonObject, name: str, depth: int) -> JsonValue:
        properties = schema.get("properties")
        if isinstance(properties, dict) and depth < MAX_DEPTH:
            return {
                member: self.value(one, member, depth + 1)
                for member, one in properties.items()
                if isinstance(one, dict)
            }
        kind = _kind_of(schema)
        if kind == "array":
            return self._list(schema, name, depth)
        if kind == "string":
            return _text(schema, name)
        if kind in ("integer", "number"):
            return _number(schema, is_whole=kind == "integer")
        return {"boolean": True, "null": None}.get(kind, {})

    def _list(self, schema: JsonObject, name: str, depth: int) -> JsonValue:
        items, least = schema.get("items"), schema.get("minItems")
        if not isinstance(items, dict) or depth >= MAX_DEPTH or schema.get("maxItems") == 0:
            return []
        count = max(1, least if isinstance(least, int) else 1)
        return [self.value(items, name, depth + 1) for _ in range(min(count, 20))]

    def _echo(self, schema: JsonObject, name: str) -> JsonValue:
        """Return what the request said under this name, when an answer may repeat it."""
        told = None if "enum" in schema or "const" in schema else self.given.get(name)
        fits = (isinstance(told, str) and _kind_of(schema) == "string") or (
            isinstance(told, int) and not isinstance(told, bool) and _kind_of(schema) == "integer"
        )
        return told if fits else None

    def _one_of(self, schema: JsonObject) -> JsonObject:
        """Return a schema with its alternatives decided (the first) and its parts put together."""
        for word in ("oneOf", "anyOf"):
            choices = schema.get(word)
            real = [one for one in choices if _is_real(one)] if isinstance(choices, list) else []
            if real and isinstance(real[0], dict):
                rest = {key: value for key, value in schema.items() if key != word}
                schema = _joined(rest, self._one_of(resolve(real[0], document=self.document)))
        parts = schema.get("allOf")
        if isinstance(parts, list):
            schema = {key: value for key, value in schema.items() if key != "allOf"}
            for part in parts:
                if isinstance(part, dict):
                    schema = _joined(schema, self._one_of(resolve(part, document=self.document)))
        return schema


def request_schema(document: JsonValue, operation_id: str) -> JsonObject | None:
    """Return the JSON schema of an operation's request, or None when it takes no JSON."""
    _, raw = operation_in(document, operation_id)
    body = raw.get("requestBody")
    return _json_schema(body.get("content")) or content_schema(body) if isinstance(body, dict) else None


def _json_schema(content: JsonValue) -> JsonObject | None:
    """Return the schema of the first media type that is JSON, such as "application/cloudevents+json"."""
    for media_type, offered in content.items() if isinstance(content, dict) else ():
        is_json = media_type.partition(";")[0].endswith(("/json", "+json"))
        schema = offered.get("schema") if is_json and isinstance(offered, dict) else None
        if isinstance(schema, dict):
            return schema
    return None


def sample_of(
    schema: JsonObject, *, document: JsonValue, given: Mapping[str, JsonValue] | None = None
) -> JsonValue:
    """Return a value that keeps to a schema as far as it is simple; an example that its makers gave comes first.

    given: members of the request, which an answer repeats under the same name. Raises DocumentError.
    """
    return _Maker(document, given or {}).value(schema, "", 0)


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


def _text(schema: JsonObject, name: str) -> str:
    pattern, form = schema.get("pattern"), schema.get("format")
    if isinstance(form, str) and form in _FORMATS:
        return _FORMATS[form]
    likely = next((text for part, text in _NAMES if part in name.lower()), _WORD)
    if isinstance(pattern, str):
        if fits_pattern(pattern, likely):
            return likely
        return text_of_pattern(pattern) or likely
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(likely) < least:
        likely = (likely * (least // len(likely) + 1))[:least]
    return likely[:most] if isinstance(most, int) else likely


def _number(schema: JsonObject, *, is_whole: bool) -> int | float:
    value: int | float = 1 if is_whole else 1.5
    least, most = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    if isinstance(least, int | float) and not isinstance(least, bool) and value <= least:
        value = least + (1 if schema.get("exclusiveMinimum") is not None else 0)
    if isinstance(most, int | float) and not isinstance(most, bool) and value > most:
        value = most
    return int(value) if is_whole else value


def _kind_of(schema: JsonObject) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "array" if "items" in schema else ""


def _is_real(schema: JsonValue) -> bool:
    return isinstance(schema, dict) and schema.get("type") != "null"


def _joined(one: JsonObject, other: JsonObject) -> JsonObject:
    mine, theirs = one.get("properties"), other.get("properties")
    both = one | other
    if isinstance(mine, dict) and isinstance(theirs, dict):
        both["properties"] = mine | theirs
    return both
