"""Whether the records of both sides of one exchange belong together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from terpadu.exchange.enums import Match
from terpadu_wire.problems import KINDS
from terpadu_wire.receipts import contradictions
from terpadu_wire.records import Record

GRACE = timedelta(minutes=10)
"""How long the other side's records may be under way before their absence counts; ours, assumed."""


def find_match(records: Sequence[Record], *, checked_at: datetime, foreign: Collection[str] = ()) -> Match:
    """Return how the records of one exchange fit together.

    records: all that is known of it, at least one. checked_at: an exchange younger than GRACE is still under way.
    foreign: ids of peers whose gateways deliver no records here; their side is in their own log.
    A consumer's gateway may refuse a call before it leaves; then there is rightly nothing at the provider's side.
    """
    sides = {record.side for record in records}
    if contradictions(list(records)):
        return Match.CONTRADICTION
    if sides == {"in", "out"}:
        return Match.PAIR
    if records[0].provider in foreign if sides == {"out"} else records[0].consumer in foreign:
        return Match.FOREIGN
    newest = max(record.at for record in records) / 1000
    if checked_at.timestamp() - newest < GRACE.total_seconds():
        return Match.UNDER_WAY
    if sides == {"in"}:
        return Match.NO_CONSUMER
    return Match.NEVER_SENT if _never_sent(records) else Match.NO_PROVIDER


def _never_sent(records: Sequence[Record]) -> bool:
    """Tell whether the consumer's side alone explains itself: nothing was answered, by the word of its own gateway."""
    ends = [record for record in records if record.phase == "response"]
    return bool(ends) and all(
        record.outcome in ("refused", "failed")
        and not record.response_signature
        and record.error_code in KINDS
        for record in ends
    )
