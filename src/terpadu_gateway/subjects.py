"""Whom an exchange is about: finds the person's identifier where the contract says, and turns it into a pseudonym."""

from pydantic import JsonValue

from terpadu_gateway.messages import Refusal
from terpadu_wire.fields import values_at
from terpadu_wire.properties import Subject
from terpadu_wire.subjects import pseudonym


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
    return values[0]


def answered_identifier(rule: Subject | None, body: JsonValue, *, requested: str) -> str:
    """Return the identifier of the person an answer is about, after checking that it is the one asked for.

    Raises:
        Refusal: ``subject.mismatch``; the contract demands a match and there is none.
    """
    if rule is None:
        return requested
    if rule.where == "response":
        return next((value for value in values_at(body, rule.pointer) if isinstance(value, str)), "")
    if rule.match_pointer is not None and not _repeats(rule, body, requested):
        raise Refusal("subject.mismatch", "the answer was withheld", side="system")
    return requested


def subject_pseudonym(key: bytes, identifier: str) -> str:
    """Return the pseudonym of an identifier, "" for none."""
    return pseudonym(key, identifier) if identifier else ""


def _repeats(rule: Subject, body: JsonValue, requested: str) -> bool:
    found = [str(value).strip() for value in values_at(body, rule.match_pointer or "")]
    return requested.strip() in found
