"""The figures of the dashboards, counted for every agency and the country in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from terpadu.directory.public import AgencyView, agency_list
from terpadu.kernel.clock import now, today
from terpadu.kernel.models import Timer
from terpadu.kernel.timers import timer_set
from terpadu.portfolio.models import Summary

TIMER = "portfolio.summary"
WAIT = timedelta(minutes=1)
YEARS = 10
TOP = 10
NATIONAL = ""

COUNTS = """
select agency_id, state, application_class, count(*), sum(completeness),
       count(*) filter (where cardinality(interfaces) > 0), count(*) filter (where live_on is null)
from portfolio_application group by 1, 2, 3
"""
BIRTHS = """
select agency_id, extract(year from live_on)::int, count(*), count(*) filter (where state <> 'ended' or ended_on is not null)
from portfolio_application where live_on is not null group by 1, 2
"""
ENDS = """
select agency_id, extract(year from ended_on)::int, count(*), count(*) filter (where live_on is not null)
from portfolio_application where ended_on is not null group by 1, 2
"""
COSTS = """
select a.agency_id, c.year, c.kind, sum(c.rupiah)::bigint
from portfolio_cost c join portfolio_application a on a.id = c.application_id where c.year >= %s group by 1, 2, 3
"""
DEAREST = """
select agency_id, code, name, rupiah, place, whole from (
  select a.agency_id, a.code, a.name, t.rupiah, row_number() over (partition by a.agency_id order by t.rupiah desc, a.code) place,
         row_number() over (order by t.rupiah desc, a.code) whole
  from (select application_id, sum(rupiah)::bigint rupiah from portfolio_cost where year >= %s group by 1) t
  join portfolio_application a on a.id = t.application_id where a.state <> 'ended'
) ranked where place <= %s or whole <= %s
"""
CODES = """
select agency_id, left(one, 6), count(distinct id), count(distinct id) filter (where state <> 'ended'),
       count(distinct id) filter (where state <> 'ended' and cardinality(interfaces) > 0)
from portfolio_application, unnest(rab_codes) one group by 1, 2
"""
Rows = list[tuple[Any, ...]]


def summary_due() -> None:
    """Ask for new figures within a minute; many changes in that minute ask once."""
    if not Timer.objects.filter(kind=TIMER, key="all", fired_at__isnull=True).exists():
        timer_set(TIMER, key="all", due_at=now() + WAIT)


@transaction.atomic
def summaries_refresh() -> int:
    """Count everything anew; return for how many agencies. Eight statements, whatever the size of the inventory."""
    agencies = {one.id: one for one in agency_list()}
    figures: dict[str, _Figures] = defaultdict(_Figures)
    this_year = today().year
    _count(figures, agencies)
    _dates(figures, agencies)
    for agency_id, year, kind, rupiah in _read(COSTS, this_year - YEARS + 1):
        for code in (agencies[agency_id].code, NATIONAL):
            figures[code].costs[(year, kind)] += rupiah
    for agency_id, code, name, rupiah, place, whole in _read(DEAREST, this_year - 2, TOP, TOP):
        entry = {"code": code, "name": name, "rupiah": rupiah, "agency": agencies[agency_id].name}
        if place <= TOP:
            figures[agencies[agency_id].code].dearest.append((place, entry))
        if whole <= TOP:
            figures[NATIONAL].dearest.append((whole, entry))
    for agency_id, sector, count, alive, integrated in _read(CODES):
        for code in (agencies[agency_id].code, NATIONAL):
            figures[code].sectors[sector] += count
            figures[code].alive_sectors[sector] += alive
            figures[code].integrated_sectors[sector] += integrated
    _store(figures, agencies, this_year=this_year)
    return len(figures) - 1


class _Figures:
    """What is added up for one agency or the country."""

    def __init__(self) -> None:
        self.states: dict[str, int] = defaultdict(int)
        self.classes: dict[str, int] = defaultdict(int)
        self.completeness = self.integrated = self.undated = 0
        self.births: dict[int, int] = defaultdict(int)
        self.ends: dict[int, int] = defaultdict(int)
        self.known: dict[int, int] = defaultdict(int)
        """By year: those whose whole life has days, less those of them that ended."""
        self.costs: dict[tuple[int, str], int] = defaultdict(int)
        self.sectors: dict[str, int] = defaultdict(int)
        self.alive_sectors: dict[str, int] = defaultdict(int)
        self.integrated_sectors: dict[str, int] = defaultdict(int)
        self.dearest: list[tuple[int, dict[str, Any]]] = []

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def alive(self) -> int:
        return self.total - self.states["ended"]

    def facts(self, *, this_year: int) -> dict[str, Any]:
        """Return the public figures."""
        first = this_year - YEARS + 1
        return {
            "total": self.total,
            "alive": self.alive,
            "states": dict(self.states),
            "classes": dict(self.classes),
            "completeness": round(self.completeness / self.total) if self.total else 0,
            "integrated": self.integrated,
            "integration": round(100 * self.integrated / self.alive) if self.alive else 0,
            "undated": self.undated,
            "sectors": dict(sorted(self.sectors.items())),
            "integrated_sectors": {
                sector: [self.integrated_sectors[sector], alive]
                for sector, alive in sorted(self.alive_sectors.items())
                if alive
            },
            "years": [
                {
                    "year": year,
                    "new": self.births[year],
                    "ended": self.ends[year],
                    "in_use": sum(count for then, count in self.known.items() if then <= year),
                }
                for year in range(first, this_year + 1)
            ],
        }

    def cost_years(self, *, this_year: int) -> list[dict[str, Any]]:
        """Return the cost of each year by kind."""
        kinds: dict[int, dict[str, int]] = defaultdict(dict)
        for (year, kind), rupiah in self.costs.items():
            kinds[year][kind] = rupiah
        years = range(this_year - YEARS + 1, this_year + 1)
        return [{"year": year, "kinds": kinds[year], "rupiah": sum(kinds[year].values())} for year in years]

    def internal(self, *, this_year: int) -> dict[str, Any]:
        """Return the figures for the owner and the national team."""
        dearest = [entry for _, entry in sorted(self.dearest, key=lambda one: one[0])]
        return {"costs": self.cost_years(this_year=this_year), "dearest": dearest}


def _count(figures: dict[str, _Figures], agencies: dict[UUID, AgencyView]) -> None:
    for agency_id, state, kind, count, completeness, integrated, undated in _read(COUNTS):
        for code in (agencies[agency_id].code, NATIONAL):
            one = figures[code]
            one.states[state] += count
            one.classes[kind] += count
            one.completeness += completeness
            one.integrated += integrated if state != "ended" else 0
            one.undated += undated


def _dates(figures: dict[str, _Figures], agencies: dict[UUID, AgencyView]) -> None:
    for statement, target, sign in ((BIRTHS, "births", 1), (ENDS, "ends", -1)):
        for agency_id, year, count, known in _read(statement):
            for code in (agencies[agency_id].code, NATIONAL):
                getattr(figures[code], target)[year] += count
                figures[code].known[year] += sign * known


def _store(figures: dict[str, _Figures], agencies: dict[UUID, AgencyView], *, this_year: int) -> None:
    national = figures[NATIONAL].facts(this_year=this_year)
    # Spending of the whole country is public (UU 14/2008 on public information); that of one agency may be one contract.
    national["costs"] = figures[NATIONAL].cost_years(this_year=this_year)
    by_code = {one.code: one for one in agencies.values()}
    national["agencies"] = sorted(
        (
            [
                code,
                by_code[code].name,
                one.total,
                one.alive,
                round(one.completeness / one.total),
                one.integrated,
            ]
            for code, one in figures.items()
            if code and one.total
        ),
        key=lambda row: (-row[2], row[1]),
    )
    at = now()
    rows = [
        Summary(
            agency_code=code,
            facts=one.facts(this_year=this_year) if code else national,
            internal=one.internal(this_year=this_year),
            as_of=at,
        )
        for code, one in figures.items()
    ]
    Summary.objects.exclude(agency_code__in=figures).delete()
    Summary.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["agency_code"],
        update_fields=["facts", "internal", "as_of"],
    )


def _read(statement: str, *values: int) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())
