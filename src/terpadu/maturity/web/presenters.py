"""Contexts of the public pages: all wording of numbers happens here, templates only place it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from terpadu.maturity.enums import AgencyGroup
from terpadu.maturity.rules.instrument import Band, Instrument
from terpadu.maturity.rules.steps import OutOfReach, Raise, best_raises, least_steps
from terpadu.maturity.selectors import published
from terpadu.maturity.selectors.published import PublishedResult, PublishedRound
from terpadu.maturity.web import charts
from terpadu.maturity.web.words import province_name, said, signed, value

BIN = Decimal("0.20")
LETTERS = "ABCDE"
NEXT_SHOWN = 5
FIFTHS = 5


@dataclass(frozen=True)
class BandCount:
    """How many agencies a band has. share: percent, whole."""

    key: str
    name: str
    limits: str
    count: int
    share: int


@dataclass(frozen=True)
class RankRow:
    """One line of the ranking. change: since the year before, "" where not comparable; state: of its tag."""

    rank: int
    code: str
    name: str
    group: str
    index: str
    band: str
    band_key: str
    change: str


@dataclass(frozen=True)
class NodeRow:
    """One aspect or domain of an agency beside the averages."""

    number: str
    name: str
    weight: str
    mine: str
    group: str
    national: str


@dataclass(frozen=True)
class StepRow:
    """One step that raises the index: from level to level, and the index it leads to."""

    number: str
    name: str
    from_level: str
    to_level: str
    gain: str
    index: str


def group_name(key: str) -> str:
    """Return the name of a group of agencies."""
    return str(AgencyGroup(key).label) if key in AgencyGroup.values else key


def band_counts(measured: PublishedRound) -> list[BandCount]:
    """Return the bands, highest first, with their agencies counted."""
    total = len(measured.results) or 1
    counts = {band.key: 0 for band in measured.instrument.bands}
    for one in measured.results:
        counts[one.band] += 1
    return [
        BandCount(
            key=band.key,
            name=said(band.name),
            limits=band_limits(band, top=band.upper == measured.instrument.scale_max),
            count=counts[band.key],
            share=round(counts[band.key] * 100 / total),
        )
        for band in measured.instrument.bands
    ]


def band_limits(band: Band, *, top: bool) -> str:
    """Write the limits of a band: "3,50 – < 4,20"."""
    return f"{value(band.lower)} – {'' if top else '< '}{value(band.upper)}"


def bars(measured: PublishedRound) -> list[charts.Bar]:
    """Count the agencies in ranges of 0.20, over the whole scale."""
    form = measured.instrument
    found: list[charts.Bar] = []
    lower = Decimal(form.scale_min)
    while lower < form.scale_max:
        upper = lower + BIN
        is_last = upper >= form.scale_max
        count = sum(
            lower <= one.index < upper or (is_last and one.index == upper) for one in measured.results
        )
        found.append(charts.Bar(lower=lower, count=count, band=form.band_of(lower).key))
        lower = upper
    return found


def tiles(measured: PublishedRound) -> list[charts.Tile]:
    """Return the provinces that have an agency, by code, each with the fifth of all provinces it is in."""
    means = {
        code: one.index
        for code, one in measured.provinces.items()
        if code in charts.TILES and one.index is not None
    }
    order = sorted(means.values())
    address = reverse("maturity:ranking", args=[measured.year])
    return [
        charts.Tile(
            code=code,
            name=province_name(code),
            number=number,
            fifth=1 + order.index(number) * FIFTHS // len(order),
            href=f"{address}?{urlencode({'provinsi': code})}",
        )
        for code, number in means.items()
    ]


def fifths(provinces: Sequence[charts.Tile]) -> list[dict[str, str]]:
    """Return the legend of the map: the range of values of each fifth, lowest first."""
    found = []
    for fifth in range(1, FIFTHS + 1):
        numbers = [tile.number for tile in provinces if tile.fifth == fifth]
        if numbers:
            limits = f"{value(min(numbers))} – {value(max(numbers))}"
            found.append({"key": f"fifth-{fifth}", "limits": limits})
    return found


def rank_rows(measured: PublishedRound, results: Sequence[PublishedResult]) -> list[RankRow]:
    """Return lines of the ranking for some results, in their order."""
    earlier = published.before(measured)
    bands = {band.key: said(band.name) for band in measured.instrument.bands}
    rows = []
    for one in results:
        moved = published.change(measured, earlier, agency_code=one.agency_code)
        rows.append(
            RankRow(
                rank=one.rank,
                code=one.agency_code,
                name=one.agency_name,
                group=group_name(one.group),
                index=value(one.index),
                band=bands[one.band],
                band_key=one.band,
                change="" if moved is None else signed(moved),
            )
        )
    return rows


def node_rows(measured: PublishedRound, result: PublishedResult, *, of: str) -> list[NodeRow]:
    """Return the aspects or the domains ("aspects", "domains") of an agency beside its group and the nation."""
    form = measured.instrument
    group, national = measured.groups[result.group], measured.national
    parts = form.aspects if of == "aspects" else form.domains
    mine, theirs, all_ = (
        (result.aspects, group.aspects, national.aspects)
        if of == "aspects"
        else (result.domains, group.domains, national.domains)
    )
    return [
        NodeRow(
            number=one.number,
            name=said(one.name),
            weight=percent(one.weight),
            mine=value(mine[one.number]),
            group=value(theirs[one.number]),
            national=value(all_[one.number]),
        )
        for one in parts
    ]


def percent(weight: Fraction) -> str:
    """Write a weight without needless zeros."""
    return value(Decimal(weight.numerator) / Decimal(weight.denominator)).rstrip("0").rstrip(",.") + " %"


def aspect_dots(measured: PublishedRound, result: PublishedResult) -> SafeString:
    """Draw the aspects of an agency beside the averages of its group and the nation."""
    form = measured.instrument
    group, national = measured.groups[result.group], measured.national
    rows = [
        (
            said(one.name),
            [
                charts.Mark("N", national.aspects[one.number], 2),
                charts.Mark("K", group.aspects[one.number], 3),
                charts.Mark("I", Decimal(result.aspects[one.number]), 0),
            ],
        )
        for one in form.aspects
    ]
    return charts.dots(rows, low=form.scale_min, high=form.scale_max, title=_("Aspects beside the averages"))


def compare_dots(measured: PublishedRound, results: Sequence[PublishedResult]) -> SafeString:
    """Draw up to five agencies by aspect."""
    form = measured.instrument
    rows = [
        (
            said(one.name),
            [
                charts.Mark(letter, Decimal(result.aspects[one.number]), at)
                for at, (letter, result) in enumerate(zip(LETTERS, results, strict=False))
            ],
        )
        for one in form.aspects
    ]
    return charts.dots(
        rows, low=form.scale_min, high=form.scale_max, title=_("Aspects of the chosen agencies")
    )


def history_rows(agency_code: str) -> tuple[list[dict[str, str]], SafeString]:
    """Return every published year of an agency, newest first, and a chart of those comparable with the newest."""
    past = published.history(agency_code)
    newest = past[-1][0]
    rows = [
        {
            "year": str(measured.year),
            "index": value(result.index),
            "band": said(measured.band(result.band).name),
            "rank": str(result.rank),
            "national": value(measured.national.index) if measured.national.index is not None else "",
            "instrument": measured.instrument.regulation,
            "comparable": "yes" if published.are_comparable(measured, newest) else "",
        }
        for measured, result in reversed(past)
    ]
    shown = [(measured, result) for measured, result in past if published.are_comparable(measured, newest)]
    mine: list[Decimal | None] = [result.index for _, result in shown]
    lines = [mine, [measured.national.index for measured, _ in shown]]
    form = newest.instrument
    drawing = charts.trend(
        [measured.year for measured, _ in shown],
        lines,
        low=form.scale_min,
        high=form.scale_max,
        title=_("Index by year, and the national average"),
    )
    return rows, drawing


def next_steps(measured: PublishedRound, result: PublishedResult) -> tuple[Band | None, list[StepRow]]:
    """Return the next band and the fewest levels that reach it; no band and the best single levels at the top."""
    form = measured.instrument
    values = {number: Fraction(level) for number, level in result.levels.items()}
    above = [band for band in form.bands if band.lower > result.index]
    target = min(above, key=lambda band: band.lower) if above else None
    try:
        steps = least_steps(form, values, target=target.lower) if target else []
    except OutOfReach:
        steps = []
    return target, [step_row(form, one) for one in steps or best_raises(form, values)[:NEXT_SHOWN]]


def step_row(form: Instrument, one: Raise) -> StepRow:
    """Return one step in words."""
    indicator = form.indicators[one.indicator]
    names = {level.number: said(level.name) for level in indicator.levels}
    return StepRow(
        number=one.indicator,
        name=said(indicator.name),
        from_level=f"{one.from_level} {names[one.from_level]}",
        to_level=f"{one.to_level} {names[one.to_level]}",
        gain=signed(Decimal(one.gain.numerator) / Decimal(one.gain.denominator)),
        index=value(one.index),
    )


def indicator_rows(measured: PublishedRound, result: PublishedResult) -> list[dict[str, str]]:
    """Return every indicator with its level and the level's name."""
    rows = []
    for number, one in measured.instrument.indicators.items():
        names = {str(level.number): said(level.name) for level in one.levels}
        level = result.levels[number]
        rows.append(
            {"number": number, "name": said(one.name), "level": level, "level_name": names.get(level, "")}
        )
    return rows
