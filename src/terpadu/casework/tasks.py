"""What the worker does for casework: outputs, registers, deadlines, notices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.casework import events
from terpadu.casework.services import complaints, issuing, lapsing, notices
from terpadu.casework.services.deadlines import DRAFT, LAPSE, MISSED, REMIND, WARN
from terpadu.exchange.public import case_close
from terpadu.kernel.actors import Actor
from terpadu.kernel.outbox import subscribe
from terpadu.kernel.timers import on_timer


@subscribe(events.OutputDue, name="casework.issue")
def issue(event: events.OutputDue) -> None:
    """Make the document that is due and finish the case."""
    issuing.output_issue(event.case_id, event.output_id)


@subscribe(events.PushDue, name="casework.register")
def tell_register(event: events.PushDue) -> None:
    """Tell a register of an output."""
    issuing.register_tell(event)


@subscribe(events.CaseSubmitted, name="casework.notice_received")
def notice_received(event: events.CaseSubmitted) -> None:
    """Tell the applicant that the case has arrived."""
    notices.received(event)


@subscribe(events.CaseReturned, name="casework.notice_returned")
def notice_returned(event: events.CaseReturned) -> None:
    """Tell the applicant what to change, until when."""
    notices.returned(event)


@subscribe(events.CaseDecided, name="casework.notice_decided")
def notice_decided(event: events.CaseDecided) -> None:
    """Tell the applicant of a rejection or a lapse; a good end is told with its document."""
    notices.decided(event)


@subscribe(events.CaseClosed, name="casework.evidence_closed")
def evidence_closed(event: events.CaseClosed) -> None:
    """Let the exchange show what was read for the case and kept back until its end."""
    case_close(event.agency_code, event.case_number, closed_at=event.closed_at, by=Actor.system("casework"))


@subscribe(events.OutputIssued, name="casework.notice_issued")
def notice_issued(event: events.OutputIssued) -> None:
    """Tell the applicant that the document is in the wallet."""
    notices.issued(event)


@subscribe(events.DeadlineMissed, name="casework.notice_late")
def notice_late(event: events.DeadlineMissed) -> None:
    """Tell the applicant that the promise was broken."""
    notices.late(event)


@subscribe(events.ComplaintReceived, name="casework.notice_complaint_received")
def notice_complaint_received(event: events.ComplaintReceived) -> None:
    """Tell those who may answer that a complaint waits."""
    notices.complaint_received(event)


@subscribe(events.ComplaintMissed, name="casework.notice_complaint_missed")
def notice_complaint_missed(event: events.ComplaintMissed) -> None:
    """Tell the applicant and the office that the answer is late."""
    notices.complaint_missed(event)


@subscribe(events.ComplaintAnswered, name="casework.notice_complaint_answered")
def notice_complaint_answered(event: events.ComplaintAnswered) -> None:
    """Give the applicant the answer."""
    notices.complaint_answered(event)


@on_timer(complaints.MISSED)
def miss_complaint(key: str, payload: dict[str, Any]) -> None:
    """Say that a complaint was not answered in time."""
    complaints.complaint_miss(UUID(key))


@on_timer(complaints.FORGET)
def forget_complaint(key: str, payload: dict[str, Any]) -> None:
    """Remove the words of a complaint that were kept long enough."""
    complaints.complaint_forget(UUID(key))


@on_timer(WARN)
def warn(key: str, payload: dict[str, Any]) -> None:
    """Say that a share of the promised time has passed."""
    lapsing.deadline_warn(UUID(key.partition(":")[0]), percent=int(payload["percent"]))


@on_timer(MISSED)
def missed(key: str, payload: dict[str, Any]) -> None:
    """Say that the promised time has passed."""
    lapsing.deadline_miss(UUID(key))


@on_timer(REMIND)
def remind(key: str, payload: dict[str, Any]) -> None:
    """Remind the applicant that changes are awaited."""
    notices.remind(UUID(key))


@on_timer(LAPSE)
def lapse(key: str, payload: dict[str, Any]) -> None:
    """Close a case whose applicant did not answer in time."""
    lapsing.case_lapse(UUID(key))


@on_timer(DRAFT)
def lapse_draft(key: str, payload: dict[str, Any]) -> None:
    """Close a draft that nobody touched for long."""
    lapsing.draft_lapse(UUID(key))
