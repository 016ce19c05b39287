"""Pictures as SVG, made on the server. Each is drawn from the same rows as the table beside it, and says so in a title.

Colours come from classes of `charts.css`, so that they follow the theme and print; no picture carries a value that its
table does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NARROW = 420  # fits a phone without sideways scrolling
PHONE_LETTER = 8.5  # width of a letter above a column, as large as it is drawn on a phone


@dataclass(frozen=True)
class Row:
    """One row of `bars`. said: its value in words. paint: class of its colour."""

    name: str
    number: float
    said: str
    paint: str = "part-0"


def svg(width: int, height: int, *, title: str, parts: SafeString, kind: str = "broad") -> SafeString:
    """Put drawn parts into a frame. kind: "narrow" fits a phone, "broad" is for wide screens."""
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        kind,
        width,
        height,
        title,
        parts,
    )


def number(value: float) -> str:
    """Write a coordinate briefly."""
    return f"{value:.1f}".removesuffix(".0")


def columns(
    names: Sequence[str],
    series: Sequence[Sequence[float]],
    *,
    title: str,
    stacked: bool = False,
    say: Callable[[float], str] = str,
) -> SafeString:
    """Draw columns, one group for each name: the series side by side, or on top of each other with their sum above.

    series: one list of values for each series, in the order of the names. say: writes a value above its column.
    """
    step = NARROW / max(len(names), 1)
    sums = [sum(values) for values in zip(*series, strict=True)]
    highest = max(sums if stacked else (value for one in series for value in one), default=0) or 1
    draw = _stacked if stacked else _beside
    parts = SafeString("").join(
        draw([one[at] for one in series], x=at * step, step=step, highest=highest, say=say)
        for at in range(len(names))
    )
    labels = format_html_join(
        "",
        '<text class="small" x="{}" y="212" text-anchor="middle">{}</text>',
        ((number((at + 0.5) * step), name) for at, name in enumerate(names)),
    )
    drawn = format_html("{}{}", SafeString(parts), labels)
    return svg(NARROW, 220, title=title, kind="narrow columns", parts=drawn)


def _stacked(
    values: Sequence[float], *, x: float, step: float, highest: float, say: Callable[[float], str]
) -> SafeString:
    top = 194.0
    parts = []
    for at, value in enumerate(values):
        height = value / highest * 170
        top -= height
        parts.append(_column(at, x + step * 0.12, top, step * 0.76, height))
    total = sum(values)
    is_top = total == highest
    text = _above(x + step / 2, top, say(total) if total else "", room=NARROW if is_top else step)
    return SafeString("".join([*parts, text]))


def _beside(
    values: Sequence[float], *, x: float, step: float, highest: float, say: Callable[[float], str]
) -> SafeString:
    width = step * 0.84 / max(len(values), 1)
    parts = []
    for at, value in enumerate(values):
        height = value / highest * 170
        left = x + step * 0.08 + at * width
        parts += [_column(at, left, 194 - height, width - 1, height)]
        text = say(value) if value and len(values) < 3 else ""
        room = NARROW if value == highest else width
        parts += [_above(left + width / 2, 194 - height, text, room=room)]
    return SafeString("".join(parts))


def _column(series: int, x: float, y: float, width: float, height: float) -> SafeString:
    return format_html(
        '<rect class="part-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>',
        series,
        number(x),
        number(y),
        number(width),
        number(max(height, 0)),
    )


def _above(x: float, y: float, text: str, *, room: float) -> SafeString:
    """Write a value above its column; one that would run into the next is left out on a phone, where letters are larger."""
    return format_html(
        '<text class="tiny{}" x="{}" y="{}" text-anchor="middle">{}</text>',
        " roomy" if len(text) * PHONE_LETTER > room else "",
        number(x),
        number(y - 4),
        text,
    )


def bars(rows: Sequence[Row], *, title: str, most: float = 0) -> SafeString:
    """Draw one bar for each row, its name above and its value at the end; names wrap and stay readable on a phone.

    most: what a full bar means, 0 for the highest.
    """
    highest = most or max((row.number for row in rows), default=0) or 1
    drawn = format_html_join(
        "",
        '<li><span>{}</span><svg class="gauge" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="12"/><rect class="{}" width="{}" height="12"/></svg><b>{}</b></li>',
        (
            (row.name, row.paint, number(max(row.number / highest * 100, 1)) if row.number else 0, row.said)
            for row in rows
        ),
    )
    return format_html('<ul class="bars" aria-label="{}">{}</ul>', title, drawn)
