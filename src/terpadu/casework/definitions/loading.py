"""Strict YAML 1.2: a file becomes plain values plus the line of each of them.

A plain (unquoted) scalar is an identifier, a whole number, `true` or `false`; everything else must be quoted. Anchors,
aliases, tags, merge keys, duplicate keys and second documents are refused, each with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from terpadu.casework.errors import DefinitionRefused, Problem

Value = str | int | bool | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

LARGEST_CHARACTERS = 200_000
DEEPEST = 16
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_.]*")
WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})")
BOOLEANS = {"true": True, "false": False}
AMBIGUOUS = {"yes", "no", "on", "off", "y", "n", "null"}


@dataclass(frozen=True)
class Document:
    """A loaded file: its values, and the 1-based line at which each path starts."""

    value: dict[str, Value]
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int:
        """Return the line of a path, or of the nearest part above it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def load_document(text: str) -> Document:
    """Read a definition file. Raises DefinitionRefused with line and remedy for anything outside the subset."""
    if len(text) > LARGEST_CHARACTERS:
        raise _refused(0, "the file is too large", f"Keep it under {LARGEST_CHARACTERS} characters.")
    try:
        _refuse_sharing(text)
        node = _yaml().compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise _refused(line, f"not YAML: {error.problem}", "Quote texts; check commas and indents.") from None
    except (YAMLError, RecursionError) as error:
        name = type(error).__name__
        raise _refused(
            0, f"not YAML: {name}", "Save the file as UTF-8 text without control characters."
        ) from None
    if not isinstance(node, MappingNode):
        raise _refused(1, "the file is empty or not a mapping", "Start with: kind: service/v1 in quotes.")
    reader = _Reader()
    value = reader.mapping(node, ())
    if reader.problems:
        raise DefinitionRefused(tuple(reader.problems))
    return Document(value=value, lines=reader.lines)


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    return yaml


def _refused(line: int, message: str, remedy: str, where: str = "file") -> DefinitionRefused:
    return DefinitionRefused((Problem(line=line, where=where, message=message, remedy=remedy),))


def _refuse_sharing(text: str) -> None:
    """Walk the events first, so that an alias is refused before anything is expanded."""
    documents, depth = 0, 0
    for event in _yaml().parse(text):
        line = event.start_mark.line + 1 if event.start_mark else 0
        documents += isinstance(event, DocumentStartEvent)
        if documents > 1:
            raise _refused(line, "a second document starts here", "Write one service per file.")
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise _refused(line, "anchors and aliases are not part of the language", "Write the value out.")
        if getattr(event, "tag", None):
            raise _refused(line, f"the tag {event.tag} is not part of the language", "Remove the tag.")
        depth += type(event).__name__.endswith("StartEvent") - type(event).__name__.endswith("EndEvent")
        if depth > DEEPEST:
            raise _refused(line, "nested too deeply", "Nothing in the language is this deep; check indents.")


class _Reader:
    """Turns nodes into plain values and collects lines and problems on the way."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Value]:
        """Read a mapping; its keys must be distinct identifiers or quoted texts."""
        self._mark(node, path)
        result: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key in result:
                self._problem(key_node, path, f"'{key}' is written twice", "Remove one of the two.")
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self._value(value_node, (*path, key))
        return result

    def _key(self, node: Node, path: Path) -> str:
        if not isinstance(node, ScalarNode) or node.value == "<<":
            self._problem(node, path, "this cannot be a key", "Use a word, such as: title.")
            return ""
        return str(node.value)

    def _value(self, node: Node, path: Path) -> Value:
        self._mark(node, path)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: Node, path: Path) -> Value:
        text = str(node.value)
        if not isinstance(node, ScalarNode) or node.style is not None:
            return text
        if text in BOOLEANS:
            return BOOLEANS[text]
        if not text:
            line = self.lines[path]
            self.problems.append(Problem(line, ".".join(map(str, path)), "it has no value", "Write one."))
            return text
        if WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if not IDENTIFIER.fullmatch(text) or text in AMBIGUOUS:
            self._problem(node, path, f"'{text}' must be quoted", f'Write "{text}", or true or false.')
        return text

    def _mark(self, node: Node, path: Path) -> None:
        self.lines.setdefault(path, node.start_mark.line + 1)

    def _problem(self, node: Node, path: Path, message: str, remedy: str) -> None:
        where = ".".join(str(part) for part in path) or "file"
        line = node.start_mark.line + 1
        self.problems.append(Problem(line=line, where=where, message=message, remedy=remedy))
