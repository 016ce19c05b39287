"""Moving a request: one lock, one rule, one line of history, one timer, one event."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.calendar import add_working_days, national_calendar
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.outbox import emit
from terpadu.kernel.timers import timer_cancel, timer_set
from terpadu.portfolio.enums import Part, RequestAction, RequestState
from terpadu.portfolio.errors import RequestUnknown, StepRefused
from terpadu.portfolio.events import ClearanceMoved
from terpadu.portfolio.models import ClearanceRequest, RequestStep
from terpadu.portfolio.rules.clearance.procedure import Days
from terpadu.portfolio.rules.clearance.states import Standing, next_standing
from terpadu.portfolio.selectors.clearance.parts import check_sees, parts_of, positions_of, procedure_of

TIMER = "portfolio.clearance_due"
DAYS_OF_STATE = {
    RequestState.SUBMITTED: "completeness",
    RequestState.RETURNED: "correction",
    RequestState.REVIEW: "review",
    RequestState.DECISION: "decision",
    RequestState.APPEALED: "appeal_decision",
}
SYSTEM = Actor.system("portfolio.clearance")


def request_lock(request_id: UUID) -> ClearanceRequest:
    """Return a request, held until the transaction ends. Raises RequestUnknown."""
    rows = ClearanceRequest.objects.select_for_update(of=("self",)).select_related(
        "agency", "subject", "record"
    )
    row = rows.filter(pk=request_id).first()
    if row is None:
        raise RequestUnknown()
    return row


def request_for(request_id: UUID, *, part: Part, by: Actor) -> ClearanceRequest:
    """Return a locked request for somebody who acts in a part.

    Raises RequestUnknown; NotAllowed for whom the request is not, or who has another part in it.
    """
    row = request_lock(request_id)
    positions = positions_of(by)
    check_sees(positions, row)
    if part not in parts_of(positions, row):
        raise NotAllowed()
    return row


def standing_of(row: ClearanceRequest) -> Standing:
    """Return where a request stands, as the rules see it."""
    before = RequestState(row.appealed_from) if row.appealed_from else None
    return Standing(RequestState(row.state), appealed_from=before)


def check_can(row: ClearanceRequest, action: RequestAction, *, part: Part) -> Standing:
    """Return where an action would lead. Raises StepRefused."""
    standing = next_standing(standing_of(row), action, part=part)
    if standing is None:
        raise StepRefused(state=row.state, action=action.value)
    return standing


def request_move(
    row: ClearanceRequest, action: RequestAction, *, part: Part, by: Actor, note: str = ""
) -> None:
    """Take a step: state, deadline, history, audit and event in the transaction that is open. Raises StepRefused."""
    standing = check_can(row, action, part=part)
    row.state = standing.state
    row.appealed_from = standing.appealed_from or ""
    row.state_since, row.is_late = now(), False
    row.version += 1
    _set_deadline(row)
    row.save()
    RequestStep.objects.create(
        request=row, action=action, state=row.state, part=part, note=note, by_person=by.person_id, at=now()
    )
    facts: dict[str, audit.Fact] = {"action": action.value, "state": row.state}
    audit.record("portfolio.clearance_moved", by=by, about_kind="clearance", about_id=row.id, facts=facts)
    emit(ClearanceMoved(row.id, row.number, row.agency.code, action.value, str(row.state)))


def working_days_from_now(days: int) -> datetime:
    """Return the moment so many working days from now."""
    return add_working_days(now(), days, calendar=national_calendar())


def _set_deadline(row: ClearanceRequest) -> None:
    days: Days = procedure_of(row).days
    name = DAYS_OF_STATE.get(RequestState(row.state))
    row.due_at = working_days_from_now(getattr(days, name)) if name else None
    timer_cancel(TIMER, key=str(row.id))
    if row.due_at:
        timer_set(TIMER, key=str(row.id), due_at=row.due_at, payload={"state": str(row.state)})


def next_number() -> str:
    """Return a new number of a request, such as "IZN-2026-000123"."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('portfolio_request')")
        (number,) = cursor.fetchone()
    return f"IZN-{today().year}-{number:06}"
