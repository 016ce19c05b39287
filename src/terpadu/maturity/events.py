"""What others may learn from maturity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from terpadu.kernel.outbox import Event


@dataclass(frozen=True)
class LocusSubmitted(Event):
    """An agency has sent its self-assessment."""

    name: ClassVar[str] = "maturity.locus_submitted"
    locus_id: UUID
    agency_code: str
    year: int


@dataclass(frozen=True)
class LocusFinalised(Event):
    """The result of an agency is final."""

    name: ClassVar[str] = "maturity.locus_finalised"
    locus_id: UUID
    agency_code: str
    year: int
    index: str


@dataclass(frozen=True)
class RoundPublished(Event):
    """The results of a year are public."""

    name: ClassVar[str] = "maturity.round_published"
    round_id: UUID
    year: int


@dataclass(frozen=True)
class AnswersDue(Event):
    """The self-assessment of an agency ends soon and indicators have no answer; persons: who works on it."""

    name: ClassVar[str] = "maturity.answers_due"
    locus_id: UUID
    agency_code: str
    year: int
    missing: int
    persons: tuple[UUID, ...]


@dataclass(frozen=True)
class Appointed(Event):
    """Somebody was appointed. role: as in `enums`. locus_id: the agency, None for the national team."""

    name: ClassVar[str] = "maturity.appointed"
    appointment_id: UUID
    round_id: UUID
    locus_id: UUID | None
    person_id: UUID
    role: str


@dataclass(frozen=True)
class AgenciesHanded(Event):
    """Agencies were handed to an assessor in bulk. handed_id: of this handing out. count: of agencies."""

    name: ClassVar[str] = "maturity.agencies_handed"
    handed_id: UUID
    person_id: UUID
    year: int
    count: int


@dataclass(frozen=True)
class TasksHanded(Event):
    """Indicators were handed to a unit, or to one person of it. handed_id: of this handing out. count: of indicators."""

    name: ClassVar[str] = "maturity.tasks_handed"
    handed_id: UUID
    locus_id: UUID
    year: int
    unit: str
    person_id: UUID | None
    count: int
    due_on: date


@dataclass(frozen=True)
class LocusAnnounced(Event):
    """An agency sees the assessors' levels and may object until a moment."""

    name: ClassVar[str] = "maturity.locus_announced"
    locus_id: UUID
    agency_code: str
    year: int
    objection_due_at: datetime
