"""Reads of proofing: how sure it is who a person is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.identity.enums import ProofingLevel, ProofingMethod
from terpadu.identity.models import Proofing
from terpadu.identity.rules.assurance import LEVEL_OF_PROOFING, proofing_level


@dataclass(frozen=True)
class ProofingView:
    """How sure it is who a person is. method, at, evidence, agency_code: of the newest check of that level, else empty."""

    level: ProofingLevel
    method: str = ""
    at: datetime | None = None
    evidence: str = ""
    agency_code: str = ""


@dataclass(frozen=True)
class ProofingEntry:
    """One check in the history: how, when, whether it passed, what an officer had seen, and for which agency."""

    method: str
    label: str
    at: datetime
    is_passed: bool
    evidence_label: str
    agency_code: str


def proofing_of(person_id: UUID) -> ProofingView:
    """Return how sure it is who a person is; DECLARED for somebody nobody checked. One query."""
    rows = list(Proofing.objects.filter(person_id=person_id, is_passed=True).order_by("-at", "-id")[:50])
    level = proofing_level([row.method for row in rows])
    best = next((row for row in rows if LEVEL_OF_PROOFING.get(row.method) == level), None)
    if best is None:
        return ProofingView(level)
    return ProofingView(level, best.method, best.at, best.evidence, best.agency_code)


def proofing_history(person_id: UUID) -> list[ProofingEntry]:
    """Return all checks of a person, newest first, at most 50. One query."""
    rows = Proofing.objects.filter(person_id=person_id).order_by("-at", "-id")[:50]
    return [
        ProofingEntry(
            method=row.method,
            label=str(ProofingMethod(row.method).label),
            at=row.at,
            is_passed=row.is_passed,
            evidence_label=str(row.get_evidence_display()),
            agency_code=row.agency_code,
        )
        for row in rows
    ]
