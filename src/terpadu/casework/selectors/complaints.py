"""Complaints that wait at an office, and how an agency keeps its limits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from terpadu.casework import policies
from terpadu.casework.enums import ComplaintState
from terpadu.casework.models import Complaint
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now

MOST_LISTED = 200


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


def complaints_for(*, by: Actor, position_kind: str) -> list[Complaint]:
    """Return the open complaints of an office that an officer may answer, the most urgent first; a head sees all.

    position_kind: of the officer's position, from the directory. Some queries for each open complaint.
    """
    rows = Complaint.objects.open().filter(agency_code=by.agency).select_related("case")
    return [
        row
        for row in rows.order_by("due_at", "id")[:MOST_LISTED]
        if position_kind in policies.heads_on(row) or by.person_id in policies.complaint_handlers(row)
    ]


def complaints_closed(*, by: Actor, position_kind: str, limit: int = 20) -> list[Complaint]:
    """Return the complaints of an office that were answered last; only a head sees those of others. One query."""
    rows = Complaint.objects.filter(agency_code=by.agency, state=ComplaintState.ANSWERED)
    rows = rows.select_related("case").order_by("-closed_at")[:limit]
    return [row for row in rows if position_kind in policies.heads_on(row) or row.taken_by == by.person_id]
