"""A text that fits a regular expression, for the simple ones that OpenAPI documents have. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import jsonschema_rs

from terpadu_wire.patterns import IN_DOCUMENTS

_LONGEST = 200
_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}


class _TooHard(Exception):
    """The pattern has something in it that is not written out here."""


@dataclass
class _Reader:
    """Reads a pattern from left to right and writes a text that fits it."""

    pattern: str
    at: int = 0

    def alternatives(self) -> str:
        """Write the first of alternatives, and read over the others."""
        first = self.sequence()
        while self._take("|"):
            self.sequence()
        return first

    def sequence(self) -> str:
        """Write atoms until an alternative or group ends."""
        text = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            atom = self._atom()
            text += atom * self._count(atom)
            if len(text) > _LONGEST:
                raise _TooHard
        return text

    def _atom(self) -> str:
        one = self._next()
        if one in "^$":
            return ""
        if one == "(":
            return self._group()
        if one == "[":
            return self._class()
        if one == "\\":
            return self._escaped()
        if one in "*+?{":
            raise _TooHard
        return "a" if one == "." else one

    def _group(self) -> str:
        if self._take("?") and not self._take(":"):
            raise _TooHard
        text = self.alternatives()
        if not self._take(")"):
            raise _TooHard
        return text

    def _class(self) -> str:
        if self._take("^"):
            raise _TooHard
        one = self._next()
        first = self._escaped() if one == "\\" else one
        while self._next() != "]":
            pass
        return first

    def _escaped(self) -> str:
        one = self._next()
        if one.isalnum() and one not in _CLASSES:
            raise _TooHard
        return _CLASSES.get(one, one)

    def _count(self, atom: str) -> int:
        """Return how often the atom must stand at least; an optional one is left out."""
        if self._take("?") or self._take("*"):
            self._take("?")
            return 0
        if self._take("+"):
            return 1
        if not self._take("{"):
            return 1
        end = self.pattern.find("}", self.at)
        least = self.pattern[self.at : end].partition(",")[0]
        self.at = end + 1
        if end < 0 or not least.isdecimal() or int(least) * max(len(atom), 1) > _LONGEST:
            raise _TooHard
        return int(least)

    def _take(self, one: str) -> bool:
        if self.pattern.startswith(one, self.at):
            self.at += 1
            return True
        return False

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise _TooHard
        self.at += 1
        return self.pattern[self.at - 1]


def text_of_pattern(pattern: str) -> str:
    """Return a text that fits a pattern, "" when the pattern is too hard for that (look-around, negated classes)."""
    if len(pattern) > 2 * _LONGEST:
        return ""
    try:
        text = _Reader(pattern).alternatives()
    except _TooHard:
        return ""
    return text if fits_pattern(pattern, text) else ""


def fits_pattern(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern as JSON Schema means it; one that cannot be run fits nothing.

    Matched as gateways match: in one pass, whatever pattern a document holds.
    """
    try:
        return jsonschema_rs.is_valid({"pattern": pattern}, text, pattern_options=IN_DOCUMENTS)
    except ValueError:
        return False
