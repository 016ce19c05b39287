"""Exchanges counted by hour and day, in the transaction that takes their records: each once, and never read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from terpadu.exchange.enums import TrafficSpan
from terpadu.exchange.models import DeliveredRecord, Gateway, TrafficCount
from terpadu.exchange.rules.traffic import Tally, TrafficKey, tally
from terpadu.kernel.clock import JAKARTA, now
from terpadu_wire.records import Record, record_from_json

HOURS_KEPT = timedelta(days=35)

_COUNT = """
insert into exchange_trafficcount as known
    (span, begin_at, side, consumer, reader, provider, service, operation, outcome, error_code,
     calls, timed, total_ms, within)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[])
on conflict (span, begin_at, side, provider, service, reader, consumer, operation, outcome, error_code) do update
set calls = known.calls + excluded.calls,
    timed = known.timed + excluded.timed,
    total_ms = known.total_ms + excluded.total_ms,
    within = (select array_agg(one + more order by place)
              from unnest(known.within, excluded.within) with ordinality as both_of(one, more, place))
"""


def traffic_count(records: Sequence[Record], *, gateway: Gateway) -> None:
    """Count the answers among a batch of records; call once for each, inside the transaction that takes it.

    gateway: whose batch it is; where a request came with an earlier batch, its moment is looked up. One query for
    those, and one statement for each hour and combination.
    """
    found = tally(records, asked_at=_asked_at(records, gateway))
    # One order for all who count, so that two deliveries at once wait for each other instead of locking up.
    rows = [
        _row(span, datetime.fromtimestamp(hour * 3600, UTC), key, counted)
        for span in TrafficSpan.values
        for (hour, key), counted in sorted(found.items(), key=lambda item: item[0])
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, rows)


def traffic_prune() -> int:
    """Delete hours whose time is over; days are kept. Return how many rows went."""
    old = TrafficCount.objects.filter(span=TrafficSpan.HOUR, begin_at__lt=now() - HOURS_KEPT)
    return old.delete()[0]


def _row(
    span: str, hour: datetime, key: TrafficKey, counted: Tally
) -> tuple[str | datetime | int | list[int], ...]:
    begin_at = hour if span == TrafficSpan.HOUR else hour.astimezone(JAKARTA).replace(hour=0)
    names = (key.side, key.consumer, key.reader, key.provider, key.service, key.operation)
    counts = (counted.calls, counted.timed, counted.total_ms, counted.within)
    return (span, begin_at, *names, key.outcome, key.error_code, *counts)


def _asked_at(records: Sequence[Record], gateway: Gateway) -> dict[tuple[str, str], int]:
    asked: dict[tuple[str, str], int] = {
        (one.transaction_id, one.side): one.at for one in records if one.phase == "request"
    }
    missing = {
        UUID(one.transaction_id)
        for one in records
        if one.phase == "response" and (one.transaction_id, one.side) not in asked
    }
    rows = DeliveredRecord.objects.filter(gateway=gateway, transaction_id__in=missing) if missing else ()
    for row in rows:
        record = record_from_json(row.line.encode())
        if record.phase == "request":
            asked.setdefault((record.transaction_id, record.side), record.at)
    return asked
