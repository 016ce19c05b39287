"""The single pieces of data in a JSON schema, so that somebody can choose among them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import DocumentError, JsonObject, resolve
from terpadu_wire.properties import Text

DEEPEST, MOST = 8, 300


def leaves(schema: JsonObject, *, document: JsonValue) -> list[tuple[str, JsonObject]]:
    """Return each piece of data with its pointer (RFC 6901, `*` for elements) and its schema, at most MOST.

    An object without named members is one piece. What lies deeper than DEEPEST, or refers to itself, is left out.
    """
    found: list[tuple[str, JsonObject]] = []
    for one in _walk("", schema, document, DEEPEST):
        if len(found) == MOST:
            break
        found.append(one)
    return found


def words_of_leaf(pointer: str, schema: JsonObject) -> Text:
    """Return what to call a piece of data: its title in the document, or its name made readable."""
    title = schema.get("title") or schema.get("description")
    name = next((step for step in reversed(pointer.split("/")) if step not in ("", "*")), "*")
    text = title if isinstance(title, str) and title.strip() else name.replace("_", " ").strip().capitalize()
    return Text(text[:100], text[:100])


def _walk(
    pointer: str, schema: JsonObject, document: JsonValue, left: int
) -> Iterator[tuple[str, JsonObject]]:
    if not left:
        return
    try:
        schema = resolve(schema, document=document)
    except DocumentError:
        return
    properties, items = schema.get("properties"), schema.get("items")
    if isinstance(properties, dict) and properties:
        for name, child in properties.items():
            if isinstance(child, dict):
                step = name.replace("~", "~0").replace("/", "~1")
                yield from _walk(f"{pointer}/{step}", child, document, left - 1)
    elif isinstance(items, dict):
        yield from _walk(f"{pointer}/*", items, document, left - 1)
    elif pointer:
        yield pointer, schema
