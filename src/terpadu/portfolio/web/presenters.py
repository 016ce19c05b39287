"""Counted figures as what a dashboard draws: numbers, tables and the pictures beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from terpadu.kernel.formats import format_number
from terpadu.kernel.ui import charts
from terpadu.portfolio.enums import CostKind, LifeState, OverlapKind
from terpadu.portfolio.families import FamilyFigure, FamilyFigures, families_of
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.selectors.summaries import SummaryView
from terpadu.portfolio.web.words import short_number, short_rupiah

TOP_SECTORS = 9


def dashboard(summary: SummaryView) -> dict[str, Any]:
    """Return everything that the dashboard of an agency or the country shows."""
    facts, families = summary.facts, families_of(summary.agency_code)
    costs = (summary.internal or {}).get("costs") or facts.get("costs") or []
    integrated = integration_rows(facts.get("integrated_sectors", {}))
    return {
        "summary": summary,
        "facts": facts,
        "states": [(LifeState(key).label, facts["states"].get(key, 0), key) for key in LifeState.values],
        "years": facts["years"],
        "years_chart": years_chart(facts["years"]),
        "in_use_chart": in_use_chart(facts["years"]),
        "integrated": integrated,
        "integration_chart": integration_chart(integrated),
        "sectors": sector_rows(facts["sectors"]),
        "sectors_chart": sectors_chart(facts["sectors"]),
        "costs": cost_rows(costs),
        "cost_kinds": cost_kinds(),
        "cost_kinds_drawn": cost_kinds(costs),
        "costs_chart": costs_chart(costs),
        "has_costs": any(one["rupiah"] for one in costs),
        "dearest": (summary.internal or {}).get("dearest", []),
        "families": families,
        "family_kinds": family_rows(families) if families else [],
        "families_chart": families_chart(families) if families else "",
        "top_chart": top_chart(families.top) if families else "",
    }


def years_chart(years: Sequence[Mapping[str, int]]) -> str:
    """Draw how many applications came and ended each year; "" when no record says."""
    if not any(one["new"] or one["ended"] for one in years):
        return ""
    series = [[one["new"] for one in years], [one["ended"] for one in years]]
    names = [str(one["year"]) for one in years]
    return charts.columns(names, series, title=_("New and ended applications by year"), say=short_number)


def in_use_chart(years: Sequence[Mapping[str, int]]) -> str:
    """Draw how many applications were in use at the end of each year; "" for figures that were counted without that."""
    if not any(one.get("in_use") for one in years):
        return ""
    names, series = [str(one["year"]) for one in years], [[one["in_use"] for one in years]]
    return charts.columns(
        names, series, title=_("Applications in use at the end of each year"), say=short_number
    )


def costs_chart(costs: Sequence[Mapping[str, Any]]) -> str:
    """Draw the cost of each year, by kind on top of each other."""
    series = [[one["kinds"].get(kind, 0) for one in costs] for kind in CostKind.values]
    names = [str(one["year"]) for one in costs]
    return charts.columns(names, series, title=_("Cost by year"), stacked=True, say=short_rupiah)


def cost_kinds(costs: Sequence[Mapping[str, Any]] | None = None) -> list[tuple[str, str]]:
    """Return colour and label of each kind of cost; of those that occur, when costs are given."""
    return [
        (f"part-{at}", str(CostKind(kind).label))
        for at, kind in enumerate(CostKind.values)
        if costs is None or any(one["kinds"].get(kind) for one in costs)
    ]


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


def integration_rows(sectors: Mapping[str, Sequence[int]]) -> list[tuple[str, str, int, int, int]]:
    """Return code, name, applications with an interface, all that have not ended, and the share in percent, highest first."""
    name = reference_architecture().name
    rows = [
        (code, name(code), found, alive, round(100 * found / alive))
        for code, (found, alive) in sectors.items()
    ]
    return sorted(rows, key=lambda one: (-one[4], one[0]))


def integration_chart(rows: Sequence[tuple[str, str, int, int, int]]) -> str:
    """Draw the share of applications with an interface on the exchange in each sector."""
    drawn = [
        charts.Row(name, share, f"{share} %") for _code, name, _found, _alive, share in rows[:TOP_SECTORS]
    ]
    return charts.bars(drawn, title=_("Integration by sector"), most=100)


def family_rows(families: FamilyFigures) -> list[tuple[str, str, int, int]]:
    """Return key, label, families and applications of each kind."""
    return [(kind, str(OverlapKind(kind).label), count, members) for kind, count, members in families.kinds]


def families_chart(families: FamilyFigures) -> str:
    """Draw how many applications stand in families of each kind."""
    rows = [
        charts.Row(label, members, format_number(members))
        for _kind, label, _count, members in family_rows(families)
    ]
    return charts.bars(rows, title=_("Applications in families, by kind"))


def top_chart(top: Sequence[FamilyFigure]) -> str:
    """Draw the largest families."""
    rows = [charts.Row(one.name, one.applications, format_number(one.applications)) for one in top]
    return charts.bars(rows, title=_("Top candidates"))
