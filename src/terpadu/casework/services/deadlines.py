"""The promise and its clock: working minutes of the office, standing still while the applicant has the ball."""

from __future__ import annotations

from datetime import datetime, timedelta

from terpadu.casework.definitions.model import Definition
from terpadu.casework.models import Case
from terpadu.kernel.calendar import (
    CLOSES,
    OPENS,
    add_working_minutes,
    national_calendar,
    working_minutes_between,
)
from terpadu.kernel.clock import now
from terpadu.kernel.timers import timer_cancel, timer_set

MINUTES_PER_DAY = (CLOSES.hour - OPENS.hour) * 60 + CLOSES.minute - OPENS.minute
WARN, MISSED, LAPSE, DRAFT, REMIND = (
    "casework.warn",
    "casework.missed",
    "casework.lapse",
    "casework.draft",
    "casework.remind",
)


def promised_minutes(definition: Definition) -> int:
    """Return the working minutes that a service promises."""
    return definition.sla.working_days * MINUTES_PER_DAY


def promised_end(definition: Definition, *, start: datetime) -> datetime:
    """Return when a case sent at `start` is promised to end."""
    return add_working_minutes(start, promised_minutes(definition), calendar=national_calendar())


def step_limit(case: Case, *, working_days: int | None) -> datetime:
    """Return by when a step should be done: its own limit, but never later than the promise."""
    promise = case.due_at or now()
    if working_days is None:
        return promise
    own = add_working_minutes(now(), working_days * MINUTES_PER_DAY, calendar=national_calendar())
    return min(own, promise)


def clock_start(case: Case, definition: Definition, *, minutes: int) -> None:
    """Let the clock run with this many working minutes left, and set its timers."""
    at, calendar = now(), national_calendar()
    case.due_at = add_working_minutes(at, minutes, calendar=calendar)
    case.remaining_minutes = None
    timer_set(MISSED, key=str(case.id), due_at=case.due_at)
    used = promised_minutes(definition) - minutes
    for percent in definition.sla.warn_percent:
        until = promised_minutes(definition) * percent // 100 - used
        if until > 0:
            due = add_working_minutes(at, until, calendar=calendar)
            timer_set(WARN, key=f"{case.id}:{percent}", due_at=due, payload={"percent": percent})


def clock_stop(case: Case, definition: Definition) -> None:
    """Let the clock stand still and keep what is left of the promise."""
    if case.due_at is not None:
        case.remaining_minutes = working_minutes_between(now(), case.due_at, calendar=national_calendar())
        case.due_at = None
    clock_cancel(case, definition)


def clock_cancel(case: Case, definition: Definition) -> None:
    """Forget the timers of the promise."""
    timer_cancel(MISSED, key=str(case.id))
    for percent in definition.sla.warn_percent:
        timer_cancel(WARN, key=f"{case.id}:{percent}")


def answer_wait_set(case: Case, *, days: int) -> None:
    """Give the applicant so many calendar days, with a reminder at half of them."""
    case.answer_by = now() + timedelta(days=days)
    timer_set(LAPSE, key=str(case.id), due_at=case.answer_by)
    timer_set(REMIND, key=str(case.id), due_at=now() + timedelta(days=days) / 2)


def answer_wait_cancel(case: Case) -> None:
    """Forget how long the applicant had."""
    case.answer_by = None
    timer_cancel(LAPSE, key=str(case.id))
    timer_cancel(REMIND, key=str(case.id))


def draft_lapse_set(case: Case, *, days: int) -> None:
    """Let a draft lapse so many days after it was last touched."""
    timer_set(DRAFT, key=str(case.id), due_at=now() + timedelta(days=days))


def draft_lapse_cancel(case: Case) -> None:
    """Keep a draft that was sent."""
    timer_cancel(DRAFT, key=str(case.id))
