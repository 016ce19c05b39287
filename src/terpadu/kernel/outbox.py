"""Events that others must learn of: stored in the transaction that caused them, delivered afterwards.

`emit` writes the event and one delivery for each subscriber known to this program. `deliver_due` takes deliveries with
SKIP LOCKED, so that several workers share the work; each handler runs in a transaction of its own together with the
mark that it is done, so its database effects happen exactly once, and anything outside the database at least once.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

import structlog
from django.db import connection, transaction
from pydantic import TypeAdapter

from terpadu.kernel.clock import now
from terpadu.kernel.models import Delivery, OutboxEvent

log = structlog.get_logger(__name__)

CHANNEL = "terpadu_outbox"
TRIES_BEFORE_DEAD = 12
LONGEST_WAIT = timedelta(hours=1)


@dataclasses.dataclass(frozen=True)
class Event:
    """Base of all outbox events; a subclass is a frozen dataclass with a class attribute `name`."""

    name: ClassVar[str]


E_ = TypeVar("E_", bound=Event)
Handler = Callable[[Any], None]


@dataclasses.dataclass(frozen=True)
class Subscription:
    """One handler of one kind of event."""

    event: type[Event]
    handler: Handler


_subscriptions: dict[str, Subscription] = {}


def subscribe(event: type[E_], *, name: str) -> Callable[[Callable[[E_], None]], Callable[[E_], None]]:
    """Register a handler for an event class under a stable name, such as "messaging.case_submitted"."""

    def register(handler: Callable[[E_], None]) -> Callable[[E_], None]:
        if name in _subscriptions:
            raise ValueError(f"two subscribers are called {name}")
        _subscriptions[name] = Subscription(event=event, handler=handler)
        return handler

    return register


def subscribers_of(event: type[Event]) -> list[str]:
    """Return the names of the handlers of an event class, sorted."""
    return sorted(name for name, entry in _subscriptions.items() if entry.event is event)


def emit(event: Event) -> None:
    """Store an event and its deliveries; must be called inside the transaction that causes it."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.name} was emitted outside a transaction")
    payload = TypeAdapter(type(event)).dump_python(event, mode="json")
    row = OutboxEvent.objects.create(name=event.name, payload=payload)
    names = subscribers_of(type(event))
    Delivery.objects.bulk_create([Delivery(event=row, subscriber=name) for name in names])
    if names:
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, '')", [CHANNEL])


def is_awaited(event: Event) -> bool:
    """Tell whether a subscriber has yet to handle an event that was emitted. One that was given up is awaited no more."""
    payload = TypeAdapter(type(event)).dump_python(event, mode="json")
    rows = Delivery.objects.filter(event__name=event.name, event__payload=payload)
    return rows.filter(done_at__isnull=True, dead_at__isnull=True).exists()


def deliver_due(*, limit: int = 100) -> int:
    """Deliver what is due, one transaction each; return how many handlers succeeded. Never raises for a handler."""
    handled = 0
    for _ in range(limit):
        outcome = _deliver_one()
        if outcome is None:
            break
        handled += outcome
    return handled


def _deliver_one() -> bool | None:
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(done_at__isnull=True, dead_at__isnull=True, due_at__lte=now())
            .order_by("due_at", "id")
            .first()
        )
        if delivery is None:
            return None
        entry = _subscriptions.get(delivery.subscriber)
        if entry is None:
            return _postpone(delivery, "no such subscriber in this program")
        return _run(delivery, entry)


def _run(delivery: Delivery, entry: Subscription) -> bool:
    try:
        with transaction.atomic():
            entry.handler(TypeAdapter(entry.event).validate_python(delivery.event.payload))
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever a handler raises is retried later
        return _postpone(delivery, type(error).__name__)
    delivery.done_at = now()
    delivery.save(update_fields=["done_at"])
    return True


def _postpone(delivery: Delivery, reason: str) -> bool:
    delivery.tries += 1
    delivery.last_error = reason[:200]
    wait = min(timedelta(seconds=2**delivery.tries), LONGEST_WAIT)
    delivery.due_at = now() + wait * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
    if delivery.tries >= TRIES_BEFORE_DEAD:
        delivery.dead_at = now()
    delivery.save(update_fields=["tries", "last_error", "due_at", "dead_at"])
    log.warning("delivery_failed", subscriber=delivery.subscriber, tries=delivery.tries, reason=reason)
    return False
