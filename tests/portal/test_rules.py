"""Pure rules of the portal's pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.portal.rules import FORMULA_STARTS, JAKARTA, by_day, part_of_day, safe_cell

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(st.lists(MOMENTS).map(lambda moments: sorted(moments, reverse=True)))
def test_by_day_keeps_every_item_in_order_under_its_day(moments: list[datetime]) -> None:
    days = by_day(moments, at=lambda moment: moment)

    assert [moment for _, group in days for moment in group] == moments
    assert all(moment.astimezone(JAKARTA).date() == day for day, group in days for moment in group)
    assert len({day for day, _ in days}) == len(days)


def test_by_day_counts_the_days_of_jakarta() -> None:
    before_midnight = datetime(2026, 11, 21, 16, 59, tzinfo=UTC)

    days = by_day([before_midnight + timedelta(minutes=1), before_midnight], at=lambda moment: moment)

    assert [str(day) for day, _ in days] == ["2026-11-22", "2026-11-21"]


@given(st.text())
def test_safe_cell_is_never_a_formula_and_loses_nothing(text: str) -> None:
    cell = safe_cell(text)

    assert not cell.startswith(FORMULA_STARTS)
    assert cell.endswith(text)


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (0, "malam"),
        (3, "pagi"),
        (10, "pagi"),
        (11, "siang"),
        (15, "sore"),
        (17, "sore"),
        (18, "malam"),
        (23, "malam"),
    ],
)
def test_part_of_day_follows_indonesian_greetings(hour: int, part: str) -> None:
    assert part_of_day(hour) == part
