"""Pictures of traffic as SVG, each beside the table that it is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from terpadu.exchange.selectors.traffic import Span, Traffic
from terpadu.kernel.clock import JAKARTA
from terpadu.kernel.formats import format_number
from terpadu.kernel.ui.charts import columns

EVERY: dict[Span, int] = {"hour": 4, "day": 5}
"""Every how-manieth column has its name below, so that the names do not touch."""


def calls_chart(rows: Sequence[Traffic], *, span: Span) -> SafeString:
    """Draw how many exchanges there were by hour or day: answered, refused and failed on top of each other."""
    series = [[row.answered for row in rows], [row.refused for row in rows], [row.failed for row in rows]]
    title = _("Exchanges by hour") if span == "hour" else _("Exchanges by day")
    highest = max((row.calls for row in rows), default=0)
    return columns(_names(rows, span), series, title=title, stacked=True, say=_only(highest))


def durations_chart(rows: Sequence[Traffic], *, span: Span) -> SafeString:
    """Draw how long exchanges took by hour or day: half of them, and 95 of a hundred, stayed below."""
    series = [[row.p50_ms or 0 for row in rows], [row.p95_ms or 0 for row in rows]]
    highest = max((value for one in series for value in one), default=0)
    return columns(_names(rows, span), series, title=_("Milliseconds until the answer"), say=_only(highest))


def _names(rows: Sequence[Traffic], span: Span) -> list[str]:
    moments = [row.begin_at.astimezone(JAKARTA) if row.begin_at else None for row in rows]
    form = "%H.00" if span == "hour" else "%d"
    return [at.strftime(form) if at and place % EVERY[span] == 1 else "" for place, at in enumerate(moments)]


def _only(highest: float) -> Callable[[float], str]:
    """Return what writes the highest value above its column, and nothing above the others."""
    return lambda value: format_number(value) if value == highest else ""
