"""What casework tells the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from terpadu.kernel.outbox import Event


@dataclass(frozen=True)
class CaseSubmitted(Event):
    """An applicant sent a case for the first time. service_name: {"id": …, "en": …}. due_at: promised end."""

    name: ClassVar[str] = "casework.case_submitted"
    case_id: UUID
    case_number: str
    person_id: UUID
    service_id: str
    service_name: dict[str, str]
    agency_code: str
    due_at: datetime


@dataclass(frozen=True)
class CaseReturned(Event):
    """An officer asked the applicant for changes. message: the officer's words. answer_by: when the case lapses."""

    name: ClassVar[str] = "casework.case_returned"
    case_id: UUID
    case_number: str
    person_id: UUID
    service_id: str
    service_name: dict[str, str]
    message: str
    answer_by: datetime


@dataclass(frozen=True)
class CaseDecided(Event):
    """A case came to its end. outcome: "done", "rejected" or "lapsed"; reason: the officer's words when rejected."""

    name: ClassVar[str] = "casework.case_decided"
    case_id: UUID
    case_number: str
    person_id: UUID
    service_id: str
    service_name: dict[str, str]
    agency_code: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class CaseClosed(Event):
    """A case ended in whatever way, also a draft that was thrown away."""

    name: ClassVar[str] = "casework.case_closed"
    case_number: str
    agency_code: str
    closed_at: datetime


@dataclass(frozen=True)
class StepHandled(Event):
    """An officer finished a step: evidence for the performance record of that person, never of a machine.

    effort_minutes: usual effort by the definition. started_at: when the officer took it. on_time: before its limit.
    """

    name: ClassVar[str] = "casework.step_handled"
    case_id: UUID
    case_number: str
    service_id: str
    service_name: dict[str, str]
    step_id: str
    step_name: dict[str, str]
    action: str
    actor_person_id: UUID
    position_id: str
    agency_code: str
    effort_minutes: int
    started_at: datetime
    finished_at: datetime
    on_time: bool


@dataclass(frozen=True)
class OutputDue(Event):
    """A case reached the step that issues an output; casework's own worker makes the document."""

    name: ClassVar[str] = "casework.output_due"
    case_id: UUID
    output_id: str


@dataclass(frozen=True)
class OutputIssued(Event):
    """A document was made for a case and lies in its holder's wallet. title: {"id": …, "en": …}."""

    name: ClassVar[str] = "casework.output_issued"
    case_id: UUID
    case_number: str
    person_id: UUID
    service_id: str
    output_id: str
    document_id: UUID
    title: dict[str, str]


@dataclass(frozen=True)
class PushDue(Event):
    """A register must be told of an output; retried until it answers."""

    name: ClassVar[str] = "casework.push_due"
    case_id: UUID
    push_id: str
    output_id: str
    number: str
    issued_on: str
    valid_until: str


@dataclass(frozen=True)
class DeadlineNear(Event):
    """A share of the promised time has passed. percent: such as 80."""

    name: ClassVar[str] = "casework.deadline_near"
    case_id: UUID
    case_number: str
    service_name: dict[str, str]
    agency_code: str
    percent: int
    due_at: datetime


@dataclass(frozen=True)
class DeadlineMissed(Event):
    """The promised time has passed and the case is still with the agency."""

    name: ClassVar[str] = "casework.deadline_missed"
    case_id: UUID
    case_number: str
    person_id: UUID
    service_name: dict[str, str]
    agency_code: str
    due_at: datetime


@dataclass(frozen=True)
class ComplaintReceived(Event):
    """An applicant complained about a case. handlers: who may answer. Neither the words nor the person are told."""

    name: ClassVar[str] = "casework.complaint_received"
    complaint_id: UUID
    service_name: dict[str, str]
    agency_code: str
    handlers: tuple[UUID, ...]
    due_at: datetime


@dataclass(frozen=True)
class ComplaintAnswered(Event):
    """An officer answered a complaint. answer: the officer's words."""

    name: ClassVar[str] = "casework.complaint_answered"
    complaint_id: UUID
    case_id: UUID
    case_number: str
    person_id: UUID
    service_name: dict[str, str]
    agency_code: str
    answer: str
    on_time: bool


@dataclass(frozen=True)
class ComplaintMissed(Event):
    """A complaint was not answered in time. handlers: who may still answer it."""

    name: ClassVar[str] = "casework.complaint_missed"
    complaint_id: UUID
    case_id: UUID
    case_number: str
    person_id: UUID
    service_name: dict[str, str]
    agency_code: str
    handlers: tuple[UUID, ...]
    due_at: datetime
