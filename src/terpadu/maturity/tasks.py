"""What maturity does in the background: messages to the people of a round, and reminders before a day ends."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from terpadu.kernel.outbox import subscribe
from terpadu.kernel.timers import on_timer
from terpadu.maturity import events
from terpadu.maturity.services import notices
from terpadu.maturity.services.appointments import TASK_REMINDER
from terpadu.maturity.services.reminders import answers_remind
from terpadu.maturity.services.rounds import REMINDER


@on_timer(REMINDER)
def remind(key: str, payload: dict[str, Any]) -> None:
    """Remind the people of an agency of the indicators that have no answer."""
    answers_remind(UUID(key))


@on_timer(TASK_REMINDER)
def remind_unit(key: str, payload: dict[str, Any]) -> None:
    """Remind the units of what is due in two days."""
    locus, _, due_on = key.partition(":")
    notices.tasks_due(UUID(locus), due_on=date.fromisoformat(due_on))


@subscribe(events.Appointed, name="maturity.notice_appointed")
def notice_appointed(event: events.Appointed) -> None:
    """Tell somebody of their appointment."""
    notices.appointed(event)


@subscribe(events.AgenciesHanded, name="maturity.notice_agencies_handed")
def notice_agencies_handed(event: events.AgenciesHanded) -> None:
    """Tell an assessor of the agencies they were handed."""
    notices.agencies_handed(event)


@subscribe(events.TasksHanded, name="maturity.notice_handed")
def notice_handed(event: events.TasksHanded) -> None:
    """Tell the respondents what they were handed."""
    notices.handed(event)


@subscribe(events.AnswersDue, name="maturity.notice_answers_due")
def notice_answers_due(event: events.AnswersDue) -> None:
    """Tell the people of an agency that the self-assessment ends soon."""
    notices.answers_due(event)


@subscribe(events.LocusSubmitted, name="maturity.notice_submitted")
def notice_submitted(event: events.LocusSubmitted) -> None:
    """Tell the assessors that an agency waits for them."""
    notices.submitted(event)


@subscribe(events.LocusAnnounced, name="maturity.notice_announced")
def notice_announced(event: events.LocusAnnounced) -> None:
    """Tell the agency that it may object."""
    notices.announced(event)
