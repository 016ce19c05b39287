"""The transaction log of a peer, as its manager gives it to others (FSC logging, logging.yaml)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from pydantic import JsonValue

from terpadu.exchange.models import Grant, TrailRow


@dataclass(frozen=True)
class LogQuestion:
    """Which records are wanted. after, before: exclusive moments; grant_hashes, services: records that match either.

    transaction_ids: when given, nothing else counts. cursor: `next_cursor` of the page before, "" for the first.
    """

    after: datetime | None = None
    before: datetime | None = None
    grant_hashes: Collection[str] = field(default_factory=frozenset)
    services: Collection[str] = field(default_factory=frozenset)
    transaction_ids: Collection[UUID] = field(default_factory=frozenset)
    cursor: str = ""
    limit: int = 25
    is_ascending: bool = False


@dataclass(frozen=True)
class LogPage:
    """Log records in FSC's form, and the cursor of the next page, "" on the last."""

    records: list[JsonValue]
    next_cursor: str


def log_page(manager: str, *, asking: str, question: LogQuestion) -> LogPage:
    """Return those records of a peer's transaction log in which the asking peer takes part.

    manager, asking: peer ids; a peer sees all of its own. Taking part is being source, destination, or on whose behalf
    either acted. Two queries.
    """
    rows = _own(manager).filter(_takes_part(asking))
    if question.transaction_ids:
        found = list(rows.filter(transaction_id__in=question.transaction_ids).order_by("at", "id"))
        return LogPage(_records(found, manager), "")
    rows = _from_cursor(_filtered(rows, question), question)
    order = ("at", "id") if question.is_ascending else ("-at", "-id")
    page = list(rows.order_by(*order)[: question.limit + 1])
    shown = page[: question.limit]
    return LogPage(_records(shown, manager), _cursor(shown[-1]) if len(page) > len(shown) else "")


def _own(manager: str) -> QuerySet[TrailRow]:
    """Keep what the peer's own gateways recorded."""
    incoming = Q(provider=manager, has_provider_side=True)
    return TrailRow.objects.filter(incoming | Q(consumer=manager, has_consumer_side=True))


def _takes_part(asking: str) -> Q:
    published = Grant.objects.filter(service_delegator=asking).values("grant_hash")
    by_grant = Q(grant_hash__in=published) & ~Q(grant_hash="")
    return Q(consumer=asking) | Q(provider=asking) | Q(delegator=asking) | by_grant


def _filtered(rows: QuerySet[TrailRow], question: LogQuestion) -> QuerySet[TrailRow]:
    if question.after is not None:
        rows = rows.filter(at__gt=question.after)
    if question.before is not None:
        rows = rows.filter(at__lt=question.before)
    if question.grant_hashes or question.services:
        rows = rows.filter(Q(grant_hash__in=question.grant_hashes) | Q(service__in=question.services))
    return rows


def _from_cursor(rows: QuerySet[TrailRow], question: LogQuestion) -> QuerySet[TrailRow]:
    """Go on behind the last record of the page before; a cursor that is none begins anew."""
    moment, _, row_id = question.cursor.partition("~")
    try:
        at, last = datetime.fromisoformat(moment), UUID(row_id)
    except ValueError:
        return rows
    if at.tzinfo is None:
        return rows
    if question.is_ascending:
        return rows.filter(Q(at__gt=at) | Q(at=at, id__gt=last))
    return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=last))


def _cursor(row: TrailRow) -> str:
    return f"{row.at.isoformat().replace('+00:00', 'Z')}~{row.id}"


def _records(rows: Collection[TrailRow], manager: str) -> list[JsonValue]:
    hashes = {row.grant_hash for row in rows}
    grants = Grant.objects.filter(grant_hash__in=hashes).exclude(service_delegator="")
    publishers = dict(grants.values_list("grant_hash", "service_delegator"))
    return [_record(row, manager, publishers.get(row.grant_hash, "")) for row in rows]


def _record(row: TrailRow, manager: str, publisher: str) -> JsonValue:
    source: dict[str, JsonValue] = {"type": "SOURCE_TYPE_SOURCE", "outway_peer_id": row.consumer}
    if row.delegator:
        source |= {"type": "SOURCE_TYPE_DELEGATED_SOURCE", "delegator_peer_id": row.delegator}
    destination: dict[str, JsonValue] = {
        "type": "DESTINATION_TYPE_DESTINATION",
        "service_peer_id": row.provider,
    }
    if publisher:
        destination |= {"type": "DESTINATION_TYPE_DELEGATED_DESTINATION", "delegator_peer_id": publisher}
    return {
        "transaction_id": str(row.transaction_id),
        "direction": "DIRECTION_INCOMING" if row.provider == manager else "DIRECTION_OUTGOING",
        "grant_hash": row.grant_hash,
        "source": source,
        "destination": destination,
        "service_name": row.service,
        "created_at": int(row.at.timestamp()),
    }
