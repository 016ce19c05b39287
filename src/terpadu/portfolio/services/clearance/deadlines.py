"""What happens when a time is over: nothing is decided by silence, and nothing stands still because somebody is slow."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.clock import now, today
from terpadu.kernel.outbox import emit
from terpadu.portfolio.enums import Part, RequestAction, RequestState
from terpadu.portfolio.events import ClearanceMoved
from terpadu.portfolio.models import ClearanceRequest
from terpadu.portfolio.services.clearance.flow import SYSTEM, request_lock, request_move

LATE = "late"


@transaction.atomic
def deadline_passed(request_id: UUID, *, state: str) -> None:
    """Do what the end of a state's time asks for; a request that has moved on since is left alone.

    Completeness: taken as complete. Correction: lapses. Decision and appeal: marked late, and the people are told; nobody's
    silence decides. Reviews have timers of their own.
    """
    row = request_lock(request_id)
    if row.state != state or row.due_at is None or row.due_at > now():
        return
    if state == RequestState.SUBMITTED:
        request_move(row, RequestAction.ACCEPT, part=Part.SYSTEM, by=SYSTEM, note=LATE)
    elif state == RequestState.RETURNED:
        request_move(row, RequestAction.LAPSE, part=Part.SYSTEM, by=SYSTEM)
    elif state in (RequestState.DECISION, RequestState.APPEALED):
        row.is_late = True
        row.save(update_fields=["is_late"])
        audit.record("portfolio.clearance_late", by=SYSTEM, about_kind="clearance", about_id=row.id)
        emit(ClearanceMoved(row.id, row.number, row.agency.code, LATE, str(row.state)))


@transaction.atomic
def approval_expired(request_id: UUID) -> None:
    """Let an approval lapse that was not used by its last day. Anything else is left alone."""
    row = request_lock(request_id)
    if row.state == RequestState.APPROVED and row.expires_on and row.expires_on < today():
        request_move(row, RequestAction.LAPSE, part=Part.SYSTEM, by=SYSTEM)


def approvals_expire() -> int:
    """Let every approval lapse whose day is over; return how many there were."""
    rows = ClearanceRequest.objects.filter(state=RequestState.APPROVED, expires_on__lt=today())
    found = list(rows.values_list("pk", flat=True))
    for request_id in found:
        approval_expired(request_id)
    return len(found)
