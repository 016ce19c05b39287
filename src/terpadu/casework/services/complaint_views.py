"""Complaints as their makers see them, and as officers see them: without the person, until they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from terpadu.casework import policies
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import ComplaintState
from terpadu.casework.errors import ComplaintAboutYou
from terpadu.casework.models import Complaint
from terpadu.casework.read_models import Texts, TimelineEntry
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.casework.selectors.workbench import urgency_of
from terpadu.casework.services.views import EVENT_TITLES
from terpadu.casework.wording import both
from terpadu.identity import public as identity
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import DomainError, NotAllowed, NotFound

MOST_LISTED, MOST_CLOSED = 200, 20
TAGS = {
    ComplaintState.RECEIVED: "info",
    ComplaintState.IN_HAND: "info",
    ComplaintState.ANSWERED: "ok",
    ComplaintState.WITHDRAWN: "info",
}


@dataclass(frozen=True)
class ComplaintView:
    """A complaint as the applicant sees it. text: their words, "" once these were forgotten."""

    complaint_id: UUID
    state: ComplaintState
    text: str
    answer: str
    received_at: datetime
    due_at: datetime
    closed_at: datetime | None
    is_late: bool

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for its answer."""
        return self.closed_at is None

    @property
    def tag(self) -> str:
        """The colour of its state."""
        return TAGS[self.state]


@dataclass(frozen=True)
class ComplaintRow:
    """A complaint in an office's list. urgency: "late", "today" or "later"; is_untaken_late: nobody took it in time."""

    complaint_id: UUID
    service_name: Texts
    state: ComplaintState
    received_at: datetime
    due_at: datetime
    closed_at: datetime | None
    urgency: Literal["late", "today", "later"]
    is_untaken_late: bool
    is_mine: bool
    holder: str


@dataclass(frozen=True)
class ComplaintDesk:
    """A complaint on an officer's desk.

    number: of the case, and applicant_name: both "" until it is answered. steps: what happened in the case, without
    names and words. blocked: why this officer cannot answer, "" when they can; asks_own_account: whether signing in with
    their own account is the way.
    """

    row: ComplaintRow
    text: str
    answer: str
    number: str
    applicant_name: str
    steps: tuple[TimelineEntry, ...]
    blocked: str
    asks_own_account: bool


def complaints_of_case(case_id: UUID, *, by: Actor) -> list[ComplaintView]:
    """Return an applicant's complaints about a case, the newest first. Raises NotFound, NotAllowed. Three queries."""
    policies.check_applicant(Dossier.open(case_id).case, by=by)
    rows = Complaint.objects.filter(case_id=case_id).order_by("-received_at")
    return [
        ComplaintView(
            row.id,
            ComplaintState(row.state),
            row.text,
            row.answer,
            row.received_at,
            row.due_at,
            row.closed_at,
            row.is_late,
        )
        for row in rows
    ]


def complaint_list(*, by: Actor, position_kind: str) -> tuple[list[ComplaintRow], list[ComplaintRow]]:
    """Return the complaints that wait at an officer's desk, the most urgent first, and those answered last."""
    waiting = _waiting(by=by, position_kind=position_kind)
    closed = _closed(by=by, position_kind=position_kind)
    return _rows(waiting, by=by), _rows(closed, by=by)


def _waiting(*, by: Actor, position_kind: str) -> list[Complaint]:
    """Return the open complaints that an officer may answer; a head sees all. Some queries for each open complaint."""
    rows = Complaint.objects.open().filter(agency_code=by.agency).select_related("case")
    return [
        row
        for row in rows.order_by("due_at", "id")[:MOST_LISTED]
        if position_kind in policies.heads_on(row) or by.person_id in policies.complaint_handlers(row)
    ]


def _closed(*, by: Actor, position_kind: str) -> list[Complaint]:
    """Return the complaints that were answered last; only a head sees those of others. One query."""
    rows = Complaint.objects.filter(agency_code=by.agency, state=ComplaintState.ANSWERED)
    latest = rows.select_related("case").order_by("-closed_at")[:MOST_CLOSED]
    return [row for row in latest if position_kind in policies.heads_on(row) or row.taken_by == by.person_id]


def _rows(complaints: Sequence[Complaint], *, by: Actor) -> list[ComplaintRow]:
    names = identity.person_many(one.taken_by for one in complaints if one.taken_by)
    return [_row(one, by=by, holder=names[one.taken_by].name if one.taken_by else "") for one in complaints]


def _row(complaint: Complaint, *, by: Actor, holder: str) -> ComplaintRow:
    is_untaken = complaint.state == ComplaintState.RECEIVED
    return ComplaintRow(
        complaint_id=complaint.id,
        service_name=compiled_of(complaint.case.definition_id).definition.name.as_dict(),
        state=ComplaintState(complaint.state),
        received_at=complaint.received_at,
        due_at=complaint.due_at,
        closed_at=complaint.closed_at,
        urgency=urgency_of(complaint.due_at),
        is_untaken_late=is_untaken and complaint.take_by < now(),
        is_mine=complaint.taken_by == by.person_id,
        holder=holder,
    )


def complaint_open(complaint_id: UUID, *, by: Actor, position_kind: str) -> ComplaintDesk:
    """Return a complaint for an officer who may answer it, or for the head; that it was opened goes on record.

    Raises NotFound, NotAllowed.
    """
    complaint = Complaint.objects.select_related("case").filter(pk=complaint_id).first()
    if complaint is None:
        raise NotFound()
    against = _against(complaint, by=by, is_head=position_kind in policies.heads_on(complaint))
    audit.record("casework.complaint_opened", by=by, about_kind="complaint", about_id=complaint_id)
    is_told = complaint.state == ComplaintState.ANSWERED
    dossier = Dossier.open(complaint.case_id)
    return ComplaintDesk(
        row=_rows([complaint], by=by)[0],
        text=complaint.text,
        answer=complaint.answer,
        number=dossier.case.number if is_told else "",
        applicant_name=dossier.applicant["nama"] if is_told else "",
        steps=_steps(dossier),
        blocked=against.in_words if against else "",
        asks_own_account=isinstance(against, OwnAccountNeeded),
    )


def _against(complaint: Complaint, *, by: Actor, is_head: bool) -> DomainError | None:
    """Return why an officer who may look cannot answer, None when they can. Raises NotAllowed for anybody else."""
    try:
        policies.check_complaint_handler(complaint, by=by)
    except ComplaintAboutYou as error:
        if not is_head:
            raise NotAllowed() from error
        return error
    except OwnAccountNeeded as error:
        return error
    return None


def _steps(dossier: Dossier) -> tuple[TimelineEntry, ...]:
    """Return what happened in a case with its time alone."""
    return tuple(
        TimelineEntry(title=both(EVENT_TITLES[event.kind]), state="done", at=event.at)
        for event in dossier.events
        if event.kind in EVENT_TITLES
    )
