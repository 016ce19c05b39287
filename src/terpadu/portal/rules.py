"""Pure rules of the portal's pages: grouping by day, cells that are safe in a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")
JAKARTA = ZoneInfo("Asia/Jakarta")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def by_day(items: Iterable[T], *, at: Callable[[T], datetime]) -> list[tuple[date, list[T]]]:
    """Group items that are in order of time by their calendar day in Jakarta, keeping the order."""
    groups = groupby(items, key=lambda item: at(item).astimezone(JAKARTA).date())
    return [(day, list(group)) for day, group in groups]


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def part_of_day(hour: int) -> str:
    """Return the part of the day that an Indonesian greeting names: "pagi", "siang", "sore" or "malam".

    hour: local hour, 0..23.
    """
    if 3 <= hour < 11:
        return "pagi"
    if 11 <= hour < 15:
        return "siang"
    return "sore" if 15 <= hour < 18 else "malam"
