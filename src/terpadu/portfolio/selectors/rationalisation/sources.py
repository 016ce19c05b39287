"""What this installation can tell about families and use: the newest overlap report, and the traffic of the exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from terpadu.exchange.public import calls_by_service
from terpadu.kernel.clock import now
from terpadu.portfolio.models import Application
from terpadu.portfolio.overlap_families import FamilyFound
from terpadu.portfolio.selectors.overlap_pages import family_rows, newest_report_or_none

A_YEAR = timedelta(days=365)
MOST_FAMILIES = 200


def reported_families(agency_code: str) -> list[FamilyFound]:
    """Return the largest families of the newest overlap report that touch an agency, "" for all. Two queries."""
    report = newest_report_or_none()
    if report is None:
        return []
    rows = family_rows(report, agency=agency_code)[:MOST_FAMILIES]
    return [FamilyFound(row.key, row.name, row.kind, tuple(row.members)) for row in rows]


def traffic(rows: Sequence[Application]) -> Mapping[UUID, float]:
    """Return the exchanges of a year of each application that offers an interface. At most one query."""
    offering = [row for row in rows if row.interfaces]
    counts = calls_by_service(since=now() - A_YEAR) if offering else {}
    return {row.id: float(sum(counts.get(one, 0) for one in row.interfaces)) for row in offering}
