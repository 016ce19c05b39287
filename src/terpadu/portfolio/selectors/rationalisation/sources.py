"""What this installation can tell about families and use: the newest overlap report, and the traffic of the exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from terpadu.exchange.public import calls_by_service
from terpadu.kernel.clock import now
from terpadu.portfolio.models import Application, OverlapReport
from terpadu.portfolio.overlap_families import FamilyFound

A_YEAR = timedelta(days=365)
MOST_FAMILIES = 200


def reported_families(agency_code: str) -> list[FamilyFound]:
    """Return the largest families of the newest overlap report that touch an agency, "" for all. Two queries."""
    report = OverlapReport.objects.order_by("-made_at").first()
    if report is None:
        return []
    families = report.families
    if agency_code:
        own = set(Application.objects.of_agency(agency_code).values_list("code", flat=True))
        families = [one for one in families if own & set(one["members"])]
    families = families[:MOST_FAMILIES]
    names = dict(
        Application.objects.filter(code__in=[one["members"][0] for one in families]).values_list(
            "code", "name"
        )
    )
    return [
        FamilyFound(one["members"][0], names.get(one["members"][0], ""), one["kind"], tuple(one["members"]))
        for one in families
    ]


def traffic(rows: Sequence[Application]) -> Mapping[UUID, float]:
    """Return the exchanges of a year of each application that offers an interface. At most one query."""
    offering = [row for row in rows if row.interfaces]
    counts = calls_by_service(since=now() - A_YEAR) if offering else {}
    return {row.id: float(sum(counts.get(one, 0) for one in row.interfaces)) for row in offering}
