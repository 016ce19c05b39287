"""An appeal: against the decision, or against findings of its overlap report. Another person decides, with a limit of its own."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.enums import Instance, Part, RequestAction
from terpadu.portfolio.errors import AppealTooLate, DecisionRefused, RequestIncomplete, SamePerson
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Appeal, ClearanceRequest, Decision
from terpadu.portfolio.rules.clearance.decisions import LEAST_REASON, POSITIVE
from terpadu.portfolio.selectors.clearance.parts import procedure_of
from terpadu.portfolio.services.clearance.decisions import DecisionValues, decision_record
from terpadu.portfolio.services.clearance.flow import (
    check_can,
    request_for,
    request_move,
    working_days_from_now,
)
from terpadu.portfolio.services.clearance.screening import latest_report

LONGEST = 8000


@transaction.atomic
def appeal_file(request_id: UUID, *, grounds: str, contested: tuple[str, ...] = (), by: Actor) -> Appeal:
    """Appeal, once, within the limit. contested: codes of candidates of the report that are said not to overlap.

    Raises RequestUnknown, NotAllowed, AppealTooLate, StepRefused, RequestIncomplete without grounds or for other codes.
    """
    row = request_for(request_id, part=Part.PROPOSER, by=by)
    if row.appealed_from or (row.appeal_until and now() > row.appeal_until):
        raise AppealTooLate()
    check_can(row, RequestAction.APPEAL, part=Part.PROPOSER)
    if by.person_id is None:
        raise NotAllowed()
    if faults := _appeal_faults(row, grounds, contested):
        raise RequestIncomplete(faults=faults)
    appeal = Appeal.objects.create(
        request=row,
        grounds=grounds.strip(),
        contested=list(contested),
        filed_by=by.person_id,
        filed_at=now(),
        due_at=working_days_from_now(procedure_of(row).days.appeal_decision),
    )
    request_move(row, RequestAction.APPEAL, part=Part.PROPOSER, by=by)
    return appeal


@transaction.atomic
def appeal_retract(request_id: UUID, *, by: Actor) -> ClearanceRequest:
    """Take an appeal back: the decision stands. A second appeal is not possible. Raises as all steps do."""
    row = request_for(request_id, part=Part.PROPOSER, by=by)
    check_can(row, RequestAction.RETRACT, part=Part.PROPOSER)
    _close(row, RequestAction.RETRACT, reason="", by=by)
    request_move(row, RequestAction.RETRACT, part=Part.PROPOSER, by=by)
    return row


@transaction.atomic
def appeal_dismiss(request_id: UUID, *, reason: str, by: Actor) -> ClearanceRequest:
    """Let the decision stand. Raises as all steps do, DecisionRefused without a reason, SamePerson."""
    row = request_for(request_id, part=Part.APPEAL, by=by)
    check_can(row, RequestAction.DISMISS, part=Part.APPEAL)
    if by.person_id in row.decisions.values_list("decided_by", flat=True):
        raise SamePerson()
    if len(reason.strip()) < LEAST_REASON:
        raise DecisionRefused(faults=[Fault("reason_short", column="reason")])
    _close(row, RequestAction.DISMISS, reason=reason, by=by)
    request_move(row, RequestAction.DISMISS, part=Part.APPEAL, by=by, note=reason.strip())
    return row


@transaction.atomic
def appeal_uphold(request_id: UUID, *, values: DecisionValues, by: Actor) -> Decision:
    """Decide anew in favour of the proposer. Raises as `decision_take`, and DecisionRefused for what is no approval."""
    row = request_for(request_id, part=Part.APPEAL, by=by)
    check_can(row, RequestAction.UPHOLD, part=Part.APPEAL)
    if values.kind not in POSITIVE:
        raise DecisionRefused(faults=[Fault("decision_unfit", column="kind")])
    decision = decision_record(row, values, instance=Instance.APPEAL, part=Part.APPEAL, by=by)
    _close(row, RequestAction.UPHOLD, reason=values.reason, by=by)
    request_move(row, RequestAction.UPHOLD, part=Part.APPEAL, by=by, note=values.reason.strip())
    return decision


def _appeal_faults(row: ClearanceRequest, grounds: str, contested: tuple[str, ...]) -> list[Fault]:
    faults = [] if len(grounds.strip()) >= LEAST_REASON else [Fault("reason_short", column="grounds")]
    if len(grounds) > LONGEST:
        values = {"length": str(len(grounds)), "longest": str(LONGEST)}
        faults.append(Fault("text_long", column="grounds", values=values))
    report = latest_report(row)
    named = {one["code"] for one in report.candidates} if report else set()
    if not set(contested) <= named:
        faults.append(Fault("contested_unknown", column="contested"))
    return faults


def _close(row: ClearanceRequest, outcome: RequestAction, *, reason: str, by: Actor) -> None:
    Appeal.objects.filter(request=row).update(
        outcome=outcome, reason=reason.strip(), closed_by=by.person_id, closed_at=now()
    )
