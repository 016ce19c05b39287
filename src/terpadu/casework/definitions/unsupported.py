"""Words of the full language that this version does not run yet: refused with a remedy, never ignored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from terpadu.casework.definitions.loading import Document, Path, Value
from terpadu.casework.errors import Problem


@dataclass(frozen=True)
class NotYet:
    """A word that is planned. at: path with * for any key or index. value: only with this value; None for any."""

    at: tuple[str, ...]
    remedy: str
    value: str | bool | None = None


NOT_YET = (
    NotYet(("appointments",), "Leave it out; say in the notices where the applicant must come."),
    NotYet(("shortcut",), "Leave it out; every case is looked at by an officer."),
    NotYet(("overlay",), "Write one definition for each agency."),
    NotYet(("agency", "scope"), 'Name one place with region, such as "36.71".'),
    NotYet(("applicant", "allow"), "Leave it out; people apply for themselves and their children."),
    NotYet(("applicant", "relation"), "Write the relation as a rule in eligibility."),
    NotYet(("sla", "silence"), "Leave it out; silence decides nothing."),
    NotYet(("sla", "calendar"), "Write: calendar: national.", "@agency"),
    NotYet(("sla", "breach"), "Leave it out; the applicant is told by the notice 'late'."),
    NotYet(("sources", "*", "consent"), "Leave it out; the contract on the exchange says the legal basis."),
    NotYet(("roles", "*", "unit"), "Leave it out; a role is held in the agency of the service."),
    NotYet(("roles", "*", "delegate"), "Leave it out; delegation is decided by assignments of positions."),
    NotYet(("outputs", "*", "renew"), "Leave it out; renewal is not offered by itself."),
    NotYet(("credit", "holds"), "Leave it out; credit is held by civil_service."),
    NotYet(
        ("pages", "*", "fields", "*", "when"), "Move the field to a page of its own and write `when` there."
    ),
    NotYet(("pages", "*", "repeat"), "Ask for each one on a page of its own."),
    NotYet(("pages", "*", "fields", "*", "dispute"), "Leave it out; every locked fact can be disputed."),
    *(
        NotYet(("pages", "*", "fields", "*", "type"), "Use text, or leave the question to the officer.", kind)
        for kind in ("money", "address", "point", "phone", "email", "organisation", "bank_account")
    ),
    NotYet(("pages", "*", "fields", "*", "type"), "Use a statement instead.", "signature"),
    NotYet(("pages", "*", "fields", "*", "type"), "Ask for each one on a page of its own.", "group"),
)


def not_yet(document: Document) -> Iterator[Problem]:
    """Yield a problem for each planned word that the file uses."""
    for entry in NOT_YET:
        for path, value in _matches(document.value, entry.at, ()):
            if entry.value is None or value == entry.value:
                yield _problem(document, path, value, entry)
    fee = document.value.get("fee")
    amount = fee.get("amount") if isinstance(fee, dict) else None
    if isinstance(amount, int) and amount > 0:
        yield Problem(
            line=document.line_of(("fee", "amount")),
            where="fee.amount",
            message="fee.amount > 0 is not implemented yet",
            remedy="Publish only free services until payments are connected.",
        )


def _problem(document: Document, path: Path, value: Value, entry: NotYet) -> Problem:
    where = ".".join(str(part) for part in path)
    word = path[-1] if entry.value is None else f"{path[-1]}: {value}"
    message = f"'{word}' is not implemented yet"
    return Problem(line=document.line_of(path), where=where, message=message, remedy=entry.remedy)


def _matches(value: Value, pattern: tuple[str, ...], path: Path) -> Iterator[tuple[Path, Value]]:
    if not pattern:
        yield path, value
        return
    first, rest = pattern[0], pattern[1:]
    if isinstance(value, dict):
        for key, part in value.items():
            if first in ("*", key):
                yield from _matches(part, rest, (*path, key))
    elif isinstance(value, list) and first == "*":
        for index, part in enumerate(value):
            yield from _matches(part, rest, (*path, index))
