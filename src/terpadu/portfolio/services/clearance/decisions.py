"""The decision on a request, in the first instance and on appeal, with the record that it makes in the inventory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.outbox import emit
from terpadu.portfolio.enums import DecisionKind, Instance, LifeState, Part, RequestAction, RequestKind
from terpadu.portfolio.errors import ChangedMeanwhile, DecisionRefused, SamePerson
from terpadu.portfolio.events import ClearanceDecided
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Application, ClearanceRequest, Decision
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.rules.clearance.decisions import POSITIVE, DecisionFacts, decision_faults
from terpadu.portfolio.selectors.clearance.parts import holding, positions_of, procedure_of
from terpadu.portfolio.services.clearance.flow import (
    check_can,
    request_for,
    request_move,
    working_days_from_now,
)
from terpadu.portfolio.services.clearance.registration import record_register
from terpadu.portfolio.services.clearance.screening import latest_report, named_of

LONGEST = 2000  # what one paragraph of the letter holds


@dataclass(frozen=True)
class DecisionValues:
    """What a decider writes. target: code of the application that is named, "" for none. Everything here is public."""

    kind: DecisionKind
    reason: str
    target: str = ""
    conditions: str = ""
    why_not_reuse: str = ""
    expires_on: date | None = None


@transaction.atomic
def decision_take(request_id: UUID, *, values: DecisionValues, version: int, by: Actor) -> Decision:
    """Decide a request. version: of the request that was shown.

    Raises RequestUnknown, NotAllowed, StepRefused, ChangedMeanwhile, DecisionRefused with everything that does not fit.
    """
    row = request_for(request_id, part=Part.DECIDER, by=by)
    action = RequestAction.GRANT if values.kind in POSITIVE else RequestAction.DENY
    check_can(row, action, part=Part.DECIDER)
    if row.version != version:
        raise ChangedMeanwhile(version=row.version)
    decision = decision_record(row, values, instance=Instance.FIRST, part=Part.DECIDER, by=by)
    request_move(row, action, part=Part.DECIDER, by=by, note=values.reason.strip())
    return decision


def decision_record(
    row: ClearanceRequest, values: DecisionValues, *, instance: Instance, part: Part, by: Actor
) -> Decision:
    """Check and store a decision with its consequences in the inventory; the caller moves the request.

    Raises DecisionRefused, SamePerson when the one who decided judges the appeal.
    """
    _check_fits(row, values)
    if by.person_id in row.decisions.values_list("decided_by", flat=True):
        raise SamePerson()
    position = holding(positions_of(by), procedure_of(row).offices[part.value], row=row)
    if position is None or by.person_id is None:
        raise NotAllowed()
    report = latest_report(row)
    decision = Decision.objects.create(
        request=row,
        instance=instance,
        kind=values.kind,
        target=_target(values),
        reason=values.reason.strip(),
        conditions=values.conditions.strip(),
        why_not_reuse=values.why_not_reuse.strip(),
        expires_on=values.expires_on if values.kind in POSITIVE else None,
        report_sha256=report.sha256 if report else "",
        decided_by=by.person_id,
        decider_title=position.title,
        agency_code=position.agency.code,
        decided_at=now(),
    )
    row.expires_on = decision.expires_on
    row.appeal_until = (
        working_days_from_now(procedure_of(row).days.appeal) if instance == Instance.FIRST else None
    )
    if values.kind in POSITIVE:
        row.record = record_register(row, decision)
    emit(ClearanceDecided(row.id, decision.id, row.number, row.agency.code, str(values.kind)))
    return decision


def decision_of(row: ClearanceRequest) -> Decision | None:
    """Return the decision that counts for a request: the one on appeal if there is one. One query."""
    found = {one.instance: one for one in row.decisions.select_related("target__agency")}
    return found.get(Instance.APPEAL) or found.get(Instance.FIRST)


def _check_fits(row: ClearanceRequest, values: DecisionValues) -> None:
    report = latest_report(row)
    target = _target(values)
    facts = DecisionFacts(
        kind=values.kind,
        target=target.code if target else "",
        target_is_alive=bool(target and target.state != LifeState.ENDED),
        reason=values.reason,
        why_not_reuse=values.why_not_reuse,
        expires_on=values.expires_on,
    )
    faults = decision_faults(
        RequestKind(row.kind),
        facts,
        candidates=named_of(report.candidates) if report else [],
        strong=regulation().strong_score,
        today=today(),
        most_months=regulation().exception_most_months,
    )
    for name in ("reason", "conditions", "why_not_reuse"):
        if len(getattr(values, name)) > LONGEST:
            length = str(len(getattr(values, name)))
            faults.append(Fault("text_long", column=name, values={"length": length, "longest": str(LONGEST)}))
    if values.target and target is None:
        faults = [one for one in faults if one.column != "target"]
        faults.append(Fault("subject_unknown", column="target", values={"given": values.target[:20]}))
    if faults:
        raise DecisionRefused(faults=faults)


def _target(values: DecisionValues) -> Application | None:
    code = values.target.strip().upper()
    return Application.objects.filter(code=code).first() if code else None
