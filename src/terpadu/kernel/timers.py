"""Things that must happen later: deadlines, reminders, lapses. One row each, fired once by a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from terpadu.kernel.clock import now
from terpadu.kernel.models import Timer

log = structlog.get_logger(__name__)

RETRY_AFTER = timedelta(minutes=1)
TimerHandler = Callable[[str, dict[str, Any]], None]

_handlers: dict[str, TimerHandler] = {}


def on_timer(kind: str) -> Callable[[TimerHandler], TimerHandler]:
    """Register the handler of a kind of timer; it gets the timer's key and payload."""

    def register(handler: TimerHandler) -> TimerHandler:
        if kind in _handlers:
            raise ValueError(f"two handlers for timer {kind}")
        _handlers[kind] = handler
        return handler

    return register


def timer_set(kind: str, *, key: str, due_at: datetime, payload: Mapping[str, Any] | None = None) -> None:
    """Set or move the timer of this kind and key; a timer that has fired is armed again."""
    timers_set(kind, keys=[key], due_at=due_at, payload=payload)


def timers_set(
    kind: str, *, keys: Iterable[str], due_at: datetime, payload: Mapping[str, Any] | None = None
) -> None:
    """Set or move the timers of this kind and these keys, each key once, to one moment; in one statement."""
    Timer.objects.bulk_create(
        [Timer(kind=kind, key=key, due_at=due_at, payload=dict(payload or {})) for key in keys],
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=["due_at", "payload", "fired_at", "tries"],
    )


def timer_cancel(kind: str, *, key: str) -> None:
    """Forget the timer of this kind and key, if there is one."""
    timers_cancel(kind, keys=[key])


def timers_cancel(kind: str, *, keys: Iterable[str]) -> None:
    """Forget the timers of this kind and these keys that have not fired."""
    Timer.objects.filter(kind=kind, key__in=list(keys), fired_at__isnull=True).delete()


def fire_due(*, limit: int = 100) -> int:
    """Fire what is due, one transaction each; return how many handlers succeeded."""
    fired = 0
    for _ in range(limit):
        outcome = _fire_one()
        if outcome is None:
            break
        fired += outcome
    return fired


def _fire_one() -> bool | None:
    with transaction.atomic():
        timer = (
            Timer.objects.select_for_update(skip_locked=True)
            .filter(fired_at__isnull=True, due_at__lte=now(), kind__in=_handlers)
            .order_by("due_at", "id")
            .first()
        )
        if timer is None:
            return None
        try:
            with transaction.atomic():
                _handlers[timer.kind](timer.key, timer.payload)
        except Exception as error:  # noqa: BLE001 - the edge of the process: whatever a handler raises is retried later
            return _postpone(timer, type(error).__name__)
        # A handler may have set its own timer anew; only the row that was due is marked as fired.
        Timer.objects.filter(pk=timer.pk, due_at=timer.due_at).update(fired_at=now())
        return True


def _postpone(timer: Timer, reason: str) -> bool:
    timer.tries += 1
    timer.due_at = now() + RETRY_AFTER * timer.tries
    timer.save(update_fields=["tries", "due_at"])
    log.warning("timer_failed", kind=timer.kind, tries=timer.tries, reason=reason)
    return False
