"""What this installation can tell about families and use: the newest overlap report, the exchange's traffic, the sign-ins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from terpadu.exchange.public import calls_by_service
from terpadu.identity.public import SignInCount, sign_ins_by_client
from terpadu.kernel.clock import now
from terpadu.portfolio.family_members import FamilyFound
from terpadu.portfolio.models import Application
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


def sign_ins(rows: Sequence[Application]) -> Mapping[UUID, float]:
    """Return the sign-ins of a year of each application that signs people in with us. At most two queries."""
    return {key: float(sum(one.sign_ins for one in counts)) for key, counts in _counts(rows).items()}


def people(rows: Sequence[Application]) -> Mapping[UUID, float]:
    """Return how many different people signed in within a year; of several clients the one with most. At most two queries."""
    return {
        key: float(max((one.people for one in counts), default=0)) for key, counts in _counts(rows).items()
    }


def sign_ins_by_month(row: Application) -> list[tuple[date, int]]:
    """Return the sign-ins of an application in each month of the last year that had any, oldest first."""
    months: Counter[date] = Counter()
    for one in _counts([row]).get(row.id, []):
        months.update(one.months)
    return sorted(months.items())


def _counts(rows: Sequence[Application]) -> dict[UUID, list[SignInCount]]:
    with_clients = [row for row in rows if row.clients]
    wanted = {client_id for row in with_clients for client_id in row.clients}
    found = sign_ins_by_client(wanted, since=now() - A_YEAR) if wanted else {}
    return {row.id: [found[one] for one in row.clients if one in found] for row in with_clients}
