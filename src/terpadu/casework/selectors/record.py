"""The record of an agency: how many cases it ended, and how many within the promised time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from terpadu.casework.enums import PublicState
from terpadu.casework.models import Case


@dataclass(frozen=True)
class PromiseRecord:
    """Cases that agencies decided in a time. kept: of these, how many within the promised time."""

    decided: int
    kept: int


def promises_kept(agency_codes: Collection[str], *, since: datetime, until: datetime) -> PromiseRecord:
    """Count the cases that agencies granted or rejected from one moment up to another; withdrawn ones do not count.

    One query.
    """
    decided = Case.objects.filter(
        agency_code__in=agency_codes,
        state__in=(PublicState.DONE, PublicState.REJECTED),
        closed_at__gte=since,
        closed_at__lt=until,
    )
    is_late = Q(is_late=True) | Q(due_at__isnull=False, closed_at__gt=F("due_at"))
    counted = decided.aggregate(decided=Count("id"), late=Count("id", filter=is_late))
    return PromiseRecord(decided=counted["decided"], kept=counted["decided"] - counted["late"])
