"""What waits for the worker, so that somebody sees when it does not come by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from terpadu.kernel.clock import now
from terpadu.kernel.models import Delivery, Timer

LATE = timedelta(minutes=2)
"""What has been due for longer says that no worker comes by; they come every second."""


@dataclass(frozen=True)
class Backlog:
    """Deliveries that wait, those given up, timers overdue, and since when the oldest has been due (None: nothing)."""

    waiting: int
    dead: int
    timers: int
    oldest_due_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether something has been due for so long that no worker can be at work."""
        return self.oldest_due_at is not None and self.oldest_due_at < now() - LATE


def backlog() -> Backlog:
    """Return what waits for the worker now. Two queries by index."""
    moment = now()
    due = Q(done_at__isnull=True, dead_at__isnull=True, due_at__lte=moment)
    waiting = Delivery.objects.filter(due).aggregate(
        count=Count("id"), oldest=Min("due_at", filter=Q(tries=0))
    )
    timers = Timer.objects.filter(fired_at__isnull=True, due_at__lte=moment).aggregate(
        count=Count("id"), oldest=Min("due_at")
    )
    oldest = min((at for at in (waiting["oldest"], timers["oldest"]) if at), default=None)
    dead = Delivery.objects.filter(dead_at__isnull=False).count()
    return Backlog(waiting["count"], dead, timers["count"], oldest)
