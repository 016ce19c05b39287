"""What features, scores and kinds of overlap are called, in the language in force; and the pictures drawn of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from terpadu.kernel.ui.charts import NARROW, number, svg

FEATURES: dict[str, str | Promise] = {
    "words_alike": gettext_lazy("Words of name and function"),
    "spelling_alike": gettext_lazy("Words, spelling forgiven"),
    "objects_alike": gettext_lazy("What it deals with"),
    "objects_within": gettext_lazy("The shorter lies within the longer"),
    "objects_unknown": gettext_lazy("One does not say what it deals with"),
    "names_alike": gettext_lazy("Words of the names"),
    "same_act": gettext_lazy("Same kind of work"),
    "other_act": gettext_lazy("Other kind of work"),
    "same_object_and_act": gettext_lazy("Same work on the same thing"),
    "same_text": gettext_lazy("Same text"),
    "same_label": gettext_lazy("Same short name"),
    "label_alike": gettext_lazy("Short names alike"),
    "name_said": gettext_lazy("One says the short name of the other"),
    "name_spelled_out": gettext_lazy("Initials give the other's short name"),
    "same_rab_function": gettext_lazy("Same business function (RAB)"),
    "same_rab_affair": gettext_lazy("Same business affair (RAB)"),
    "other_rab_affair": gettext_lazy("Other business affair (RAB)"),
    "same_ral_area": gettext_lazy("Same service area (RAL)"),
    "same_host": gettext_lazy("Same public address"),
    "other_host": gettext_lazy("Other public address"),
    "same_site": gettext_lazy("Addresses under one site"),
    "same_store_id": gettext_lazy("Same app in the store"),
    "same_agency": gettext_lazy("Same owner"),
    "alike_in_one_agency": gettext_lazy("Same owner, likely parts of one field"),
    "same_region": gettext_lazy("Same region"),
    "same_users": gettext_lazy("Same users"),
    "same_data_topics": gettext_lazy("Same data (RAD)"),
    "other_class": gettext_lazy("Other class"),
    "shares_most_neighbours": gettext_lazy("Shared neighbours (smaller circle)"),
    "shares_all_neighbours": gettext_lazy("Shared neighbours (both circles)"),
}
KIND_TAGS = {"duplicate": "late", "product": "wait", "function": "info", "none": "ok"}
VERDICTS: dict[str, str | Promise] = {
    "duplicate": gettext_lazy("The same application"),
    "product": gettext_lazy("The same product in several places"),
    "function": gettext_lazy("The same function"),
    "none": gettext_lazy("Not related"),
}
STRONG, CLEAR = 3.0, 1.0
ROW, BAR_TOP, MIDDLE, SPAN = 46, 24, 210, 205
RING, INNER, DOT, MOST_DOTS = 420, 84, 16, 36
FULL_CIRCLE = 12
TURN = math.pi * (3 - math.sqrt(5))  # the golden angle: neighbours in the order never stand beside each other


def percent(score: float) -> int:
    """Return how sure the engine is, in whole percent; rounded down and never 100, since it never is."""
    return min(int(score * 100), 99)


def strength(share: float) -> str:
    """Say how much a feature speaks for or against an overlap."""
    if share > 0:
        return (
            _("strongly for")
            if share >= STRONG
            else _("clearly for")
            if share >= CLEAR
            else _("a little for")
        )
    return (
        _("strongly against")
        if share <= -STRONG
        else _("clearly against")
        if share <= -CLEAR
        else _("a little against")
    )


def share_rows(shares: Mapping[str, float]) -> list[tuple[str, float, str]]:
    """Return name, share and words of each feature, the strongest first."""
    ordered = sorted(shares.items(), key=lambda one: (-abs(one[1]), one[0]))
    return [(str(FEATURES.get(name, name)), share, strength(share)) for name, share in ordered]


def shares_chart(rows: Sequence[tuple[str, float, str]]) -> SafeString:
    """Draw what speaks for (to the right) and against (to the left), with the words beside each bar."""
    highest = max((abs(share) for _name, share, _said in rows), default=1) or 1
    drawn = []
    for at, (name, share, said) in enumerate(rows):
        width = max(abs(share) / highest * SPAN, 2)
        drawn.append(
            (
                at * ROW + 16,
                name,
                at * ROW + BAR_TOP,
                "part-0" if share > 0 else "part-1",
                number(MIDDLE if share > 0 else MIDDLE - width),
                at * ROW + BAR_TOP,
                number(width),
                at * ROW + 16,
                said,
            )
        )
    parts = format_html_join(
        "",
        '<text class="name" x="0" y="{}">{}</text><rect class="rail" x="0" y="{}" width="420" height="12" rx="6"/>'
        '<rect class="{}" x="{}" y="{}" width="{}" height="12" rx="2"/>'
        '<text x="420" y="{}" text-anchor="end">{}</text>',
        drawn,
    )
    height = len(rows) * ROW
    middle = format_html_join(
        "",
        '<line class="middle" x1="{0}" y1="{1}" x2="{0}" y2="{2}"/>',
        ((MIDDLE, at * ROW + BAR_TOP - 3, at * ROW + BAR_TOP + 15) for at in range(len(rows))),
    )
    return svg(
        NARROW,
        height + 4,
        title=_("What speaks for and against"),
        kind="narrow",
        parts=format_html("{}{}", parts, middle),
    )


def ring_chart(others: Sequence[tuple[str, float]]) -> SafeString:
    """Draw a family: its centre as number 1, the others around it, the nearer the surer; numbers are those of the table.

    others: kind and score of each towards the centre, in the table's order, the surest first.
    """
    shown = others[:MOST_DOTS]
    places = [_place(at, [score for _kind, score in shown]) for at in range(len(shown))]
    middle = number(RING / 2)
    drawn = format_html(
        '{}{}<circle class="part-0" cx="{}" cy="{}" r="24"/><text class="on" x="{}" y="{}" text-anchor="middle">1</text>',
        format_html_join(
            "",
            '<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>',
            ((middle, middle, number(x), number(y)) for x, y in places),
        ),
        format_html_join(
            "",
            '<circle class="{}" cx="{}" cy="{}" r="{}"/><text class="on" x="{}" y="{}" text-anchor="middle">{}</text>',
            (
                (_part(kind), number(x), number(y), DOT, number(x), number(y + 5), at)
                for at, ((kind, _score), (x, y)) in enumerate(zip(shown, places, strict=True), start=2)
            ),
        ),
        middle,
        middle,
        middle,
        number(RING / 2 + 5),
    )
    title = _("The family around its centre; nearer means surer")
    return svg(RING, RING, title=title, kind="narrow", parts=drawn)


def _place(at: int, scores: Sequence[float]) -> tuple[float, float]:
    """Return where a dot stands: scores of a family lie close together, so they are spread over the room there is."""
    spread = scores[0] - scores[-1]
    away = (scores[0] - scores[at]) / spread if spread else 0.5
    radius = INNER + (RING / 2 - DOT - 2 - INNER) * away
    angle = TURN * at if len(scores) > FULL_CIRCLE else 2 * math.pi * at / len(scores)
    return (
        RING / 2 + radius * math.cos(angle - math.pi / 2),
        RING / 2 + radius * math.sin(angle - math.pi / 2),
    )


def _part(kind: str) -> str:
    return {"duplicate": "part-1", "product": "part-3"}.get(kind, "part-2")
