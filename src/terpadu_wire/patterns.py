"""Regular expressions that another party wrote, matched in a time that no expression can stretch.

The syntax is JSON Schema's (ECMA-262) without look-around and back-references, so that one pass over the text decides.
What such a pass costs for each character grows with the compiled form, which is why that is limited too.
"""

from collections.abc import Callable
from functools import lru_cache

import jsonschema_rs

_MOST_BYTES = 64 << 10
"""Largest compiled form. The slowest expressions found by search took 2 ms here for 200 characters, 10 ms with 256 KiB."""
_IN_ONE_PASS = jsonschema_rs.RegexOptions(size_limit=_MOST_BYTES, dfa_size_limit=_MOST_BYTES)


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


def _checker(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=_IN_ONE_PASS)
