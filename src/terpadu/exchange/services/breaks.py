"""Breaks of OpenAPI documents, counted by place as gateways report them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection

from terpadu.exchange.events import InterfaceBroken
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu_wire.records import Record

_COUNT = """
insert into exchange_interfacebreak
    (id, provider, service, operation, place, count, first_at, last_at, last_transaction_id)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (provider, service, operation, place) do update
set count = exchange_interfacebreak.count + excluded.count,
    first_at = least(exchange_interfacebreak.first_at, excluded.first_at),
    last_at = greatest(exchange_interfacebreak.last_at, excluded.last_at),
    last_transaction_id = excluded.last_transaction_id
returning (xmax = 0)
"""


def breaks_count(records: Iterable[Record]) -> None:
    """Count the breaks that records of providers' gateways tell of; a place seen for the first time is an event.

    Must be called once for each record, inside the transaction that takes it.
    """
    found = [one for one in records if one.openapi_break and one.side == "in" and one.phase == "response"]
    places = Counter(_place(one) for one in found)
    latest = {_place(one): one for one in sorted(found, key=lambda one: one.at)}
    for place, count in sorted(places.items()):
        moment = datetime.fromtimestamp(latest[place].at / 1000, UTC)
        transaction_id = UUID(latest[place].transaction_id)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, (uuid7(), *place, count, moment, moment, transaction_id))
            is_new = bool(cursor.fetchone()[0])
        if is_new:
            provider, service, operation, where = place
            emit(InterfaceBroken(provider=provider, service=service, operation=operation, place=where))


def _place(record: Record) -> tuple[str, str, str, str]:
    # Array positions differ from person to person; the place is the same.
    steps = [("*" if step.rstrip(":").isdecimal() else step) for step in record.openapi_break.split("/")]
    where = "/".join(steps)
    return record.provider[:20], record.service[:100], record.operation[:100], where[:300]
