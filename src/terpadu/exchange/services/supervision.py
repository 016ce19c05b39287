"""The supervisor looks at what persons are not shown; every look is written down before anything is seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from terpadu.exchange.enums import LookScope
from terpadu.exchange.errors.disclosure import LookReasonInvalid, OwnReadingsClosed, ReadingUnknown
from terpadu.exchange.models import SupervisorLook, TrailRow
from terpadu.exchange.policies import check_supervises
from terpadu.exchange.selectors.supervision import hidden_rows
from terpadu.exchange.selectors.trail import TrailEntry, entries_of
from terpadu.identity.public import pseudonym_of_nik, subject_pseudonym
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor

LEAST_REASON, LONGEST_REASON = 20, 500
MOST = 200
"""How many exchanges one look shows."""
_PERSON_NUMBER = re.compile(r"\d{16}")


@dataclass(frozen=True)
class Looked:
    """What a look showed, newest first. has_more: there are older ones than MOST."""

    entries: list[TrailEntry]
    has_more: bool


@transaction.atomic
def look_record(scope: LookScope, *, by: Actor) -> None:
    """Write down that the supervisor saw what names no person. Raises NotAllowed."""
    _record(scope, by=by)


@transaction.atomic
def look_at_person(nik: str, *, reason: str, by: Actor) -> Looked:
    """Return the exchanges about a person that they are not shown, and write down the look.

    reason: why, in LEAST_REASON to LONGEST_REASON characters, without the number of a person.
    Raises NotAllowed, LookReasonInvalid, NikMalformed, OwnReadingsClosed.
    """
    check_supervises(by)
    words = _checked(reason)
    return _look(pseudonym_of_nik(nik), reason=words, by=by)


@transaction.atomic
def look_at_reading(transaction_id: UUID, *, reason: str, by: Actor) -> Looked:
    """Return what a person is not shown whom one hidden exchange is about; as `look_at_person`.

    Raises also ReadingUnknown.
    """
    check_supervises(by)
    words = _checked(reason)
    row = hidden_rows().filter(transaction_id=transaction_id).first()
    if row is None:
        raise ReadingUnknown()
    return _look(row.subject, reason=words, by=by, row=row)


def _look(subject: str, *, reason: str, by: Actor, row: TrailRow | None = None) -> Looked:
    if subject == subject_pseudonym(check_supervises(by)):
        raise OwnReadingsClosed()
    # An exchange about nobody in particular stands for itself.
    rows = (
        hidden_rows().filter(subject=subject) if subject or row is None else hidden_rows().filter(pk=row.pk)
    )
    found = list(rows.order_by("-at", "-id")[: MOST + 1])
    shown = found[:MOST]
    _record(
        LookScope.PERSON,
        by=by,
        reason=reason,
        subject=subject,
        transactions=[one.transaction_id for one in shown],
    )
    return Looked(entries_of(shown, pseudonym=subject, is_all=True), len(found) > MOST)


def _record(
    scope: LookScope,
    *,
    by: Actor,
    reason: str = "",
    subject: str = "",
    transactions: Sequence[UUID] = (),
) -> None:
    row = SupervisorLook.objects.create(
        scope=scope,
        person_id=check_supervises(by),
        position=by.position,
        agency=by.agency,
        reason=reason,
        subject=subject,
        transactions=list(transactions),
    )
    facts: dict[str, audit.Fact] = {"scope": str(scope), "exchanges": len(transactions)}
    audit.record(
        "exchange.supervisor_looked", by=by, about_kind="supervisor_look", about_id=row.id, facts=facts
    )


def _checked(reason: str) -> str:
    words = " ".join(reason.split())
    if not LEAST_REASON <= len(words) <= LONGEST_REASON or _PERSON_NUMBER.search(
        re.sub(r"[\s.-]", "", words)
    ):
        raise LookReasonInvalid()
    return words
