"""How an agency keeps its limits for complaints."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from terpadu.casework.enums import ComplaintState
from terpadu.casework.models import Complaint
from terpadu.kernel.clock import now


@dataclass(frozen=True)
class ComplaintRecord:
    """Complaints whose limit fell into a span of time, or that were answered before it.

    due: those that were answered, or should have been. answered: of these. on_time: of these, answered within the limit.
    """

    due: int
    answered: int
    on_time: int


def complaint_record(agency_codes: Collection[str], *, since: datetime, until: datetime) -> ComplaintRecord:
    """Count the complaints that came to agencies from one moment up to another; withdrawn ones do not count. One query."""
    came = Complaint.objects.filter(
        agency_code__in=agency_codes, received_at__gte=since, received_at__lt=until
    ).exclude(state=ComplaintState.WITHDRAWN)
    answered = Q(state=ComplaintState.ANSWERED)
    counted = came.aggregate(
        due=Count("id", filter=answered | Q(due_at__lt=min(until, now()))),
        answered=Count("id", filter=answered),
        on_time=Count("id", filter=answered & Q(closed_at__lte=F("due_at"))),
    )
    return ComplaintRecord(**counted)
