"""The map of the exchange as SVG: readers on the left, givers on the right, a strand for each connection."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from terpadu.exchange.selectors.operations import Connection
from terpadu.kernel.ui.charts import number, svg

WIDTH, ROW, TOP = 960, 46, 34
LEFT, RIGHT = 300, 660
MOST = 24
"""How many agencies a side shows; the rest is in the table."""
WIDEST, THINNEST = 14.0, 1.5
LARGEST, SMALLEST = 15.0, 5.0


def exchange_picture(connections: Sequence[Connection]) -> SafeString:
    """Draw who reads of whom: width by the exchanges, colour and dashes by how many failed.

    connections: busiest first. Agencies beyond the MOST busiest of a side are left to the table.
    """
    readers = _busiest([(one.reader.short_name, one.calls) for one in connections])
    givers = _busiest([(one.provider.short_name, one.calls) for one in connections])
    rows = max(len(readers), len(givers), 1)
    left, right = _places(list(readers), rows), _places(list(givers), rows)
    most = max((one.calls for one in connections), default=0)
    drawn = [one for one in connections if one.reader.short_name in left and one.provider.short_name in right]
    strands = format_html_join(
        "",
        "{}",
        (
            (_strand(one, left[one.reader.short_name], right[one.provider.short_name], most),)
            for one in reversed(drawn)
        ),
    )
    heads = format_html(
        '<text class="small" x="{}" y="16" text-anchor="end">{}</text><text class="small" x="{}" y="16">{}</text>',
        LEFT, _("reads"), RIGHT, _("gives"),
    )  # fmt: skip
    nodes = _nodes(readers, left, x=LEFT, anchor="end") + _nodes(givers, right, x=RIGHT, anchor="start")
    height = TOP + rows * ROW
    return svg(WIDTH, height, title=_("Who reads of whom"), parts=SafeString(heads + strands + nodes))


def _busiest(calls: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return the busiest agencies of a side with their exchanges, busiest first."""
    sums: dict[str, int] = {}
    for name, count in calls:
        sums[name] = sums.get(name, 0) + count
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:MOST])


def _places(names: Sequence[str], rows: int) -> dict[str, float]:
    """Return the height of each agency; the shorter side is spread over the height of the longer one."""
    step = rows * ROW / max(len(names), 1)
    return {name: TOP + step * (place + 0.5) for place, name in enumerate(names)}


def _strand(one: Connection, from_y: float, to_y: float, most: int) -> SafeString:
    middle = (LEFT + RIGHT) / 2
    return format_html(
        '<path class="strand {}" stroke-width="{}" d="M{} {}C{} {} {} {} {} {}"><title>{}</title></path>',
        one.condition,
        number(_scaled(one.calls, most, THINNEST, WIDEST)),
        LEFT + 18, number(from_y), number(middle), number(from_y), number(middle), number(to_y), RIGHT - 18, number(to_y),
        f"{one.reader.short_name} → {one.provider.short_name}: {one.calls}",
    )  # fmt: skip


def _nodes(calls: dict[str, int], places: dict[str, float], *, x: float, anchor: str) -> SafeString:
    most = max(calls.values(), default=0)
    toward = -1 if anchor == "end" else 1
    return format_html_join(
        "",
        '<circle class="part-0" cx="{}" cy="{}" r="{}"/><text class="name" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (
                x - toward * 2, number(places[name]), number(_scaled(count, most, SMALLEST, LARGEST)),
                x + toward * 20, number(places[name] + 5), anchor, name,
            )
            for name, count in calls.items()
        ),
    )  # fmt: skip


def _scaled(value: int, most: int, least: float, largest: float) -> float:
    """Return a size whose area grows with the value."""
    return least + (largest - least) * sqrt(value / most) if most else least
