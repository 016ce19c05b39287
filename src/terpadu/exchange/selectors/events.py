"""How far an agency's events are with each subscriber, and which are held up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from terpadu.directory.public import agency_list
from terpadu.exchange.models import CarriedEvent, EventSubscription, HeldEvent
from terpadu.kernel.clock import now


@dataclass(frozen=True)
class SubscriptionView:
    """One subscriber of one of the agency's topics.

    topic: "<service>/<type>". waiting: new events not delivered yet, None when only the carrier knows. held: events that
    are held up. code, paused_until: why the subscriber is left alone, and until when. is_over: the agreement no longer
    holds. is_resting: its purpose is not active.
    """

    id: UUID
    topic: str
    subscriber: str
    waiting: int | None
    held: int
    code: str
    paused_until: datetime | None
    is_over: bool
    is_resting: bool


@dataclass(frozen=True)
class HeldView:
    """An event that is held up. due_at: when it is tried again. stopped_at: since when it waits for a person."""

    id: UUID
    event_id: str
    topic: str
    subscriber: str
    code: str
    tries: int
    held_at: datetime
    due_at: datetime
    stopped_at: datetime | None


def subscriptions_of(peer_id: str) -> list[SubscriptionView]:
    """Return who subscribes to an agency's topics, by topic and name. Five queries and one for each that waits.

    Of agreements that are over those alone for which something is held up.
    """
    names, rows = _names(), EventSubscription.objects.filter(grant__consumer=peer_id)
    agreed = set(rows.agreed(now()).values_list("pk", flat=True))
    active = set(rows.of_active_purpose().values_list("pk", flat=True))
    counted = HeldEvent.objects.filter(subscription__in=rows).values_list("subscription")
    held = dict(counted.annotate(count=Count("pk")).order_by())
    return [
        SubscriptionView(
            id=row.pk,
            topic=row.topic.partition("/")[2],
            subscriber=names.get(row.grant.provider, row.grant.provider),
            waiting=_waiting(row),
            held=held.get(row.pk, 0),
            code=row.code,
            paused_until=row.paused_until,
            is_over=row.pk not in agreed,
            is_resting=row.pk not in active,
        )
        for row in rows.select_related("grant").order_by("topic", "grant__provider")
        if row.pk in agreed or row.pk in held
    ]


def events_held() -> tuple[int, int]:
    """Return how many events are held up for their subscribers, and how many of these wait for a person. One query."""
    found = HeldEvent.objects.aggregate(all=Count("pk"), stopped=Count("stopped_at"))
    return found["all"], found["stopped"]


def held_events_of(peer_id: str, *, limit: int = 200) -> list[HeldView]:
    """Return the events of an agency that are held up, in order for each subscriber. Two queries."""
    names = _names()
    rows = HeldEvent.objects.filter(subscription__grant__consumer=peer_id)
    found = rows.select_related("subscription__grant").order_by("subscription_id", "sequence")[:limit]
    return [
        HeldView(
            id=row.id,
            event_id=row.event_id,
            topic=row.subscription.topic.partition("/")[2],
            subscriber=names.get(row.subscription.grant.provider, row.subscription.grant.provider),
            code=row.code,
            tries=row.tries,
            held_at=row.held_at,
            due_at=row.due_at,
            stopped_at=row.stopped_at,
        )
        for row in found
    ]


def _names() -> dict[str, str]:
    return {agency.peer_id: agency.short_name for agency in agency_list()}


def _waiting(row: EventSubscription) -> int | None:
    """Return how many new events wait; None when they are not in this database."""
    if row.cursor >= row.head:
        return 0
    count = CarriedEvent.objects.filter(
        topic=row.topic, sequence__gt=row.cursor, sequence__lte=row.head
    ).count()
    return count or None
