"""Abuse signals of the last hours. Looking is on record: it reads the sign-in history of many people at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from terpadu.identity.enums import SignalKind
from terpadu.identity.policies.access import current_actor
from terpadu.identity.selectors.abuse import abuse_report
from terpadu.identity.web.operator.guard import operator_page, operator_required
from terpadu.kernel import audit

SHOWN = 10
"""Accounts named with each signal; the others are counted."""


@never_cache
@require_safe
@operator_required
def abuse_page(request: HttpRequest) -> HttpResponse:
    """Show the signals, each with the way to lock an account."""
    report = abuse_report()
    chosen = request.GET.get("jenis", "")
    found = [one for one in report.signals if chosen in ("", one.kind.value)]
    audit.record(
        "identity.abuse_looked_at",
        by=current_actor(request),
        about_kind="sign_in_history",
        about_id="all",
        facts={"signals": len(report.signals)},
    )
    kinds = [(kind.value, kind.label, sum(one.kind is kind for one in report.signals)) for kind in SignalKind]
    rows = [(one, (*one.opened, *(code for code in one.accounts if code not in one.opened))) for one in found]
    context = {
        "report": report,
        "rows": [(one, codes, codes[:SHOWN], max(0, len(codes) - SHOWN)) for one, codes in rows],
        "kinds": kinds,
        "chosen": chosen,
    }
    return operator_page(request, "abuse", context)
