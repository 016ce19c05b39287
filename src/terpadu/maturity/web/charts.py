"""Charts as SVG, made on the server. Each is drawn from the same rows as the table beside it, and says so in a title.

Colours come from classes of `charts.css` and `maturity.css`, so that they follow the theme and print; no picture carries a value that its
table does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from terpadu.kernel.ui.charts import NARROW, Row, svg
from terpadu.kernel.ui.charts import bars as row_bars
from terpadu.kernel.ui.charts import number as _n
from terpadu.maturity.web.words import value

TILE = 40
HIDING = 12
# Where each province stands, column and row, so that the tiles lie roughly as the islands do. Ours; no survey.
TILES: Mapping[str, tuple[int, int, str]] = {
    "11": (0, 0, "ACE"), "12": (1, 1, "SUT"), "13": (1, 2, "SBR"), "14": (2, 2, "RIA"), "21": (3, 2, "KRI"),
    "15": (2, 3, "JAM"), "17": (1, 3, "BKL"), "19": (4, 3, "BBL"), "16": (3, 4, "SSL"), "18": (3, 5, "LPG"),
    "36": (3, 6, "BTN"), "31": (4, 6, "JKT"), "32": (5, 6, "JBR"), "33": (6, 6, "JTG"), "34": (6, 7, "DIY"),
    "35": (7, 6, "JTM"), "51": (8, 6, "BAL"), "52": (9, 6, "NTB"), "53": (10, 6, "NTT"), "61": (6, 3, "KBR"),
    "62": (7, 3, "KTG"), "63": (7, 4, "KSL"), "64": (8, 3, "KTM"), "65": (8, 2, "KUT"), "71": (11, 2, "SLU"),
    "75": (10, 2, "GOR"), "72": (10, 3, "SLT"), "76": (9, 4, "SBT"), "73": (9, 5, "SLS"), "74": (10, 4, "STG"),
    "82": (12, 3, "MUT"), "81": (12, 4, "MAL"), "96": (13, 3, "PBD"), "92": (14, 3, "PBR"), "94": (14, 4, "PTG"),
    "91": (15, 4, "PAP"), "95": (15, 5, "PPG"), "93": (15, 6, "PSL"),
}  # fmt: skip


ROWS = 8


@dataclass(frozen=True)
class Part:
    """A part of the map. kind: its class. first_column, first_row: where it begins. columns: how many it has."""

    kind: str
    name: Promise
    first_column: int
    columns: int
    first_row: int


PARTS = (Part("west", gettext_lazy("west"), 0, 9, 0), Part("east", gettext_lazy("east"), 9, 7, 2))


@dataclass(frozen=True)
class Bar:
    """One bar of a distribution. lower: start of its range. band: key for its colour."""

    lower: Decimal
    count: int
    band: str


@dataclass(frozen=True)
class Tile:
    """One province on the map. number: its mean. fifth: 1..5, from the lowest fifth to the highest."""

    code: str
    name: str
    number: Decimal
    fifth: int
    href: str


@dataclass(frozen=True)
class Mark:
    """One value of a row of a comparison: the letter it is drawn with, its number and its series (0-based)."""

    letter: str
    number: Decimal
    series: int


def distribution(bars: Sequence[Bar], *, title: str) -> SafeString:
    """Draw how many agencies have an index in each range."""
    highest = max((bar.count for bar in bars), default=1) or 1
    width, height, base = 640, 200, 168
    step = width / max(len(bars), 1)
    parts = format_html_join(
        "",
        '<rect class="band-{}" x="{}" y="{}" width="{}" height="{}" rx="3"/>'
        '<text class="small" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="small" x="{}" y="190" text-anchor="middle">{}</text>',
        (
            (
                bar.band,
                _n(at * step + 3),
                _n(base - bar.count / highest * 140),
                _n(step - 6),
                _n(bar.count / highest * 140),
                _n((at + 0.5) * step),
                _n(base - bar.count / highest * 140 - 5),
                bar.count or "",
                _n((at + 0.5) * step),
                value(bar.lower)[:-1] if at % 2 == 0 else "",
            )
            for at, bar in enumerate(bars)
        ),
    )
    return svg(width, height, title=title, parts=parts)


def distribution_rows(bars: Sequence[Bar], *, title: str) -> SafeString:
    """Draw the same as `distribution` for a phone: a row for each range that is not empty, the highest first."""
    rows = [
        Row(f"{value(bar.lower)} –", bar.count, str(bar.count), f"band-{bar.band}")
        for bar in bars
        if bar.count
    ]
    return row_bars(rows[::-1], title=title)


def tile_map(tiles: Sequence[Tile], *, title: str) -> SafeString:
    """Draw the provinces as tiles, shaded by fifths, each with its value and a link: west and east, beside or below each other."""
    return SafeString("".join(_part_of_map(part, tiles, title=title) for part in PARTS))


def _part_of_map(part: Part, tiles: Sequence[Tile], *, title: str) -> SafeString:
    parts = format_html_join(
        "",
        '<a href="{}"><title>{}: {}</title><rect class="fifth-{}" x="{}" y="{}" width="37" height="37" rx="6"/>'
        '<text class="on" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="on small" x="{}" y="{}" text-anchor="middle">{}</text></a>',
        (
            (
                tile.href,
                tile.name,
                value(tile.number),
                tile.fifth,
                x + 1,
                y + 1,
                x + 20,
                y + 17,
                short,
                x + 20,
                y + 31,
                value(tile.number),
            )
            for tile in tiles
            for column, row, short in [TILES[tile.code]]
            if part.first_column <= column < part.first_column + part.columns
            for x, y in [((column - part.first_column) * TILE, (row - part.first_row) * TILE)]
        ),
    )
    height = (ROWS - part.first_row) * TILE
    return svg(part.columns * TILE, height, title=f"{title}, {part.name}", parts=parts, kind=part.kind)


def trend(
    years: Sequence[int], lines: Sequence[Sequence[Decimal | None]], *, low: int, high: int, title: str
) -> SafeString:
    """Draw series over years; a year without a comparable value breaks the line. The first series is the agency's."""
    width, height = NARROW, 220
    step = (width - 70) / max(len(years) - 1, 1)

    def place(at: int, number: Decimal) -> tuple[float, float]:
        return 40 + at * step, 180 - float((number - low) / (high - low)) * 160

    grid = format_html_join(
        "",
        '<line class="grid" x1="22" x2="410" y1="{}" y2="{}"/><text class="small" x="0" y="{}">{}</text>',
        (
            (_n(y), _n(y), _n(y + 4), level)
            for level in range(low, high + 1)
            for y in [place(0, Decimal(level))[1]]
        ),
    )
    labels = format_html_join(
        "",
        '<text class="small" x="{}" y="210" text-anchor="middle">{}</text>',
        ((_n(40 + at * step), year) for at, year in enumerate(years)),
    )
    drawn = SafeString("").join(
        _line(series, [None if n is None else (*place(at, n), n) for at, n in enumerate(line)])
        for series, line in enumerate(lines)
    )
    return svg(
        width,
        height,
        title=title,
        kind="narrow",
        parts=format_html("{}{}{}", grid, labels, SafeString(drawn)),
    )


def _line(series: int, points: Sequence[tuple[float, float, Decimal] | None]) -> SafeString:
    strokes = format_html_join(
        "",
        '<line class="series-{}" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        ((series, _n(a[0]), _n(a[1]), _n(b[0]), _n(b[1])) for a, b in pairwise(points) if a and b),
    )
    circles = format_html_join(
        "",
        '<circle class="series-{}" cx="{}" cy="{}" r="5"/>',
        ((series, _n(point[0]), _n(point[1])) for point in points if point),
    )
    numbers = format_html_join(
        "",
        '<text class="strong" x="{}" y="{}" text-anchor="middle">{}</text>',
        ((_n(point[0]), _n(point[1] - 12), value(point[2])) for point in points if point and series == 0),
    )
    return format_html("{}{}{}", strokes, circles, numbers)


def dots(rows: Sequence[tuple[str, Sequence[Mark]]], *, low: int, high: int, title: str) -> SafeString:
    """Draw one line for each row with a lettered mark for every value, so that colour is never needed."""
    width, left, row_height = NARROW, 14, 56
    height = len(rows) * row_height + 28

    def x(number: Decimal) -> float:
        return left + float((number - low) / (high - low)) * (width - 2 * left)

    grid = format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="8" y2="{}"/><text class="small" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (_n(x(Decimal(n))), _n(x(Decimal(n))), height - 20, _n(x(Decimal(n))), height - 4, n)
            for n in range(low, high + 1)
        ),
    )
    drawn = SafeString("").join(
        format_html(
            '<text class="name" x="{}" y="{}">{}</text><line class="rail" x1="{}" x2="{}" y1="{}" y2="{}"/>{}',
            left - 8,
            at * row_height + 20,
            name,
            left,
            width - left,
            at * row_height + 42,
            at * row_height + 42,
            _marks(marks, y=at * row_height + 42, x=[x(mark.number) for mark in marks]),
        )
        for at, (name, marks) in enumerate(rows)
    )
    return svg(width, height, title=title, kind="narrow", parts=format_html("{}{}", grid, SafeString(drawn)))


def _marks(marks: Sequence[Mark], *, y: int, x: Sequence[float]) -> SafeString:
    """Draw the marks of a row; those that would hide each other share one wider mark with all their letters."""
    clusters: list[list[tuple[float, Mark]]] = []
    for at, mark in sorted(zip(x, marks, strict=True), key=lambda pair: (pair[0], pair[1].series)):
        if clusters and at - clusters[-1][-1][0] < HIDING:
            clusters[-1].append((at, mark))
        else:
            clusters.append([(at, mark)])
    return SafeString("".join(_cluster(cluster, y=y) for cluster in clusters))


def _cluster(cluster: Sequence[tuple[float, Mark]], *, y: int) -> SafeString:
    middle = sum(at for at, _ in cluster) / len(cluster)
    width = 20 + 10 * (len(cluster) - 1)
    series = cluster[0][1].series if len(cluster) == 1 else "many"
    return format_html(
        '<g class="mark series-{}"><rect x="{}" y="{}" width="{}" height="20" rx="10"/>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text></g>',
        series,
        _n(middle - width / 2),
        y - 10,
        width,
        _n(middle),
        y + 4,
        "".join(sorted(mark.letter for _, mark in cluster)),
    )
