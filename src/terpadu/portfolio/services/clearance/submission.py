"""From draft to the desks: sent in, found complete or returned, withdrawn."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.portfolio.enums import Part, RequestAction, RequestKind
from terpadu.portfolio.errors import OverlapUnavailable, RequestIncomplete
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import ClearanceRequest
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.rules.clearance.drafts import submit_faults
from terpadu.portfolio.selectors.clearance.parts import procedure_of
from terpadu.portfolio.services.clearance.drafts import facts_of, path_of
from terpadu.portfolio.services.clearance.flow import (
    SYSTEM,
    check_can,
    next_number,
    request_for,
    request_move,
)
from terpadu.portfolio.services.clearance.screening import strong_names

LEAST_REASON = 10


@transaction.atomic
def request_submit(request_id: UUID, *, by: Actor) -> ClearanceRequest:
    """Send a request in; a small one is complete when its form is.

    Raises RequestUnknown, NotAllowed, StepRefused, RequestIncomplete with everything that is missing.
    """
    row = request_for(request_id, part=Part.PROPOSER, by=by)
    check_can(row, RequestAction.SUBMIT, part=Part.PROPOSER)
    if faults := missing_of(row):
        raise RequestIncomplete(faults=faults)
    path = path_of(row)
    row.regulation, row.procedure, row.path = regulation().version, procedure_of(row).key, path.key
    row.number = row.number or next_number()
    row.submitted_at = now()
    request_move(row, RequestAction.SUBMIT, part=Part.PROPOSER, by=by)
    if not path.checked_by_people:
        request_move(row, RequestAction.ACCEPT, part=Part.SYSTEM, by=SYSTEM)
    return row


def missing_of(row: ClearanceRequest) -> list[Fault]:
    """Return what a request lacks to be sent in; without an overlap engine nobody has to explain overlaps."""
    strong: list[str] = []
    if row.kind == RequestKind.ESTABLISH:
        try:
            strong = strong_names(row)
        except OverlapUnavailable:
            strong = []
    return submit_faults(facts_of(row), path=path_of(row), strong=strong)


@transaction.atomic
def request_accept(request_id: UUID, *, by: Actor) -> ClearanceRequest:
    """Find a request complete; its overlap report is made next. Raises as all steps do."""
    row = request_for(request_id, part=Part.SECRETARIAT, by=by)
    request_move(row, RequestAction.ACCEPT, part=Part.SECRETARIAT, by=by)
    return row


@transaction.atomic
def request_return(request_id: UUID, *, reason: str, by: Actor) -> ClearanceRequest:
    """Send a request back to be completed. reason: what is missing, for the proposer. Raises RequestIncomplete without."""
    row = request_for(request_id, part=Part.SECRETARIAT, by=by)
    if len(reason.strip()) < LEAST_REASON:
        raise RequestIncomplete(faults=[Fault("reason_short", column="reason")])
    request_move(row, RequestAction.RETURN, part=Part.SECRETARIAT, by=by, note=reason.strip())
    return row


@transaction.atomic
def request_withdraw(request_id: UUID, *, reason: str = "", by: Actor) -> ClearanceRequest:
    """Take a request back for good; what was written stays on record. Raises as all steps do."""
    row = request_for(request_id, part=Part.PROPOSER, by=by)
    request_move(row, RequestAction.WITHDRAW, part=Part.PROPOSER, by=by, note=reason.strip())
    return row
