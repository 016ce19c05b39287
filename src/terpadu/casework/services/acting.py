"""What officers do with cases: take, release, hand over, decide. One transaction each, with the case's row held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from terpadu.casework import policies
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import Action
from terpadu.casework.errors import ActionNotPossible, CaseMoved, NothingMarked, ReasonMissing
from terpadu.casework.events import CaseReturned, StepHandled
from terpadu.casework.models import Case, Task
from terpadu.casework.read_models import BatchOutcome
from terpadu.casework.services import history
from terpadu.casework.services.flow import step_enter
from terpadu.casework.services.subject import subject_establish
from terpadu.identity import public as identity
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import DomainError, NotAllowed
from terpadu.kernel.outbox import emit

LEAST_REASON = 10
MOST_BATCH = 50
WITH_REASON = {Action.REJECT, Action.SEND_BACK, Action.RETURN}


@transaction.atomic
def case_take(case_id: UUID, *, by: Actor) -> None:
    """Hold a case, so that colleagues see who works on it; holding it already changes nothing.

    Raises NotAllowed outside agency or role, CaseTaken with holder and moment, CaseMoved when nothing is open, OwnCase,
    FourEyes, OwnAccountNeeded by an agency's login where a second person acts or somebody signs.
    """
    dossier = Dossier.lock(case_id)
    task = _open_task(dossier.case, by=by)
    policies.check_four_eyes(task, by=by)
    if task.taken_by is None:
        _hold(task, by.person_id, position=by.position)
        history.event_add(dossier.case, "taken", by=by)


@transaction.atomic
def case_release(case_id: UUID, *, by: Actor) -> None:
    """Give a case back to the queue. Raises as `case_take` but FourEyes; CaseTaken also when a colleague holds it."""
    dossier = Dossier.lock(case_id)
    task = _open_task(dossier.case, by=by)
    if task.taken_by is not None:
        _hold(task, None, position="")
        history.event_add(dossier.case, "released", by=by)


@transaction.atomic
def case_hand_over(case_id: UUID, *, to: UUID, by: Actor) -> None:
    """Give a case to a colleague who holds a position with the same role and may act. Raises NotAllowed for anybody else."""
    dossier = Dossier.lock(case_id)
    task = _open_task(dossier.case, by=by)
    if to not in colleagues_for(task):
        raise NotAllowed()
    _hold(task, to, position="")
    history.event_add(dossier.case, "handed_over", by=by, facts={"to": str(to)})


def colleagues_for(task: Task) -> list[UUID]:
    """Return who may handle a task today, each once. Two queries for each kind of position, one more with four eyes."""
    found: list[UUID] = []
    for kind in task.position_kinds:
        found += identity.holders_of(kind, task.agency_code, on=today())
    barred = policies.earlier_hands(task)
    return [one for one in dict.fromkeys(found) if one not in barred]


def _hold(task: Task, person_id: UUID | None, *, position: str) -> None:
    task.taken_by, task.taken_position = person_id, position
    task.taken_at = now() if person_id else None
    task.save(update_fields=["taken_by", "taken_position", "taken_at"])


def _open_task(case: Case, *, by: Actor) -> Task:
    """Return the open task that the officer may handle. Raises as `case_take` but FourEyes."""
    if not policies.is_officer_of(case, by=by):
        raise NotAllowed()
    task = case.tasks.open().first()
    if task is None:
        raise CaseMoved(state=case.state)
    policies.check_role(case, task, by=by)
    policies.check_free(task, by=by)
    policies.check_own_account(case, task, by=by)
    return task


@transaction.atomic
def case_act(
    case_id: UUID,
    action: str,
    *,
    by: Actor,
    message: str = "",
    marked: Mapping[str, str] | None = None,
    version: int | None = None,
) -> None:
    """Finish the present step of a case with one of its actions.

    action: "approve", "sign", "send_back", "return" or "reject". message: reason or request, shown to the applicant
    (for "return": to the colleague). marked: field id to note, for "send_back". version: the `data_version` that the
    officer's page showed; None skips the comparison.
    Raises NotAllowed, CaseTaken, CaseMoved, ActionNotPossible, FourEyes, OwnCase, OwnAccountNeeded, ReasonMissing,
    NothingMarked, SubjectUnclear.
    """
    dossier = Dossier.lock(case_id)
    case = dossier.case
    task = _open_task(case, by=by)
    if version is not None and version != case.data_version:
        raise CaseMoved(state=case.state)
    step = dossier.definition.steps_by_id[task.step_id]
    chosen = _action_in(action)
    target = step.actions.get(chosen) if chosen else None
    if chosen is None or target is None:
        raise ActionNotPossible(action=action, step=step.id)
    policies.check_four_eyes(task, by=by)
    _apply_words(dossier, chosen, message=message.strip(), marked=marked or {})
    if chosen in (Action.APPROVE, Action.SIGN):
        subject_establish(dossier, by=by)
    _finish(dossier, task, chosen, by=by)
    history.event_add(case, chosen.value, by=by, facts=_facts(chosen, message.strip()))
    step_enter(dossier, target)
    _tell(dossier, chosen)
    audit.record(
        "casework.step_handled", by=by, about_kind="case", about_id=case.id, facts={"action": action}
    )


def _facts(action: Action, message: str) -> dict[str, str]:
    """Return the words that an event keeps: `message` is for the applicant, `note` for colleagues."""
    if action is Action.RETURN:
        return {"note": message}
    return {"message": message} if action in WITH_REASON else {}


def _action_in(text: str) -> Action | None:
    return Action(text) if text in Action.values else None


def _apply_words(dossier: Dossier, action: Action, *, message: str, marked: Mapping[str, str]) -> None:
    """Check reason and marks, and put them where the applicant reads them."""
    case = dossier.case
    if action in WITH_REASON and len(message) < LEAST_REASON:
        raise ReasonMissing(action=action.value)
    if action is Action.SEND_BACK:
        known = {field.id for page in dossier.page_ids for field in dossier.page(page).fields}
        kept = {name: note.strip()[:500] for name, note in marked.items() if name in known}
        if not kept:
            raise NothingMarked()
        case.marked, case.message = kept, message[:2000]
        again = {page for page in dossier.page_ids if {f.id for f in dossier.page(page).fields} & set(kept)}
        dossier.sheet.pages = [page for page in dossier.sheet.pages if page not in again]
        dossier.sheet.save(update_fields=["pages"])
    if action is Action.REJECT:
        case.reason = message[:2000]


def _finish(dossier: Dossier, task: Task, action: Action, *, by: Actor) -> None:
    at = now()
    started = task.taken_at or at
    task.finished_at, task.finished_by, task.action = at, by.person_id, action.value
    if task.taken_by is None:
        task.taken_by, task.taken_at = by.person_id, at
    task.taken_position = by.position
    task.save()
    step = dossier.definition.steps_by_id[task.step_id]
    if by.person_id is None:
        return  # a machine earns nothing
    emit(
        StepHandled(
            case_id=dossier.case.id,
            case_number=dossier.case.number,
            service_id=dossier.case.service_id,
            service_name=dossier.definition.name.as_dict(),
            step_id=step.id,
            step_name=step.name.as_dict(),
            action=action.value,
            actor_person_id=by.person_id,
            position_id=by.position,
            agency_code=by.agency,
            effort_minutes=dossier.definition.credit.effort_minutes[step.id],
            started_at=started,
            finished_at=at,
            on_time=at <= task.due_at,
        )
    )


def _tell(dossier: Dossier, action: Action) -> None:
    case = dossier.case
    if action is Action.SEND_BACK and case.answer_by is not None:
        emit(
            CaseReturned(
                case_id=case.id,
                case_number=case.number,
                person_id=case.person_id,
                service_id=case.service_id,
                service_name=dossier.definition.name.as_dict(),
                message=case.message,
                answer_by=case.answer_by,
            )
        )


def sign_batch(case_ids: Sequence[UUID], *, by: Actor) -> list[BatchOutcome]:
    """Sign many cases, each in its own transaction: one that cannot be signed does not hold up the others.

    case_ids: at most 50, further ones are left for the next batch. Returns what became of each, in order.
    """
    return [_sign_one(case_id, by=by) for case_id in case_ids[:MOST_BATCH]]


def _sign_one(case_id: UUID, *, by: Actor) -> BatchOutcome:
    number = (
        Case.objects.filter(pk=case_id, agency_code=by.agency).values_list("number", flat=True).first() or ""
    )
    try:
        case_act(case_id, Action.SIGN.value, by=by)
    except DomainError as error:
        return BatchOutcome(case_id, number, error=error.in_words)
    return BatchOutcome(case_id, number)
