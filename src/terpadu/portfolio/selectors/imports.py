"""Imports as they stand."""

from __future__ import annotations

from uuid import UUID

from terpadu.kernel.errors import NotFound
from terpadu.portfolio.models import ImportRun


def run_get(run_id: UUID, *, lock: bool = False) -> ImportRun:
    """Return an import. lock: hold its row until the transaction ends. Raises NotFound. One query."""
    rows = ImportRun.objects.select_for_update() if lock else ImportRun.objects
    found = rows.filter(pk=run_id).first()
    if found is None:
        raise NotFound()
    return found


def runs_of(agency_codes: frozenset[str] | None, *, limit: int = 20) -> list[ImportRun]:
    """Return the latest imports of some agencies, of all when None. One query."""
    rows = ImportRun.objects.order_by("-started_at")
    return list((rows if agency_codes is None else rows.filter(agency_code__in=agency_codes))[:limit])
