"""Regular expressions that another party wrote, matched in a time that no expression can stretch.

The syntax is JSON Schema's (ECMA-262) without look-around and back-references, so that one pass over the text decides.
What such a pass costs for each character grows with the compiled form, which is why that is limited too.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import jsonschema_rs
from pydantic import JsonValue

JsonObject: TypeAlias = dict[str, JsonValue]
_MOST_BYTES = 64 << 10
"""Largest compiled form. The slowest expressions found by search took 2 ms here for 200 characters, 10 ms with 256 KiB."""
_IN_ONE_PASS = jsonschema_rs.RegexOptions(size_limit=_MOST_BYTES, dfa_size_limit=_MOST_BYTES)
_MOST_BYTES_IN_DOCUMENTS = 256 << 10
"""The same for what OpenAPI documents say, whose honest expressions are longer: "at most 200 characters of any kind" takes 100 KiB."""
IN_DOCUMENTS = jsonschema_rs.RegexOptions(
    size_limit=_MOST_BYTES_IN_DOCUMENTS, dfa_size_limit=_MOST_BYTES_IN_DOCUMENTS
)
"""How validators of OpenAPI documents match; see :func:`without_slow_patterns`."""


@lru_cache(maxsize=1024)
def whole_matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text, from its first to its last character, fits a regular expression.

    Args:
        pattern: at most a few hundred characters. Contracts share few of them, so each is compiled once.

    Raises:
        ValueError: it is none, it cannot be decided in one pass, or its compiled form is too large.
    """
    _checker(pattern)  # alone: "a)|(?:b" would be one only between the brackets below
    fits = _checker(f"^(?:{pattern})$").is_valid

    def fits_whole(text: str) -> bool:
        try:
            return fits(text)
        except UnicodeEncodeError:  # half of a surrogate pair is no character
            return False

    return fits_whole


@lru_cache(maxsize=1024)
def can_be_checked(pattern: str) -> bool:
    """Tell whether the ``pattern`` of an OpenAPI document is a regular expression that one pass decides."""
    return _is_pattern(pattern, IN_DOCUMENTS)


@lru_cache(maxsize=1024)
def is_slow(pattern: str) -> bool:
    """Tell whether the ``pattern`` of an OpenAPI document is a regular expression, but not one that a pass decides."""
    return not can_be_checked(pattern) and _is_pattern(pattern, jsonschema_rs.FancyRegexOptions())


def without_slow_patterns(document: JsonObject) -> JsonObject:
    """Return an OpenAPI document without the patterns that one pass does not decide.

    An agency's document is taken as it is: nobody looks at such a pattern, and everything else of it still counts.

    Raises:
        RecursionError: it nests too deep.
    """
    return {
        name: _without(one)
        for name, one in document.items()
        if name != "pattern" or not isinstance(one, str) or not is_slow(one)
    }


def _without(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_without(one) for one in value]
    return without_slow_patterns(value) if isinstance(value, dict) else value


def _is_pattern(pattern: str, options: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions) -> bool:
    try:
        _checker(pattern, options)
    except ValueError:
        return False
    return True


def _checker(
    pattern: str, options: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions = _IN_ONE_PASS
) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options)
