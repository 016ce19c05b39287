"""Facts for the maturity index that the portfolio can count; the two domains stand side by side and meet here."""

from __future__ import annotations

from datetime import date

from terpadu.maturity.public import FactSubject, PlatformFact
from terpadu.maturity.rules.instrument import Text
from terpadu.portfolio.public import clearance_count

KEY = "clearance.decisions"


def clearance_decisions(subject: FactSubject, on: date) -> PlatformFact | None:
    """Count the requests for clearance of an agency that were decided up to a day; None when it never asked for any."""
    asked, decided = clearance_count(subject.agency_code, region_code=subject.region_code, until=on)
    if not asked:
        return None
    return PlatformFact(
        key=KEY,
        number=decided,
        statement=Text(
            id=f"{decided} dari {asked} permohonan izin aplikasi sudah diputuskan.",
            en=f"{decided} of {asked} requests for clearance of applications are decided.",
        ),
        query=f"portfolio: clearance_count({subject.agency_code}, region_code={subject.region_code or '-'}, until={on})",
        on=on,
    )
