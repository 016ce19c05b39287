"""Complaints about the handling of a case: made by its applicant, answered by somebody who took no part in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from terpadu.casework import policies
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import ComplaintState
from terpadu.casework.errors import ComplaintClosed, ComplaintNotPossible, ComplaintOpen, ReasonMissing
from terpadu.casework.events import ComplaintAnswered, ComplaintMissed, ComplaintReceived
from terpadu.casework.models import Case, Complaint
from terpadu.casework.reference import complaint_rule_on
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.casework.services import history
from terpadu.casework.services.deadlines import MINUTES_PER_DAY
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.calendar import add_working_minutes, national_calendar
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotFound
from terpadu.kernel.outbox import emit
from terpadu.kernel.timers import timer_cancel, timer_set

MISSED, FORGET = "casework.complaint_missed", "casework.complaint_forget"
LEAST_WORDS, MOST_WORDS = 10, 4000
DAYS_PER_YEAR = 365


@transaction.atomic
def complaint_make(case_id: UUID, *, text: str, by: Actor) -> UUID:
    """Take an applicant's complaint about a case that was sent; returns its id.

    The case's own history says nothing of it until it is answered. Raises NotFound, NotAllowed, ComplaintNotPossible,
    ComplaintOpen, ReasonMissing.
    """
    dossier = Dossier.lock(case_id)
    case = dossier.case
    policies.check_applicant(case, by=by)
    if case.submitted_at is None:
        raise ComplaintNotPossible(state=case.state)
    if Complaint.objects.open().filter(case=case).exists():
        raise ComplaintOpen()
    rule = complaint_rule_on(today())
    row = Complaint.objects.create(
        person_id=case.person_id,
        case=case,
        agency_code=case.agency_code,
        service_id=case.service_id,
        text=_words(text),
        received_at=now(),
        take_by=_limit(rule.take_days),
        due_at=_limit(rule.answer_days),
    )
    timer_set(MISSED, key=str(row.id), due_at=row.due_at)
    emit(
        ComplaintReceived(
            complaint_id=row.id,
            service_name=dossier.definition.name.as_dict(),
            agency_code=row.agency_code,
            handlers=tuple(sorted(policies.complaint_handlers(row))),
            due_at=row.due_at,
        )
    )
    _record("complaint_made", row, by=by)
    return row.id


def _words(text: str) -> str:
    """Return what somebody wrote, cut to its longest. Raises ReasonMissing when it says too little."""
    words = text.strip()
    if len(words) < LEAST_WORDS:
        raise ReasonMissing(action="complaint")
    return words[:MOST_WORDS]


def _limit(working_days: int) -> datetime:
    return add_working_minutes(now(), working_days * MINUTES_PER_DAY, calendar=national_calendar())


def _record(event: str, row: Complaint, *, by: Actor) -> None:
    audit.record(f"casework.{event}", by=by, about_kind="complaint", about_id=row.id)


@transaction.atomic
def complaint_withdraw(complaint_id: UUID, *, by: Actor) -> None:
    """Take a complaint back. Raises NotFound, NotAllowed, ComplaintClosed."""
    row = _lock(complaint_id)
    policies.check_applicant(row.case, by=by)
    _close(row, ComplaintState.WITHDRAWN)
    _record("complaint_withdrawn", row, by=by)


@transaction.atomic
def complaint_take(complaint_id: UUID, *, by: Actor) -> None:
    """Take a complaint in hand, also from a colleague who has it. Raises NotFound, NotAllowed, ComplaintAboutYou, ComplaintClosed."""
    row = _lock(complaint_id)
    policies.check_complaint_handler(row, by=by)
    _check_open(row)
    row.state, row.taken_by, row.taken_at = ComplaintState.IN_HAND, by.person_id, now()
    row.save(update_fields=["state", "taken_by", "taken_at"])
    _record("complaint_taken", row, by=by)


@transaction.atomic
def complaint_answer(complaint_id: UUID, *, text: str, by: Actor) -> None:
    """Answer a complaint: to the applicant's inbox and on the case's timeline.

    Raises NotFound, NotAllowed, ComplaintAboutYou, ComplaintClosed, ReasonMissing.
    """
    row = _lock(complaint_id)
    policies.check_complaint_handler(row, by=by)
    _check_open(row)
    row.answer = _words(text)
    row.taken_by, row.taken_at = by.person_id, row.taken_at or now()
    _close(row, ComplaintState.ANSWERED)
    dossier = Dossier.lock(row.case_id)
    history.event_add(dossier.case, "complaint_answered", by=by, facts={"message": row.answer})
    emit(
        ComplaintAnswered(
            complaint_id=row.id,
            case_id=row.case_id,
            case_number=dossier.case.number,
            person_id=row.person_id,
            service_name=dossier.definition.name.as_dict(),
            agency_code=row.agency_code,
            answer=row.answer,
            on_time=now() <= row.due_at,
        )
    )
    _record("complaint_answered", row, by=by)


def _lock(complaint_id: UUID) -> Complaint:
    """Hold the case and the complaint until the transaction ends, the case first, as whoever acts on it does."""
    of = Complaint.objects.filter(pk=complaint_id).values("case")
    if Case.objects.select_for_update().filter(pk__in=of).first() is None:
        raise NotFound()
    return Complaint.objects.select_for_update(of=("self",)).select_related("case").get(pk=complaint_id)


def _check_open(row: Complaint) -> None:
    if row.closed_at is not None:
        raise ComplaintClosed(state=row.state)


def _close(row: Complaint, state: ComplaintState) -> None:
    """Close a complaint, and let its words be forgotten when their time is over. Raises ComplaintClosed."""
    _check_open(row)
    row.state, row.closed_at = state, now()
    row.save()
    timer_cancel(MISSED, key=str(row.id))
    years = complaint_rule_on(today()).retain_years
    timer_set(FORGET, key=str(row.id), due_at=now() + timedelta(days=years * DAYS_PER_YEAR))


@transaction.atomic
def complaint_miss(complaint_id: UUID) -> None:
    """Mark a complaint as late, once, when its limit has passed without an answer."""
    row = _lock(complaint_id)
    if row.closed_at is not None or row.is_late or row.due_at > now():
        return
    row.is_late = True
    row.save(update_fields=["is_late"])
    emit(
        ComplaintMissed(
            complaint_id=row.id,
            case_id=row.case_id,
            case_number=row.case.number,
            person_id=row.person_id,
            service_name=compiled_of(row.case.definition_id).definition.name.as_dict(),
            agency_code=row.agency_code,
            handlers=tuple(sorted(policies.complaint_handlers(row))),
            due_at=row.due_at,
        )
    )


def complaint_forget(complaint_id: UUID) -> None:
    """Remove the applicant's words; that there was a complaint, and the answer in the case's history, stay."""
    rows = Complaint.objects.filter(pk=complaint_id, closed_at__isnull=False, forgotten_at__isnull=True)
    rows.update(text="", forgotten_at=now())
