"""One row of the trail out of the records of both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from terpadu_wire.records import Record
from terpadu_wire.transactions import is_transaction_id

WEIGHTS = {("out", "request"): 1, ("in", "request"): 2, ("out", "response"): 3, ("in", "response"): 4}
"""How much a record is worth: an answer more than a question, the provider's word more than the consumer's."""

_LONGEST = {
    "subject": 64,
    "delegator": 20,
    "service": 100,
    "operation": 100,
    "grant_hash": 120,
    "purpose": 100,
    "evidence": 200,
    "on_behalf_of": 200,
    "error_code": 60,
}
"""How much of each text is kept; well-formed ones are shorter, and a refused call may hold anything."""


@dataclass(frozen=True)
class TrailFacts:
    """What is known of one exchange; see `models.records.TrailRow` for the members."""

    at: datetime
    subject: str
    delegator: str
    service: str
    operation: str
    grant_hash: str
    purpose: str
    evidence: str
    on_behalf_of: str
    fields: tuple[str, ...]
    status: int
    outcome: str
    error_code: str
    weight: int
    has_consumer_side: bool
    has_provider_side: bool
    is_disputed: bool
    interaction: UUID | None = None


def read_record(record: Record, *, received_at: datetime) -> TrailFacts:
    """Return what one record says; a moment later than its delivery is taken as the moment of delivery."""
    happened_at = datetime.fromtimestamp(record.at / 1000, UTC)
    texts = {name: getattr(record, name)[:longest] for name, longest in _LONGEST.items()}
    return TrailFacts(
        at=min(happened_at, received_at),
        fields=record.fields if record.outcome == "answered" else (),
        status=record.status,
        outcome=record.outcome,
        weight=WEIGHTS[record.side, record.phase],
        has_consumer_side=record.side == "out",
        has_provider_side=record.side == "in",
        is_disputed=False,
        interaction=UUID(record.interaction) if is_transaction_id(record.interaction) else None,
        **texts,
    )


def merge(known: TrailFacts, new: TrailFacts) -> TrailFacts:
    """Return what is known of an exchange after one more record; the order of the records does not matter.

    The weightier record decides; what it leaves empty is taken from the other. Contradictions are marked and
    shown, never settled here.
    """
    weightier, lighter = (new, known) if new.weight > known.weight else (known, new)
    filled = {
        name: getattr(weightier, name) or getattr(lighter, name)
        for name in ("subject", "delegator", "operation", "grant_hash", "purpose", "evidence", "on_behalf_of")
    }
    return replace(
        weightier,
        **filled,
        interaction=weightier.interaction or lighter.interaction,
        at=min(known.at, new.at),
        has_consumer_side=known.has_consumer_side or new.has_consumer_side,
        has_provider_side=known.has_provider_side or new.has_provider_side,
        is_disputed=known.is_disputed or new.is_disputed or _contradict(known, new),
    )


def _contradict(one: TrailFacts, other: TrailFacts) -> bool:
    """Tell whether two records cannot be about the same exchange; an empty member says nothing."""
    names = (
        "subject",
        "delegator",
        "service",
        "operation",
        "grant_hash",
        "purpose",
        "evidence",
        "on_behalf_of",
    )
    return any(
        getattr(one, name) and getattr(other, name) and getattr(one, name) != getattr(other, name)
        for name in names
    )
