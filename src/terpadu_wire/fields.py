"""Field rules: what of an answer may pass and in which form, and reading values by JSON pointer (RFC 6901, ``*`` for arrays)."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from typing import TypeAlias

from pydantic import JsonValue

from terpadu_wire.canonical import b64url_encode, canonical_bytes
from terpadu_wire.properties import FieldRules

Steps: TypeAlias = tuple[str, ...]


class Action(IntEnum):
    """What becomes of a value; the higher one counts where two rules reach it."""

    ALLOW = 1
    MASK = 2
    HASH = 3
    DROP = 4


def select_fields(value: JsonValue, pointers: Iterable[str]) -> tuple[JsonValue, tuple[str, ...]]:
    """Return (what of a value the pointers let pass as it is, the pointers that did); see :func:`apply_fields`."""
    return apply_fields(value, FieldRules(tuple(pointers)), hash_key=b"")


def apply_fields(
    value: JsonValue, rules: FieldRules, *, hash_key: bytes
) -> tuple[JsonValue, tuple[str, ...]]:
    """Return (what of an answer may pass, the pointers that let something through, in order of their text).

    A pointer names the whole value it reaches. ``*`` reaches every element of an array and nothing else. Where nothing
    is named, an object or array on the way is kept empty, so that the shape of the answer stays readable.

    Args:
        value: the answer.
        rules: the contract's rules.
        hash_key: key of the hashes, another one for each consumer; not needed without ``hash`` rules.
    """
    used: set[str] = set()
    tree = _tree(rules.allow, tuple(rules.mask.items()), rules.hash, rules.drop)
    kept = _Pass(hash_key, used).value(value, tree, None)
    return (None if isinstance(kept, _Nothing) else kept), tuple(sorted(used))


def field_hash_key(secret: bytes, *, consumer: str, provider: str) -> bytes:
    """Return the key of the hashes that one consumer gets of one provider, so that two consumers cannot compare theirs.

    Args:
        secret: secret of the provider, which no reader has.
        consumer: the peer in whose name data are read.
        provider: the peer that gives them.
    """
    return hmac.digest(secret, f"terpadu-field-hash\0{provider}\0{consumer}".encode(), hashlib.sha256)


def hashed(value: JsonValue, *, key: bytes) -> str:
    """Return the keyed hash of a value: base64url of HMAC-SHA-256 over its canonical JSON."""
    return b64url_encode(hmac.digest(key, canonical_bytes(value), hashlib.sha256))


def masked(value: JsonValue, *, keep: int) -> JsonValue:
    """Return a text with all but its last characters covered, wholly when that would leave half of it; else None."""
    if not isinstance(value, str):
        return None
    shown = keep if 0 < keep * 2 < len(value) else 0
    return "*" * (len(value) - shown) + value[len(value) - shown :]


def values_at(value: JsonValue, pointer: str) -> Iterator[JsonValue]:
    """Yield every value that a pointer reaches; nothing when it reaches none."""
    yield from _walk(value, split_pointer(pointer))


@lru_cache(maxsize=4096)
def split_pointer(pointer: str) -> Steps:
    """Return the unescaped steps of a JSON pointer."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


class _Node:
    __slots__ = ("action", "children", "keep", "pointer")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.action: Action | None = None
        self.pointer = ""
        self.keep = 0

    def mark(self, action: Action, pointer: str, keep: int = 0) -> None:
        if self.action is None or action > self.action:
            self.action, self.pointer, self.keep = action, pointer, keep


class _Nothing:
    """The mark of a value of which no part may pass."""


_NOTHING = _Nothing()
_Kept: TypeAlias = JsonValue | _Nothing


@lru_cache(maxsize=4096)
def _tree(
    allow: tuple[str, ...], mask: tuple[tuple[str, int], ...], hash_: tuple[str, ...], drop: tuple[str, ...]
) -> _Node:
    root = _Node()
    marks = [(pointer, Action.ALLOW, 0) for pointer in allow]
    marks += [(pointer, Action.MASK, keep) for pointer, keep in mask]
    marks += [(pointer, Action.HASH, 0) for pointer in hash_]
    marks += [(pointer, Action.DROP, 0) for pointer in drop]
    for pointer, action, keep in marks:
        node = root
        for step in split_pointer(pointer):
            node = node.children.setdefault(step, _Node())
        node.mark(action, pointer, keep)
    return root


class _Pass:
    """One pass over an answer. ``above`` is the strictest rule that reaches a place from further up."""

    def __init__(self, hash_key: bytes, used: set[str]) -> None:
        self._hash_key = hash_key
        self._used = used

    def value(self, value: JsonValue, node: _Node | None, above: _Node | None) -> _Kept:
        rule = _stricter(node, above)
        # Inside what is dropped, hashed or masked as a whole there is nothing left to decide.
        if node is not None and (rule is None or (node.children and rule.action is Action.ALLOW)):
            if isinstance(value, dict):
                return self._members(value, node, rule)
            if isinstance(value, list):
                return self._elements(value, node, rule)
        return self._form(value, rule)

    def _form(self, value: JsonValue, rule: _Node | None) -> _Kept:
        if rule is None or rule.action is Action.DROP:
            return _NOTHING
        self._used.add(rule.pointer)
        if rule.action is Action.HASH:
            return hashed(value, key=self._hash_key)
        return masked(value, keep=rule.keep) if rule.action is Action.MASK else value

    def _members(self, value: dict[str, JsonValue], node: _Node, rule: _Node | None) -> _Kept:
        # Under a rule that lets everything pass, every member is looked at; without one, only those that are named.
        kept: dict[str, JsonValue] = {}
        for name in node.children if rule is None else value:
            if name in value:
                part = self.value(value[name], node.children.get(name), rule)
                if not isinstance(part, _Nothing):
                    kept[name] = part
        return kept

    def _elements(self, value: list[JsonValue], node: _Node, rule: _Node | None) -> _Kept:
        every = node.children.get("*")
        if every is None and rule is None:
            return []
        parts = (self.value(element, every, rule) for element in value)
        return [part for part in parts if not isinstance(part, _Nothing)]


def _stricter(node: _Node | None, above: _Node | None) -> _Node | None:
    if node is None or node.action is None:
        return above
    if above is None or above.action is None or node.action >= above.action:
        return node
    return above


def _walk(value: JsonValue, steps: Steps) -> Iterator[JsonValue]:
    if not steps:
        yield value
    elif isinstance(value, dict):
        if steps[0] in value:
            yield from _walk(value[steps[0]], steps[1:])
    elif isinstance(value, list) and steps[0] == "*":
        for element in value:
            yield from _walk(element, steps[1:])
