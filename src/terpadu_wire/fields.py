"""Field rules: what of an answer may pass, and reading values by JSON pointer (RFC 6901, with ``*`` for arrays)."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from pydantic import JsonValue

Steps: TypeAlias = tuple[str, ...]


class Selection:
    """The parts of a JSON value that a list of pointers names; everything else is dropped.

    A pointer names the whole value it reaches. ``*`` reaches every element of an array and nothing else. Where nothing
    is named, an object or array on the way is kept empty, so that the shape of the answer stays readable.

    Args:
        pointers: the allowed pointers; the empty list allows nothing.
    """

    def __init__(self, pointers: Iterable[str]) -> None:
        self._root = _Node()
        for pointer in pointers:
            node = self._root
            for step in split_pointer(pointer):
                node = node.children.setdefault(step, _Node())
            node.pointer = pointer

    def apply(self, value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
        """Return (what may pass, the pointers that let something through, in order of their text)."""
        used: set[str] = set()
        kept = _keep(value, self._root, used)
        return (None if isinstance(kept, _Nothing) else kept), tuple(sorted(used))


def select_fields(value: JsonValue, pointers: Iterable[str]) -> tuple[JsonValue, tuple[str, ...]]:
    """Return (what of a value the pointers let pass, the pointers that did); see :class:`Selection`."""
    return _selection(tuple(pointers)).apply(value)


def values_at(value: JsonValue, pointer: str) -> Iterator[JsonValue]:
    """Yield every value that a pointer reaches; nothing when it reaches none."""
    yield from _walk(value, split_pointer(pointer))


@lru_cache(maxsize=4096)
def split_pointer(pointer: str) -> Steps:
    """Return the unescaped steps of a JSON pointer."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


class _Node:
    __slots__ = ("children", "pointer")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.pointer: str | None = None


class _Nothing:
    """The mark of a value of which no part may pass."""


_NOTHING = _Nothing()
_Kept: TypeAlias = JsonValue | _Nothing


@lru_cache(maxsize=4096)
def _selection(pointers: tuple[str, ...]) -> Selection:
    return Selection(pointers)


def _keep(value: JsonValue, node: _Node, used: set[str]) -> _Kept:
    if node.pointer is not None:
        used.add(node.pointer)
        return value
    if isinstance(value, dict):
        return _keep_members(value, node, used)
    if isinstance(value, list):
        return _keep_elements(value, node, used)
    return _NOTHING


def _keep_members(value: dict[str, JsonValue], node: _Node, used: set[str]) -> _Kept:
    kept: dict[str, JsonValue] = {}
    for name, child in node.children.items():
        if name not in value:
            continue
        if child.pointer is not None:
            used.add(child.pointer)
            kept[name] = value[name]
        else:
            part = _keep(value[name], child, used)
            if not isinstance(part, _Nothing):
                kept[name] = part
    return kept


def _keep_elements(value: list[JsonValue], node: _Node, used: set[str]) -> _Kept:
    every = node.children.get("*")
    if every is None:
        return []
    parts = (_keep(element, every, used) for element in value)
    return [part for part in parts if not isinstance(part, _Nothing)]


def _walk(value: JsonValue, steps: Steps) -> Iterator[JsonValue]:
    if not steps:
        yield value
    elif isinstance(value, dict):
        if steps[0] in value:
            yield from _walk(value[steps[0]], steps[1:])
    elif isinstance(value, list) and steps[0] == "*":
        for element in value:
            yield from _walk(element, steps[1:])
