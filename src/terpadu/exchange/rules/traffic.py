"""Counting exchanges: by whom, of whom, how they ended and how long they took. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from terpadu_wire.records import Record

BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
"""Upper bounds of the buckets of durations, in milliseconds; a last bucket takes the rest."""
BUCKETS = len(BOUNDS_MS) + 1
NOTHING_FOUND = "system.not_found"
"""That a system knows nobody under a number is an answer, and no failure."""
LONGEST_MS = 10 * 60 * 1000
"""What seems to take longer is taken as this: a clock was set meanwhile."""


@dataclass(frozen=True, order=True)
class TrafficKey:
    """What counts together: side, who called, in whose name, of whom, which operation, and how it ended."""

    side: str
    consumer: str
    reader: str
    provider: str
    service: str
    operation: str
    outcome: str
    error_code: str


@dataclass
class Tally:
    """How many exchanges, of how many the duration is known, their milliseconds together and by bucket."""

    calls: int = 0
    timed: int = 0
    total_ms: int = 0
    within: list[int] = field(default_factory=lambda: [0] * BUCKETS)

    def add(self, took_ms: int | None) -> None:
        """Count one exchange; took_ms: None when its beginning is not known."""
        self.calls += 1
        if took_ms is not None:
            took_ms = max(0, min(took_ms, LONGEST_MS))
            self.timed += 1
            self.total_ms += took_ms
            self.within[bisect_left(BOUNDS_MS, took_ms)] += 1


def key_of(record: Record) -> TrafficKey:
    """Return under what the record of an answer is counted, its texts as short as the table takes them."""
    return TrafficKey(
        side=record.side,
        consumer=record.consumer[:20],
        reader=(record.delegator or record.consumer)[:20],
        provider=record.provider[:20],
        service=record.service[:100],
        operation=record.operation[:100],
        outcome="answered" if record.error_code == NOTHING_FOUND else record.outcome,
        error_code=record.error_code[:60],
    )


def tally(
    records: Sequence[Record], *, asked_at: Mapping[tuple[str, str], int]
) -> dict[tuple[int, TrafficKey], Tally]:
    """Count answers by the hour (Unix) in which they were given and by key.

    asked_at: Unix milliseconds of the requests that are known, by transaction id and side.
    """
    found: dict[tuple[int, TrafficKey], Tally] = {}
    for record in records:
        if record.phase != "response":
            continue
        began = asked_at.get((record.transaction_id, record.side))
        place = (record.at // 3_600_000, key_of(record))
        found.setdefault(place, Tally()).add(None if began is None else record.at - began)
    return found


def quantile(within: Sequence[int], share: float) -> float | None:
    """Return below how many milliseconds a share of the exchanges stayed, None when none was timed.

    Between the bounds of a bucket it is taken as even; beyond the last bound, the last bound is returned.
    """
    wanted, below, lower = sum(within) * share, 0, 0
    if not wanted:
        return None
    for count, upper in zip(within, BOUNDS_MS, strict=False):
        if count and below + count >= wanted:
            return lower + (upper - lower) * (wanted - below) / count
        below, lower = below + count, upper
    return float(BOUNDS_MS[-1])
