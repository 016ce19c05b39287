"""Whom an exchange is about: finds the person's identifier where the contract says, and turns it into a pseudonym."""

import re

from pydantic import JsonValue

from terpadu_gateway.messages import Refusal
from terpadu_wire.fields import values_at
from terpadu_wire.properties import Subject
from terpadu_wire.subjects import pseudonym

_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{43}")


class Pseudonym(str):
    """A person's pseudonym that stands in a message instead of the identifier; it is recorded as it is."""

    __slots__ = ()


def requested_identifier(rule: Subject | None, body: JsonValue) -> str:
    """Return the identifier of the person a request is about; "" when the contract names no place in the request.

    Raises:
        Refusal: ``subject.missing``; the contract names a place and the request has no text there.
    """
    if rule is None or rule.where != "request":
        return ""
    values = list(values_at(body, rule.pointer))
    if len(values) != 1 or not isinstance(values[0], str) or not values[0].strip():
        raise Refusal("subject.missing", f"the person's identifier belongs at {rule.pointer}")
    return _formed(rule, values[0])


def answered_identifier(rule: Subject | None, body: JsonValue, *, requested: str) -> str:
    """Return the identifier of the person an answer is about, after checking that it is the one asked for.

    Raises:
        Refusal: ``subject.mismatch``; the contract demands a match and there is none.
    """
    if rule is None:
        return requested
    if rule.where == "response":
        found = next((value for value in values_at(body, rule.pointer) if isinstance(value, str)), "")
        return _formed(rule, found) if found else ""
    if rule.match_pointer is not None and not _repeats(rule, body, requested):
        raise Refusal("subject.mismatch", "the answer was withheld", side="system")
    return requested


def subject_pseudonym(key: bytes, identifier: str) -> str:
    """Return the pseudonym of an identifier, "" for none."""
    if isinstance(identifier, Pseudonym):
        return str(identifier)
    return pseudonym(key, identifier) if identifier else ""


def _formed(rule: Subject, value: str) -> str:
    if rule.form == "identifier":
        return value
    if _PSEUDONYM.fullmatch(value) is None:
        raise Refusal("subject.missing", f"a pseudonym belongs at {rule.pointer}")
    return Pseudonym(value)


def _repeats(rule: Subject, body: JsonValue, requested: str) -> bool:
    found = [str(value).strip() for value in values_at(body, rule.match_pointer or "")]
    return requested.strip() in found
