"""Reads of recoveries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.identity.enums import EvidenceKind, RecoveryState
from terpadu.identity.models import Person, Recovery
from terpadu.kernel.clock import now


@dataclass(frozen=True)
class RecoveryView:
    """A recovery as officers and the person see it."""

    id: UUID
    person_id: UUID
    person_name: str
    state: str
    state_label: str
    evidence_label: str
    reason: str
    is_in_person: bool
    opened_by: UUID
    opened_by_name: str
    opened_at: datetime
    usable_from: datetime | None
    expires_at: datetime
    is_open: bool


def recovery_get(recovery_id: UUID) -> RecoveryView | None:
    """Return one recovery, None when there is none. Two queries."""
    return next(iter(_views(Recovery.objects.filter(pk=recovery_id))), None)


def recoveries_of_agency(agency_code: str) -> list[RecoveryView]:
    """Return an agency's recoveries that are open, oldest first. Two queries."""
    states = [RecoveryState.OPENED, RecoveryState.APPROVED]
    rows = Recovery.objects.filter(agency_code=agency_code, state__in=states, expires_at__gt=now())
    return _views(rows.order_by("opened_at")[:100])


def recoveries_of(person_id: UUID) -> list[RecoveryView]:
    """Return a person's recoveries, newest first, at most 20. Two queries."""
    return _views(Recovery.objects.filter(person_id=person_id).order_by("-opened_at")[:20])


def _views(rows: Iterable[Recovery]) -> list[RecoveryView]:
    found = list(rows)
    wanted = {side for row in found for side in (row.person_id, row.opened_by)}
    names = dict(Person.objects.filter(pk__in=wanted).values_list("id", "name"))
    return [
        RecoveryView(
            id=row.id,
            person_id=row.person_id,
            person_name=names.get(row.person_id, ""),
            state=row.state,
            state_label=str(RecoveryState(row.state).label),
            evidence_label=str(EvidenceKind(row.evidence).label),
            reason=row.reason,
            is_in_person=row.is_in_person,
            opened_by=row.opened_by,
            opened_by_name=names.get(row.opened_by, ""),
            opened_at=row.opened_at,
            usable_from=row.usable_from,
            expires_at=row.expires_at,
            is_open=row.state in (RecoveryState.OPENED, RecoveryState.APPROVED) and row.expires_at > now(),
        )
        for row in found
    ]
