"""What clearance does in the background: reports, letters, messages, deadlines, deliveries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.exchange.events import InterfacePublished
from terpadu.kernel.calendar import add_working_days, national_calendar
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import subscribe
from terpadu.kernel.timers import on_timer, timer_set
from terpadu.portfolio.enums import RequestState
from terpadu.portfolio.events import ApplicationChanged, ClearanceDecided, ClearanceMoved
from terpadu.portfolio.services.clearance import deadlines, delivery, letters, notices, reviews, screening
from terpadu.portfolio.services.clearance.flow import TIMER

DAILY = "portfolio.clearance_daily"


@subscribe(ClearanceMoved, name="portfolio.clearance_report")
def make_report(event: ClearanceMoved) -> None:
    """Make the overlap report of a request that was found complete."""
    if event.state == RequestState.SCREENING:
        screening.report_make(event.request_id)


@subscribe(ClearanceMoved, name="portfolio.clearance_notices")
def tell_people(event: ClearanceMoved) -> None:
    """Tell the people whom a step concerns."""
    notices.tell(event)


@subscribe(ClearanceDecided, name="portfolio.clearance_letter")
def issue_letter(event: ClearanceDecided) -> None:
    """Make the signed letter of a decision, and have the expiry of approvals looked at every working day."""
    letters.letter_issue(event.decision_id)
    timer_set(DAILY, key="all", due_at=_tomorrow())


@subscribe(ApplicationChanged, name="portfolio.clearance_delivery")
def check_delivery(event: ApplicationChanged) -> None:
    """Look whether an approved request is delivered by what was just registered."""
    delivery.delivery_check_all(record=event.application_id)


@subscribe(InterfacePublished, name="portfolio.clearance_interface")
def check_interface(event: InterfacePublished) -> None:
    """Look whether an approved request is delivered by a new interface."""
    delivery.delivery_check_all()


@on_timer(TIMER)
def deadline(key: str, payload: dict[str, Any]) -> None:
    """Act on the end of a state's time."""
    deadlines.deadline_passed(UUID(key), state=str(payload.get("state", "")))


@on_timer(screening.REVIEW_TIMER)
def review_deadline(key: str, payload: dict[str, Any]) -> None:
    """Close a review that was not given in time."""
    reviews.review_missed(UUID(key))


@on_timer(DAILY)
def daily(key: str, payload: dict[str, Any]) -> None:
    """Let approvals lapse, and end applications whose day has come."""
    deadlines.approvals_expire()
    delivery.delivery_check_all()
    timer_set(DAILY, key="all", due_at=_tomorrow())


def _tomorrow() -> Any:
    return add_working_days(now(), 1, calendar=national_calendar())
