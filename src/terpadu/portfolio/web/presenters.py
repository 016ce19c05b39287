"""Counted figures as what a dashboard draws: numbers, tables and the pictures beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from terpadu.kernel.formats import format_number
from terpadu.kernel.ui import charts
from terpadu.portfolio.enums import CostKind, LifeState
from terpadu.portfolio.families import families_of
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.selectors.summaries import SummaryView
from terpadu.portfolio.web.words import short_number, short_rupiah

TOP_SECTORS = 9


def dashboard(summary: SummaryView) -> dict[str, Any]:
    """Return everything that the dashboard of an agency or the country shows."""
    facts = summary.facts
    costs = (summary.internal or {}).get("costs") or facts.get("costs") or []
    return {
        "summary": summary,
        "facts": facts,
        "states": [(LifeState(key).label, facts["states"].get(key, 0), key) for key in LifeState.values],
        "years": facts["years"],
        "years_chart": years_chart(facts["years"]),
        "sectors": sector_rows(facts["sectors"]),
        "sectors_chart": sectors_chart(facts["sectors"]),
        "costs": cost_rows(costs),
        "cost_kinds": [(f"part-{at}", CostKind(kind).label) for at, kind in enumerate(CostKind.values)],
        "costs_chart": costs_chart(costs),
        "has_costs": any(one["rupiah"] for one in costs),
        "dearest": (summary.internal or {}).get("dearest", []),
        "families": families_of(summary.agency_code),
    }


def years_chart(years: Sequence[Mapping[str, int]]) -> str:
    """Draw how many applications came and ended each year."""
    series = [[one["new"] for one in years], [one["ended"] for one in years]]
    names = [str(one["year"]) for one in years]
    return charts.columns(names, series, title=_("New and ended applications by year"), say=short_number)


def costs_chart(costs: Sequence[Mapping[str, Any]]) -> str:
    """Draw the cost of each year, by kind on top of each other."""
    series = [[one["kinds"].get(kind, 0) for one in costs] for kind in CostKind.values]
    names = [str(one["year"]) for one in costs]
    return charts.columns(names, series, title=_("Cost by year"), stacked=True, say=short_rupiah)


def cost_rows(costs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cost of each year with one cell for each kind."""
    return [
        {
            "year": one["year"],
            "rupiah": one["rupiah"],
            "kinds": [(CostKind(kind).label, one["kinds"].get(kind, 0)) for kind in CostKind.values],
        }
        for one in costs
    ]


def sector_rows(sectors: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return code, name and count of each sector of the business process list, largest first."""
    name = reference_architecture().name
    return [(code, name(code), count) for code, count in sorted(sectors.items(), key=lambda one: -one[1])]


def sectors_chart(sectors: Mapping[str, int]) -> str:
    """Draw how many applications serve each sector."""
    rows = [charts.Row(name, count, format_number(count)) for _, name, count in sector_rows(sectors)]
    return charts.bars(rows[:TOP_SECTORS], title=_("Applications by sector"))
