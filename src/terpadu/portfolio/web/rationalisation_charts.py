"""The TIME chart as SVG, drawn from the same rows as the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from terpadu.kernel.ui.charts import NARROW, number, svg
from terpadu.portfolio.enums import Quadrant

LEFT, TOP, SIDE = 34, 12, 374


@dataclass(frozen=True)
class Dot:
    """An application in the chart. value, fit: 0 to 1. size: share of the largest number of users, 0 to 1."""

    code: str
    name: str
    value: float
    fit: float
    size: float
    quadrant: Quadrant
    address: str


def time_chart(dots: Sequence[Dot], *, limit: float, title: str) -> SafeString:
    """Draw value against fit, with the four quadrants and one dot for each application."""
    half_x, half_y = LEFT + limit * SIDE, TOP + (1 - limit) * SIDE
    corners = [
        (LEFT + 8, TOP + 18, Quadrant.MIGRATE, "start"),
        (LEFT + SIDE - 8, TOP + 18, Quadrant.INVEST, "end"),
        (LEFT + 8, TOP + SIDE - 10, Quadrant.ELIMINATE, "start"),
        (LEFT + SIDE - 8, TOP + SIDE - 10, Quadrant.TOLERATE, "end"),
    ]
    names = format_html_join(
        "",
        '<text class="quad-name" x="{}" y="{}" text-anchor="{}">{}</text>',
        ((number(x), number(y), anchor, quadrant.label) for x, y, quadrant, anchor in corners),
    )
    frame = format_html(
        '<rect class="quad" x="{}" y="{}" width="{}" height="{}"/><line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        '<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        LEFT, TOP, SIDE, SIDE,
        number(half_x), TOP, number(half_x), TOP + SIDE,
        LEFT, number(half_y), LEFT + SIDE, number(half_y),
    )  # fmt: skip
    axes = format_html(
        '<text class="small" x="{}" y="{}" text-anchor="end">{}</text>'
        '<text class="small" x="14" y="{}" transform="rotate(-90 14 {})" text-anchor="end">{}</text>',
        LEFT + SIDE, TOP + SIDE + 22, _("technical fit →"), TOP, TOP, _("business value →"),
    )  # fmt: skip
    drawn = format_html_join("", "{}", ((_dot(one),) for one in sorted(dots, key=lambda one: -one.size)))
    return svg(
        NARROW,
        TOP + SIDE + 30,
        title=title,
        kind="narrow",
        parts=format_html("{}{}{}{}", frame, names, axes, drawn),
    )


def _dot(one: Dot) -> SafeString:
    return format_html(
        '<a href="{}"><circle class="dot {}" cx="{}" cy="{}" r="{}"><title>{}</title></circle></a>',
        one.address,
        one.quadrant.value,
        number(LEFT + one.fit * SIDE),
        number(TOP + (1 - one.value) * SIDE),
        number(6 + 8 * one.size),
        f"{one.code} {one.name}: {one.value:.2f} / {one.fit:.2f}",
    )
