"""Who may see and do what with a case. `check_…` raises; who may not know of a case is told that it does not exist."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from terpadu.casework.errors import CaseTaken, ComplaintAboutYou, FourEyes, OwnCase
from terpadu.casework.models import Case, Complaint, Task
from terpadu.casework.reference import complaint_rule_on
from terpadu.casework.rules.complaints import handlers_of
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.directory import public as directory
from terpadu.directory.errors import PositionUnknown
from terpadu.identity import public as identity
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, today
from terpadu.kernel.errors import NotAllowed


def is_applicant(case: Case, *, by: Actor) -> bool:
    """Tell whether the actor is the person whose case it is, or acts for them under a mandate for this service."""
    return by.kind == "person" and by.principal_id == case.person_id and by.may_use(case.service_id)


def is_officer_of(case: Case, *, by: Actor) -> bool:
    """Tell whether the actor is an officer of the agency of a case that was sent."""
    return by.kind == "officer" and by.agency == case.agency_code and case.submitted_at is not None


def check_applicant(case: Case, *, by: Actor) -> None:
    """Raise NotAllowed unless the actor opened the case."""
    if not is_applicant(case, by=by):
        raise NotAllowed()


def check_reader(case: Case, *, by: Actor, kind: str | None = None) -> None:
    """Raise NotAllowed unless the actor opened the case or is an officer of its agency with a role in the service.

    kind: of the officer's position, when the caller has it from the directory already.
    """
    if is_applicant(case, by=by) or by.kind == "system":
        return
    if not is_officer_of(case, by=by) or (kind or position_kind(by)) not in positions_of(case):
        raise NotAllowed()


def positions_of(case: Case) -> set[str]:
    """Return the kinds of positions that have a role in the service of a case."""
    roles = compiled_of(case.definition_id).definition.roles.values()
    return {kind for role in roles for kind in role.positions}


def position_kind(by: Actor) -> str:
    """Return the kind of position an officer acts in, "" for anybody else or an unknown position. One query."""
    if by.kind != "officer":
        return ""
    try:
        position = directory.position_get(by.position)
    except PositionUnknown:
        return ""
    return position.kind if position.agency.code == by.agency else ""


def check_role(case: Case, task: Task, *, by: Actor, kind: str | None = None) -> None:
    """Raise NotAllowed unless the officer's position has the role of the task. kind: as above.

    Raises OwnCase for a case of their own, or one in which they acted for the applicant.
    """
    if not is_officer_of(case, by=by) or (kind or position_kind(by)) not in task.position_kinds:
        raise NotAllowed()
    if by.person_id in (case.person_id, case.subject_person_id):
        raise OwnCase()
    if case.events.filter(actor_kind="person", actor_person_id=by.person_id).exists():
        raise OwnCase()


def check_free(task: Task, *, by: Actor) -> None:
    """Raise CaseTaken when another officer holds the task."""
    if task.taken_by is not None and task.taken_by != by.person_id and task.taken_at is not None:
        raise CaseTaken(holder=name_of(task.taken_by), since=task.taken_at)


def check_four_eyes(task: Task, *, by: Actor) -> None:
    """Raise FourEyes when the task is for another person than the officer, who finished another step. One query."""
    if by.person_id in earlier_hands(task):
        raise FourEyes()


def earlier_hands(task: Task) -> set[UUID]:
    """Return who finished another step of the case and may therefore not take the task; nobody without four eyes."""
    if not task.is_four_eyes:
        return set()
    others = Task.objects.filter(case_id=task.case_id).exclude(step_id=task.step_id)
    return {one for one in others.values_list("finished_by", flat=True) if one}


def check_own_account(case: Case, task: Task, *, by: Actor) -> None:
    """Raise OwnAccountNeeded when the task's step is not for an officer who came by their agency's login."""
    step = compiled_of(case.definition_id).definition.steps_by_id[task.step_id]
    if step.needs_own_account:
        identity.check_own_account(by)


def name_of(person_id: UUID) -> str:
    """Return a colleague's name. One query."""
    return identity.person_get(person_id).name


def complaint_handlers(complaint: Complaint) -> frozenset[UUID]:
    """Return who may answer a complaint today. Three queries, one more for each kind of position."""
    case, agency = complaint.case, complaint.agency_code
    heads = heads_on(complaint)
    return handlers_of(
        heads=_holders(heads, agency),
        others=_holders(positions_of(case) - heads, agency),
        involved=_involved(case),
    )


def heads_on(complaint: Complaint) -> frozenset[str]:
    """Return the kinds of positions that answer first, by the rule of the day on which the complaint came."""
    return frozenset(complaint_rule_on(complaint.received_at.astimezone(JAKARTA).date()).heads)


def _holders(kinds: Collection[str], agency_code: str) -> set[UUID]:
    return {one for kind in kinds for one in identity.holders_of(kind, agency_code, on=today())}


def _involved(case: Case) -> set[UUID]:
    """Return who acted in a case for the agency or for the applicant, and the people whose case it is."""
    worked = case.tasks.values_list("finished_by", "taken_by")
    found = {one for pair in worked for one in pair}
    acted = case.events.exclude(kind="complaint_answered")
    found |= set(acted.values_list("actor_person_id", flat=True))
    return {one for one in (*found, case.person_id, case.subject_person_id) if one}


def check_complaint_handler(complaint: Complaint, *, by: Actor) -> None:
    """Raise NotAllowed unless the actor is an officer of the agency, ComplaintAboutYou unless they may answer.

    Raises OwnAccountNeeded for an agency's login: it could play the officer who took no part.
    """
    if by.kind != "officer" or by.agency != complaint.agency_code:
        raise NotAllowed()
    if by.person_id not in complaint_handlers(complaint):
        raise ComplaintAboutYou() if by.person_id in _involved(complaint.case) else NotAllowed()
    identity.check_own_account(by)
