"""What waits for somebody: records that lack the most."""

from __future__ import annotations

from terpadu.portfolio.models import Application

SHOWN = 10


def unfinished(agency_codes: frozenset[str] | None) -> list[Application]:
    """Return the least complete living records of some agencies, of all when None. One query."""
    rows = (
        Application.objects.alive()
        .select_related("agency")
        .only("code", "name", "completeness", "agency__name")
    )
    rows = rows if agency_codes is None else rows.filter(agency__code__in=agency_codes)
    return list(rows.order_by("completeness", "name")[:SHOWN])
