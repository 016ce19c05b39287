"""What a move saves, counted so that it is rather too little.

    running = the lower of: the mean of the last known years, the latest known year
              (licences, infrastructure, operation, other; never the cost of building)
    years   = whole years from the end of its wave to the horizon, never below 0
    net     = running x years x (1 - carried) - running x one_off

carried: share of the running cost that comes along to the successor (only when users and data move). one_off: share of a
year's running cost for the move or the archive. Without a known cost the saving is 0, and the move counts as "not known".
Merging two records of one application saves nothing: its cost was registered twice, and only once spent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from terpadu.portfolio.enums import Fate

BUILD = "build"


@dataclass(frozen=True)
class Shares:
    """The assumed shares. years: of the horizon; known_years: of the mean; the others in percent."""

    years: int
    known_years: int
    carried_percent: int
    move_percent: int
    archive_percent: int


@dataclass(frozen=True)
class Saving:
    """What a move saves, in whole rupiah. running: a year's cost, None when nothing is known. net may be negative."""

    running: int | None
    years: int
    carried: int
    one_off: int
    net: int


NOTHING = Saving(None, 0, 0, 0, 0)


def running_cost(costs: Mapping[tuple[int, str], int], *, before: int, known_years: int) -> int | None:
    """Return a year's running cost, None when none is known. costs: rupiah by year and kind. before: years from it are left out."""
    by_year: dict[int, int] = {}
    for (year, kind), rupiah in costs.items():
        if kind != BUILD and year < before:
            by_year[year] = by_year.get(year, 0) + rupiah
    latest = sorted(by_year)[-known_years:]
    if not latest:
        return None
    return min(sum(by_year[year] for year in latest) // len(latest), by_year[latest[-1]])


def saving_of(fate: Fate, running: int | None, *, ends_year: int, from_year: int, shares: Shares) -> Saving:
    """Return what a move saves until the horizon.

    ends_year: in which its wave ends; saving begins the year after. from_year: the first year of the plan.
    """
    if fate in (Fate.KEEP, Fate.MERGE) or running is None:
        return Saving(running, 0, 0, 0, 0) if fate not in (Fate.KEEP, Fate.MERGE) else NOTHING
    years = max(0, from_year + shares.years - 1 - ends_year)
    carried = running * years * shares.carried_percent // 100 if fate is Fate.MIGRATE else 0
    percent = shares.move_percent if fate is Fate.MIGRATE else shares.archive_percent
    one_off = -(-running * percent // 100)
    return Saving(running, years, carried, one_off, running * years - carried - one_off)
