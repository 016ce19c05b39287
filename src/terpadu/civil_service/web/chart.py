"""A bar chart as SVG, made on the server: one bar for each day of a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

PITCH = 12
BAR_WIDTH = 8
PLOT_HEIGHT = 120
LEFT, TOP, BOTTOM = 28, 10, 26
LINES = 4


@dataclass(frozen=True)
class Bar:
    """One day: where its bar stands, in the drawing's units. label: day number, "" where it would crowd."""

    x: int
    y: float
    height: float
    middle: float
    label: str
    count: int


@dataclass(frozen=True)
class Line:
    """One line across the chart with its value."""

    y: float
    value: int


@dataclass(frozen=True)
class Chart:
    """A drawing of width x height units; base: where the bars stand."""

    width: int
    height: int
    base: int
    left: int
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]


def chart_of(per_day: Mapping[date, int]) -> Chart:
    """Lay out a bar for each day; per_day: count by day, in order."""
    top_value, step = _scale(max(per_day.values(), default=0))
    base = TOP + PLOT_HEIGHT

    def y_of(count: int) -> float:
        return round(base - PLOT_HEIGHT * count / top_value, 1)

    bars = tuple(
        Bar(
            x=LEFT + index * PITCH + (PITCH - BAR_WIDTH) // 2,
            y=y_of(count),
            height=round(base - y_of(count), 1),
            middle=LEFT + index * PITCH + PITCH / 2,
            label=str(day.day) if day.day == 1 or day.day % 5 == 0 else "",
            count=count,
        )
        for index, (day, count) in enumerate(per_day.items())
    )
    lines = tuple(Line(y=y_of(value), value=value) for value in range(0, top_value + 1, step))
    return Chart(
        width=LEFT + len(bars) * PITCH + 4, height=base + BOTTOM, base=base, left=LEFT, bars=bars, lines=lines
    )


def _scale(highest: int) -> tuple[int, int]:
    """Return the top of the axis and the step of its lines: round numbers, at most five lines."""
    step = 1
    factors = (2, 2.5, 2)  # 1, 2, 5, 10, 20, 50, …
    turn = 0
    while step * LINES < highest:
        step = int(step * factors[turn % 3])
        turn += 1
    return max(-(-highest // step), 1) * step, step
