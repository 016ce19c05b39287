"""How much goes over the toll road: read from the counts, never from the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import connection

from terpadu.exchange.rules.traffic import BUCKETS, quantile
from terpadu.kernel.clock import JAKARTA, now

Role = Literal["gives", "reads"]
"""On which side an agency stands: whether it gives data, or reads them."""
Span = Literal["hour", "day"]

_SUMS = f"""
coalesce(sum(calls), 0)::bigint,
coalesce(sum(calls) filter (where outcome = 'refused'), 0)::bigint,
coalesce(sum(calls) filter (where outcome = 'failed'), 0)::bigint,
array[{", ".join(f"coalesce(sum(within[{place}]), 0)::bigint" for place in range(1, BUCKETS + 1))}]
"""
_OF_ROLE = {
    "gives": "side = 'in' and provider = %s",
    "reads": "side = 'out' and reader = %s",
}


@dataclass(frozen=True)
class Traffic:
    """Exchanges of one group. names: what the group has in common. p50_ms, p95_ms: None when none was timed."""

    names: tuple[str, ...]
    begin_at: datetime | None
    calls: int
    refused: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None

    @property
    def answered(self) -> int:
        """How many were answered."""
        return self.calls - self.refused - self.failed

    @property
    def failed_share(self) -> float:
        """Which share failed, 0 to 1; a refusal by the rules is no failure."""
        return self.failed / self.calls if self.calls else 0.0


def traffic_by_time(peer_id: str, *, role: Role, span: Span) -> list[Traffic]:
    """Return an agency's exchanges of the last 24 hours or 30 days, one entry for each hour or day, also the quiet ones.

    One query by index.
    """
    return _by_time(_OF_ROLE[role], [peer_id], span=span)


def traffic_in_all(*, span: Span) -> list[Traffic]:
    """Return all exchanges of the last 24 hours or 30 days by hour or day, as the providers count them."""
    return _by_time("side = 'in'", [], span=span)


def traffic_by_interface(peer_id: str, *, role: Role, span: Span) -> list[Traffic]:
    """Return an agency's exchanges of the last 24 hours or 30 days by (reader, provider, interface), busiest first."""
    return _grouped(("reader", "provider", "service"), _OF_ROLE[role], [peer_id], span=span)


def traffic_by_error(peer_id: str, *, role: Role, span: Span) -> list[Traffic]:
    """Return what went wrong with an agency's exchanges by (stable code, outcome, interface), most frequent first."""
    condition = f"{_OF_ROLE[role]} and error_code <> ''"
    return _grouped(("error_code", "outcome", "service"), condition, [peer_id], span=span)


def traffic_by_pair(*, span: Span) -> list[Traffic]:
    """Return all exchanges by (reader, provider), busiest first, as the providers count them."""
    return _grouped(("reader", "provider"), "side = 'in'", [], span=span)


def traffic_by_caller(*, span: Span) -> list[Traffic]:
    """Return all exchanges by (whose gateway called, provider), busiest first, as the providers count them."""
    return _grouped(("consumer", "provider"), "side = 'in'", [], span=span)


def _by_time(condition: str, values: list[str | datetime], *, span: Span) -> list[Traffic]:
    moments = _moments(span)
    rows = _rows("begin_at", condition, [span, moments[0], *values])
    found = {row[0]: row[1:] for row in rows}
    return [_traffic((), found.get(at, (0, 0, 0, [0] * BUCKETS)), at) for at in moments]


def _grouped(
    names: Sequence[str], condition: str, values: list[str | datetime], *, span: Span
) -> list[Traffic]:
    rows = _rows(", ".join(names), condition, [span, _moments(span)[0], *values])
    found = [_traffic(row[: len(names)], row[len(names) :], None) for row in rows]
    return sorted(found, key=lambda one: (-one.calls, one.names))


def _rows(columns: str, condition: str, values: list[str | datetime]) -> list[tuple[Any, ...]]:
    query = (
        f"select {columns}, {_SUMS} from exchange_trafficcount "  # noqa: S608 - columns and conditions of this module
        f"where span = %s and begin_at >= %s and {condition} group by {columns}"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _moments(span: Span) -> list[datetime]:
    """Return the beginnings of the last 24 hours or 30 days in Jakarta, the present one last."""
    at = now().astimezone(JAKARTA).replace(minute=0, second=0, microsecond=0)
    if span == "hour":
        return [at - timedelta(hours=back) for back in reversed(range(24))]
    return [at.replace(hour=0) - timedelta(days=back) for back in reversed(range(30))]


def _traffic(names: tuple[Any, ...], sums: Sequence[Any], at: datetime | None) -> Traffic:
    calls, refused, failed, within = sums
    return Traffic(
        names=names,
        begin_at=at,
        calls=calls,
        refused=refused,
        failed=failed,
        p50_ms=quantile(within, 0.5),
        p95_ms=quantile(within, 0.95),
    )
