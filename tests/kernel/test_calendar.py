"""Working days follow the national holidays; promises of days end where people expect them to."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.kernel.calendar import (
    add_working_days,
    add_working_minutes,
    national_calendar,
    working_minutes_between,
)
from terpadu.kernel.clock import JAKARTA

CALENDAR = national_calendar()
MOMENTS = st.datetimes(datetime(2026, 1, 2), datetime(2027, 10, 30)).map(
    lambda at: at.replace(tzinfo=JAKARTA)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-20T10:00", 1, "2026-11-23T10:00"),  # Friday to Monday
        ("2026-11-21T14:30", 1, "2026-11-24T07:30"),  # Saturday counts from Monday's opening
        ("2026-11-23T20:00", 0, "2026-11-24T07:30"),  # after hours
        ("2026-12-23T09:00", 1, "2026-12-28T09:00"),  # 24 December collective leave, 25 Christmas
        ("2026-08-14T09:00", 1, "2026-08-18T09:00"),  # 17 August
    ],
)
def test_add_working_days_skips_weekends_and_holidays(start: str, days: int, end: str) -> None:
    assert add_working_days(at(start), days, calendar=CALENDAR) == at(end)


def test_national_calendar_counts_collective_leave_as_days_off() -> None:
    assert not CALENDAR.is_working_day(date(2026, 12, 24))


@given(MOMENTS, st.integers(0, 20_000))
def test_add_working_minutes_is_measured_back_exactly(start: datetime, minutes: int) -> None:
    end = add_working_minutes(start, minutes, calendar=CALENDAR)

    assert working_minutes_between(start, end, calendar=CALENDAR) == pytest.approx(minutes, abs=1)


@given(MOMENTS, st.integers(0, 60))
def test_add_working_days_ends_on_a_working_day_and_never_early(start: datetime, days: int) -> None:
    end = add_working_days(start, days, calendar=CALENDAR)

    assert CALENDAR.is_working_day(end.date())
    assert end >= start + timedelta(days=days)
