"""Reads of representation: who may act for whom, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from terpadu.identity.enums import MandateEnd, MandateKind, MandateState
from terpadu.identity.models import Mandate, MandateUse, Person
from terpadu.identity.rules.mandates import state_of
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now

MOST_SHOWN = 100


@dataclass(frozen=True)
class MandateView:
    """One mandate. services: identifiers, ("*",) for all. actor_name, subject_name: "" while that side is unknown."""

    id: UUID
    kind: str
    kind_label: str
    state: MandateState
    subject_id: UUID | None
    subject_name: str
    actor_id: UUID | None
    actor_name: str
    services: tuple[str, ...]
    started_at: datetime | None
    valid_until: datetime | None
    ended_at: datetime | None
    end_label: str
    evidence_label: str
    evidence_number: str
    agency_code: str

    @property
    def last_day(self) -> date | None:
        """The last calendar day on which it holds, None when it has no end."""
        return (
            (self.valid_until - timedelta(seconds=1)).astimezone(JAKARTA).date() if self.valid_until else None
        )

    @property
    def is_active(self) -> bool:
        """Whether somebody may act under it now."""
        return self.state is MandateState.ACTIVE

    @property
    def is_ended(self) -> bool:
        """Whether it is over."""
        return self.state is MandateState.ENDED


@dataclass(frozen=True)
class UseView:
    """One thing that was done under a mandate. actor_name, subject_name: both sides."""

    at: datetime
    action: str
    service_id: str
    reference: str
    actor_name: str
    subject_name: str


def acting_options(person_id: UUID) -> list[MandateView]:
    """Return the mandates under which a person may act for somebody now, newest first. Two queries."""
    rows = Mandate.objects.in_force(now()).filter(actor_id=person_id).order_by("-started_at", "-id")
    return _views(list(rows[:MOST_SHOWN]))


def acting_names(by: Actor) -> dict[str, str] | None:
    """Return how pages name somebody who acts for another: own, name (of the represented), kind; None else. Two queries."""
    row = Mandate.objects.filter(pk=by.mandate_id).first() if by.mandate_id else None
    if row is None or by.represented_id is None:
        return None
    names = _names([row])
    return {
        "own": names.get(row.actor_id, ""),
        "name": names.get(row.subject_id, ""),
        "kind": str(MandateKind(row.kind).label),
    }


def mandates_of(person_id: UUID) -> list[MandateView]:
    """Return all mandates in which a person is one of the two sides, newest first. Two queries."""
    return _views(list(Mandate.objects.of(person_id).order_by("-created_at", "-id")[:MOST_SHOWN]))


def mandate_find(mandate_id: UUID, *, person_id: UUID) -> MandateView | None:
    """Return one mandate of a person, None when there is none or they are not one of its sides. Two queries."""
    return next(iter(_views(list(Mandate.objects.of(person_id).filter(pk=mandate_id)))), None)


def guardianships_waiting() -> list[MandateView]:
    """Return the guardianships that wait for an officer, oldest first. Two queries."""
    rows = Mandate.objects.filter(
        kind=MandateKind.GUARDIAN, started_at__isnull=True, ended_at__isnull=True
    ).order_by("created_at")
    return _views(list(rows[:MOST_SHOWN]))


def uses_of(person_id: UUID) -> list[UseView]:
    """Return what was done under a person's mandates, on either side, newest first, at most 100. Two queries."""
    mandates = Mandate.objects.of(person_id).values("pk")
    rows = list(
        MandateUse.objects.select_related("mandate")
        .filter(mandate__in=mandates)
        .order_by("-at", "-id")[:MOST_SHOWN]
    )
    names = _names([row.mandate for row in rows])
    return [
        UseView(
            at=row.at,
            action=row.action,
            service_id=row.service_id,
            reference=row.reference,
            actor_name=names.get(row.mandate.actor_id, ""),
            subject_name=names.get(row.mandate.subject_id, ""),
        )
        for row in rows
    ]


def _names(rows: list[Mandate]) -> dict[UUID | None, str]:
    wanted = {side for row in rows for side in (row.subject_id, row.actor_id) if side}
    return dict(Person.objects.filter(pk__in=wanted).values_list("id", "name")) if wanted else {}


def _views(rows: list[Mandate]) -> list[MandateView]:
    names, moment = _names(rows), now()
    return [_view(row, names, moment) for row in rows]


def _view(row: Mandate, names: dict[UUID | None, str], moment: datetime) -> MandateView:
    state = state_of(
        started_at=row.started_at,
        valid_until=row.valid_until if row.started_at else row.code_expires_at,
        ended_at=row.ended_at,
        is_offer=row.kind in (MandateKind.GIVEN, MandateKind.ASSISTED),
        now=moment,
    )
    return MandateView(
        id=row.id,
        kind=row.kind,
        kind_label=str(MandateKind(row.kind).label),
        state=state,
        subject_id=row.subject_id,
        subject_name=names.get(row.subject_id, ""),
        actor_id=row.actor_id,
        actor_name=names.get(row.actor_id, row.actor_name),
        services=tuple(row.services),
        started_at=row.started_at,
        valid_until=row.valid_until,
        ended_at=row.ended_at or (row.valid_until if state is MandateState.ENDED else None),
        end_label=str(MandateEnd(row.end).label) if row.end else "",
        evidence_label=str(row.get_evidence_display()),
        evidence_number=row.evidence_number,
        agency_code=row.agency_code,
    )
