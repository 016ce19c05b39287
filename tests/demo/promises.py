"""Hold answers against an OpenAPI 3.0 document, as far as the demo country's documents go."""

import re
from collections.abc import Callable
from typing import Any

import httpx

Schema = dict[str, Any]

_TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
_CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "enum": lambda value, allowed: value in allowed,
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "format": lambda value, name: name == "date" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None,
    "minimum": lambda value, least: value >= least,
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
    "minItems": lambda value, least: len(value) >= least,
    "maxProperties": lambda value, most: len(value) <= most,
    "required": lambda value, names: set(names) <= set(value),
    "additionalProperties": lambda value, allowed: allowed is False,
}
_ELSEWHERE = {"type", "description", "example", "nullable", "properties", "items"}


def violations(value: Any, schema: Schema, document: Schema, at: str = "$") -> list[str]:
    """Return how `value` breaks `schema`; a keyword that is not checked here is itself a violation."""
    if "$ref" in schema:
        return violations(
            value, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document, at
        )
    if value is None:
        return [] if schema.get("nullable") else [f"{at}: null"]
    if not isinstance(value, _TYPES[schema["type"]]) or (
        schema["type"] == "integer" and isinstance(value, bool)
    ):
        return [f"{at}: not of type {schema['type']}"]
    unchecked = set(schema) - set(_CHECKS) - _ELSEWHERE
    found = [f"{at}: {word} is not checked" for word in unchecked]
    found += [
        f"{at}: breaks {word}"
        for word in set(schema) & set(_CHECKS)
        if not _CHECKS[word](value, schema[word])
    ]
    return found + _inner_violations(value, schema, document, at)


def answer_violations(response: httpx.Response, path: str, document: Schema) -> list[str]:
    """Return how an answer breaks what the document promises for its path and HTTP status."""
    promised = document["paths"][path]["post"]["responses"].get(str(response.status_code))
    if promised is None:
        return [f"status {response.status_code} is not documented"]
    return violations(response.json(), promised["content"]["application/json"]["schema"], document)


def _inner_violations(value: Any, schema: Schema, document: Schema, at: str) -> list[str]:
    if isinstance(value, list):
        return [line for item in value for line in violations(item, schema["items"], document, f"{at}[]")]
    if not isinstance(value, dict):
        return []
    known = schema.get("properties", {})
    found = [f"{at}.{name}: unknown" for name in value if name not in known]
    for name in set(value) & set(known):
        found += violations(value[name], known[name], document, f"{at}.{name}")
    return found
