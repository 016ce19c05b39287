"""Both sides' records compared, hour by hour: a missing or contradicting one becomes an orphan that somebody must explain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

import structlog
from django.db import transaction

from terpadu.exchange.enums import Match
from terpadu.exchange.events import OrphansFound
from terpadu.exchange.models import DeliveredRecord, Orphan, Reconciliation, TrailRow
from terpadu.exchange.rules.reconciliation import GRACE, find_match
from terpadu.exchange.selectors.foreign import foreign_ids
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu_wire.records import Record, record_from_json

log = structlog.get_logger(__name__)

ORPHANS = (Match.NO_PROVIDER, Match.NO_CONSUMER, Match.CONTRADICTION)
_BATCH = 2_000


@dataclass(frozen=True)
class _Found:
    """One exchange, its records and how they fit."""

    records: list[Record]
    match: Match


@transaction.atomic
def reconcile() -> dict[str, int]:
    """Compare the records that came since the last time, and the orphans that are still open; return the counts by kind of match.

    Cost grows with the number of new records, not with what was compared before.
    """
    started = now()
    upto = started - GRACE
    last = Reconciliation.objects.order_by("-upto").values_list("upto", flat=True).first()
    counts: Counter[str] = Counter()
    orphans: list[Orphan] = []
    disputed: list[UUID] = []
    for ids in _batches(_candidates(since=last, upto=upto)):
        for transaction_id, found in _matches(ids, checked_at=started):
            counts[found.match] += 1
            orphans += _settle_or_report(transaction_id, found)
            disputed += [transaction_id] if found.match is Match.CONTRADICTION else []
    # Digests and signatures are compared here alone; the trail must not say that both sides agree.
    TrailRow.objects.filter(transaction_id__in=disputed, is_disputed=False).update(is_disputed=True)
    Reconciliation.objects.create(upto=upto, checked=sum(counts.values()), counts=dict(counts))
    _alarm(orphans, at=started)
    return dict(counts)


def _alarm(orphans: list[Orphan], *, at: datetime) -> None:
    """Let somebody hear of new orphans: once a run, however many there are."""
    if orphans:
        sides = Counter(peer for one in orphans for peer in {one.consumer, one.provider} - {""})
        emit(OrphansFound(counts=dict(sides), total=len(orphans), at=at))


def _candidates(*, since: datetime | None, upto: datetime) -> Iterator[UUID]:
    """Yield exchanges with records of the time span, and those that were orphans before; each once."""
    fresh = DeliveredRecord.objects.filter(received_at__lt=upto)
    if since is not None:
        fresh = fresh.filter(received_at__gte=since)
    open_ones = Orphan.objects.filter(settled_at__isnull=True).values_list("transaction_id", flat=True)
    yield from open_ones.union(fresh.values_list("transaction_id", flat=True))


def _batches(ids: Iterable[UUID]) -> Iterator[tuple[UUID, ...]]:
    rest = iter(ids)
    while batch := tuple(islice(rest, _BATCH)):
        yield batch


def _matches(ids: tuple[UUID, ...], *, checked_at: datetime) -> Iterator[tuple[UUID, _Found]]:
    by_id: dict[UUID, list[Record]] = {}
    rows = DeliveredRecord.objects.filter(transaction_id__in=ids)
    for transaction_id, line, received_at in rows.values_list("transaction_id", "line", "received_at"):
        record = record_from_json(line.encode())
        # A clock that is ahead, or is said to be, keeps nothing under way for ever.
        record.at = min(record.at, int(received_at.timestamp() * 1000))
        by_id.setdefault(transaction_id, []).append(record)
    foreign = foreign_ids(
        peer for records in by_id.values() for peer in (records[0].consumer, records[0].provider)
    )
    for transaction_id, records in by_id.items():
        yield transaction_id, _Found(records, find_match(records, checked_at=checked_at, foreign=foreign))


def _settle_or_report(transaction_id: UUID, found: _Found) -> list[Orphan]:
    """Note how an exchange fits; return its orphan when it is a new one."""
    if found.match not in ORPHANS:
        Orphan.objects.filter(pk=transaction_id, settled_at__isnull=True).update(settled_at=now())
        return []
    first = found.records[0]
    orphan, is_new = Orphan.objects.update_or_create(
        transaction_id=transaction_id,
        defaults={"kind": found.match, "settled_at": None},
        create_defaults={
            "kind": found.match,
            "consumer": first.consumer[:20],
            "provider": first.provider[:20],
            "at": datetime.fromtimestamp(first.at / 1000, now().tzinfo),
        },
    )
    if is_new:
        log.error("exchange_orphan", kind=str(found.match), transaction_id=str(transaction_id))
    return [orphan] if is_new else []
