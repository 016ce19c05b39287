"""The figures of a dashboard, read in one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from terpadu.portfolio.models import Summary


@dataclass(frozen=True)
class SummaryView:
    """Counted figures. internal: None for those without rights."""

    agency_code: str
    facts: Mapping[str, Any]
    internal: Mapping[str, Any] | None
    as_of: datetime


def summary_get(agency_code: str = "", *, with_internal: bool) -> SummaryView | None:
    """Return the figures of an agency, of the country without one; None before the first count. One query."""
    rows = Summary.objects.filter(agency_code=agency_code)
    row = (rows if with_internal else rows.defer("internal")).first()
    if row is None:
        return None
    return SummaryView(row.agency_code, row.facts, row.internal if with_internal else None, row.as_of)
