"""What happens because time has passed. Each looks again whether it still holds: a timer may fire after the fact."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.casework import policies
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import FINAL_STATES, PublicState
from terpadu.casework.errors import CaseMoved
from terpadu.casework.events import DeadlineMissed, DeadlineNear
from terpadu.casework.services import deadlines, history
from terpadu.casework.services.flow import case_end, step_enter
from terpadu.identity import public as identity
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit

CLOCK = Actor.system("clock")


def deadline_warn(case_id: UUID, *, percent: int) -> None:
    """Tell that a share of the promised time has passed, when the clock still runs."""
    dossier = Dossier.lock(case_id)
    case = dossier.case
    if case.due_at is None or case.is_late:
        return
    history.event_add(case, "deadline_near", by=CLOCK, facts={"percent": percent})
    emit(
        DeadlineNear(
            case_id=case.id,
            case_number=case.number,
            service_name=dossier.definition.name.as_dict(),
            agency_code=case.agency_code,
            percent=percent,
            due_at=case.due_at,
        )
    )


def deadline_miss(case_id: UUID) -> None:
    """Mark a case as late, once, when its promise has passed."""
    dossier = Dossier.lock(case_id)
    case = dossier.case
    if case.due_at is None or case.due_at > now() or case.is_late:
        return
    case.is_late = True
    case.save(update_fields=["is_late"])
    history.event_add(case, "late", by=CLOCK)
    emit(
        DeadlineMissed(
            case_id=case.id,
            case_number=case.number,
            person_id=case.person_id,
            service_name=dossier.definition.name.as_dict(),
            agency_code=case.agency_code,
            due_at=case.due_at,
        )
    )


def case_lapse(case_id: UUID) -> None:
    """Close a case whose applicant did not answer in time."""
    dossier = Dossier.lock(case_id)
    case = dossier.case
    step = dossier.definition.steps_by_id.get(case.step_id)
    if case.answer_by is None or case.answer_by > now() or step is None or step.on_timeout is None:
        return
    step_enter(dossier, step.on_timeout)
    history.event_add(case, "lapsed", by=CLOCK)


@transaction.atomic
def case_cancel(case_id: UUID, *, by: Actor) -> None:
    """Throw a draft away or withdraw a case, as its applicant; what was read and written stays on record.

    Raises NotAllowed for anybody else, CaseMoved once the document is being issued or the case has ended.
    """
    dossier = Dossier.lock(case_id)
    case = dossier.case
    policies.check_applicant(case, by=by)
    if case.state in FINAL_STATES or case.state == PublicState.PROCESSING:
        raise CaseMoved(state=case.state)
    case.tasks.open().update(finished_at=now(), action="cancelled")
    deadlines.clock_cancel(case, dossier.definition)
    deadlines.answer_wait_cancel(case)
    deadlines.draft_lapse_cancel(case)
    case.state = PublicState.CANCELLED
    case_end(case)
    case.due_at = case.remaining_minutes = None
    case.marked = {}
    case.data_version += 1
    case.save()
    history.event_add(case, "cancelled", by=by)
    audit.record("casework.case_cancelled", by=by, about_kind="case", about_id=case.id)
    identity.use_record(action="case_cancelled", service_id=case.service_id, reference=case.number, by=by)


def draft_lapse(case_id: UUID) -> None:
    """Close a draft that nobody touched for as long as the service keeps drafts."""
    dossier = Dossier.lock(case_id)
    case = dossier.case
    if case.state != PublicState.DRAFT:
        return
    case.state = PublicState.LAPSED
    case_end(case)
    case.save(update_fields=["state", "closed_at"])
    history.event_add(case, "lapsed", by=CLOCK)
