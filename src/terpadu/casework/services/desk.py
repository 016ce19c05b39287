"""A case on an officer's desk: decision, check list, evidence with its source, history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from terpadu.casework import policies
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import Action, AnswerStatus, PublicState
from terpadu.casework.errors import CaseMoved, CaseTaken
from terpadu.casework.models import Task
from terpadu.casework.read_models import CheckSection, FactView, OutageView, Texts, TimelineEntry
from terpadu.casework.selectors.workbench import neighbours, next_candidates, urgency_of
from terpadu.casework.services.acting import case_take, colleagues_for
from terpadu.casework.services.pages import outages
from terpadu.casework.services.views import sections, timeline
from terpadu.identity import public as identity
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError, NotAllowed

HOLDING = {"taken", "released", "handed_over", "deadline_near", "late", "complaint_answered"}


@dataclass(frozen=True)
class CheckLine:
    """One line of the check list. state: "ok" or "wrong" by rule, "look" when a person must look."""

    label: Texts
    state: Literal["ok", "wrong", "look"]


@dataclass(frozen=True)
class DeskView:
    """A case as its officer sees it.

    actions: what can be done now, empty when somebody else has the ball; blocked: why not, "" when it can;
    asks_own_account: whether signing in with their own account is the way. holder and held_since: who works on it. differences: answers that differ from a register. note: what a colleague wrote
    when returning it, "" otherwise. declared: how many answers that a
    register usually gives only the applicant vouches for. unknown: conditions that no register could confirm.
    """

    case_id: UUID
    number: str
    service_name: Texts
    step_name: Texts
    state: PublicState
    version: int
    applicant_name: str
    subject_name: str
    due_at: datetime | None
    urgency: Literal["late", "today", "later"]
    is_late: bool
    actions: frozenset[Action]
    blocked: str
    asks_own_account: bool
    note: str
    is_mine: bool
    holder: str
    held_since: datetime | None
    checks: tuple[CheckLine, ...]
    unknown: tuple[Texts, ...]
    differences: tuple[FactView, ...]
    declared: int
    sections: tuple[CheckSection, ...]
    outages: tuple[OutageView, ...]
    timeline: tuple[TimelineEntry, ...]
    previous: UUID | None
    following: UUID | None


def desk_open(case_id: UUID, *, by: Actor, position_kind: str, full: bool = True) -> DeskView:
    """Return a case for its officer; that it was opened goes on record.

    position_kind: of the position that the officer acts in, from the directory. full: with history and neighbours in
    the queue. Raises NotFound, NotAllowed.
    """
    dossier = Dossier.open(case_id)
    if by.kind != "officer":
        raise NotAllowed()
    policies.check_reader(dossier.case, by=by, kind=position_kind)
    audit.record("casework.case_opened", by=by, about_kind="case", about_id=case_id)
    return _view(dossier, by=by, position_kind=position_kind, full=full)


def _view(dossier: Dossier, *, by: Actor, position_kind: str, full: bool) -> DeskView:
    case, definition = dossier.case, dossier.definition
    task = case.tasks.open().first()
    may_act = task is not None and position_kind in task.position_kinds
    against = _against(dossier, task, by=by, position_kind=position_kind) if task and may_act else None
    step = definition.steps_by_id.get(case.step_id, definition.first_step)
    shown = sections(dossier)
    facts = [fact for section in shown for fact in section.facts]
    beside = neighbours(task, by=by, position_kind=position_kind) if full else (None, None)
    due_at = task.due_at if task else case.due_at
    return DeskView(
        case_id=case.id,
        number=case.number,
        service_name=definition.name.as_dict(),
        step_name=step.name.as_dict(),
        state=PublicState(case.state),
        version=case.data_version,
        applicant_name=dossier.applicant["nama"],
        subject_name=case.subject_name,
        due_at=due_at,
        urgency=urgency_of(due_at) if due_at else "later",
        is_late=case.is_late,
        actions=frozenset(step.actions) if may_act and not against else frozenset(),
        blocked=against.in_words if against else "",
        asks_own_account=isinstance(against, OwnAccountNeeded),
        note=_last_note(dossier) if full else "",
        is_mine=bool(task and task.taken_by == by.person_id),
        holder=policies.name_of(task.taken_by) if task and task.taken_by else "",
        held_since=task.taken_at if task else None,
        checks=_checks(dossier),
        unknown=tuple(item.label.as_dict() for item in dossier.route.unknown),
        differences=tuple(fact for fact in facts if fact.changed),
        declared=sum(fact.is_checkable and fact.status is AnswerStatus.DECLARED for fact in facts),
        sections=shown,
        outages=outages(dossier),
        timeline=timeline(dossier) if full else (),
        previous=beside[0],
        following=beside[1],
    )


def _against(dossier: Dossier, task: Task, *, by: Actor, position_kind: str) -> DomainError | None:
    """Return why the officer cannot act, None when they can."""
    try:
        policies.check_role(dossier.case, task, by=by, kind=position_kind)
        policies.check_free(task, by=by)
        policies.check_four_eyes(task, by=by)
        policies.check_own_account(dossier.case, task, by=by)
    except DomainError as error:
        return error
    return None


def _last_note(dossier: Dossier) -> str:
    """Return what the signer wrote to the verifier, when the last decision was to return the case."""
    decisions = [event for event in dossier.events if event.kind not in HOLDING]
    last = decisions[-1] if decisions else None
    return str(last.facts.get("note", "")) if last and last.kind == "return" else ""


def colleagues_of(case_id: UUID, *, by: Actor) -> list[tuple[UUID, str]]:
    """Return who could take a case over, by name: (person id, name); the officer and the applicant are left out."""
    task = Task.objects.open().filter(case_id=case_id).first()
    if task is None:
        return []
    wanted = [found for found in colleagues_for(task) if found not in (by.person_id, task.person_id)]
    return sorted(
        ((key, view.name) for key, view in identity.person_many(wanted).items()), key=lambda pair: pair[1]
    )


def _checks(dossier: Dossier) -> tuple[CheckLine, ...]:
    """Return the check list of the first officers' step that has one, with what rules say about each line."""
    definition = dossier.definition
    step = next((step for step in definition.steps if step.checks), None)
    if step is None:
        return ()
    lines = []
    for check in step.checks:
        known = (
            dossier.compiled.known(check.auto, dossier.values, today=dossier.today) if check.auto else None
        )
        state: Literal["ok", "wrong", "look"] = "look" if known is None else "ok" if known else check.if_not
        lines.append(CheckLine(label=check.label.as_dict(), state=state))
    return tuple(lines)


def next_take(*, by: Actor, position_kind: str) -> UUID | None:
    """Take the most urgent case that is free and return it, None when nothing waits. Raises OwnAccountNeeded as `case_take`."""
    for case_id in next_candidates(by=by, position_kind=position_kind):
        try:
            case_take(case_id, by=by)
        except (CaseTaken, CaseMoved):
            continue  # a colleague was faster; the next one is as good
        return case_id
    return None
