"""The state machine: the table is the definition, this enters its steps. Always inside the transaction that holds the case."""

from __future__ import annotations

from terpadu.casework.definitions.flow import Step
from terpadu.casework.definitions.model import Definition
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import PublicState
from terpadu.casework.events import CaseClosed, CaseDecided, OutputDue
from terpadu.casework.models import Case, Task
from terpadu.casework.services import deadlines
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit


def step_enter(dossier: Dossier, step_id: str, *, is_returned: bool = False) -> None:
    """Move a case into a step: its state, its task or timers, its events. Saves the case.

    is_returned: the applicant has just answered a request for changes.
    """
    case, definition = dossier.case, dossier.definition
    step = definition.steps_by_id[step_id]
    case.step_id, case.state = step.id, step.state
    case.data_version += 1
    if step.waits_for:
        _wait_for_applicant(case, definition, step)
    elif case.remaining_minutes is not None and not step.end:
        deadlines.clock_start(case, definition, minutes=case.remaining_minutes)
    if step.role:
        _task_open(case, definition, step, is_returned=is_returned)
    if step.auto:
        emit(OutputDue(case_id=case.id, output_id=step.auto.issue))
    if step.end:
        _close(case, definition, step)
    case.save()


def case_end(case: Case) -> None:
    """Note in a case, saved by the caller, that it ended now, and tell of it."""
    case.closed_at = now()
    emit(CaseClosed(case_number=case.number, agency_code=case.agency_code, closed_at=case.closed_at))


def _wait_for_applicant(case: Case, definition: Definition, step: Step) -> None:
    deadlines.clock_stop(case, definition)
    if step.within and step.within.days:
        deadlines.answer_wait_set(case, days=step.within.days)


def _task_open(case: Case, definition: Definition, step: Step, *, is_returned: bool) -> None:
    limit = step.within.working_days if step.within else None
    Task.objects.create(
        person_id=case.person_id,
        case=case,
        agency_code=case.agency_code,
        service_id=case.service_id,
        step_id=step.id,
        position_kinds=list(definition.roles[step.role or ""].positions),
        is_batch=step.batch,
        is_four_eyes=step.four_eyes,
        is_returned=is_returned,
        opened_at=now(),
        due_at=deadlines.step_limit(case, working_days=limit),
    )


def _close(case: Case, definition: Definition, step: Step) -> None:
    deadlines.clock_cancel(case, definition)
    deadlines.answer_wait_cancel(case)
    case.due_at = case.remaining_minutes = None
    case_end(case)
    emit(
        CaseDecided(
            case_id=case.id,
            case_number=case.number,
            person_id=case.person_id,
            service_id=case.service_id,
            service_name=definition.name.as_dict(),
            agency_code=case.agency_code,
            outcome=step.end or PublicState.LAPSED.value,
            reason=case.reason,
        )
    )
