"""The front door of officers: the next best case, the queue with its filters, and signing many at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.casework.selectors.workbench import FILTERS, Filter, batch_rows, queue_get
from terpadu.casework.services.acting import sign_batch
from terpadu.casework.services.desk import next_take
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.identity.public import (
    current_actor,
    current_position,
    officer_required,
    own_session_required,
)

FILTER_WORDS = {
    "all": gettext_lazy("All"),
    "today": gettext_lazy("Due today"),
    "returned": gettext_lazy("Sent back and answered"),
    "mine": gettext_lazy("Mine"),
}


@require_safe
@officer_required()
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for the officer, the most urgent first."""
    actor, position = current_actor(request), current_position(request)
    chosen: Filter = next((name for name in FILTERS if name == request.GET.get("saring")), "all")
    service_id = request.GET.get("layanan", "")[:80]
    found = queue_get(
        by=actor,
        position_kind=position.kind,
        chosen=chosen,
        service_id=service_id,
        number=_page_number(request),
    )
    context = {
        "queue": found,
        "position": position,
        "filters": [(name, FILTER_WORDS[name], found.counts[name]) for name in FILTERS],
        "query": f"saring={chosen}&" + (f"layanan={service_id}&" if service_id else ""),
    }
    return render(request, "casework/queue.html", context)


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@require_POST
@officer_required()
def following(request: HttpRequest) -> HttpResponse:
    """Take the most urgent free case and open it."""
    try:
        case_id = next_take(by=current_actor(request), position_kind=current_position(request).kind)
    except OwnAccountNeeded as error:
        messages.warning(request, error.in_words)
        return redirect("casework:queue")
    if case_id is None:
        messages.info(request, _("Nothing waits for you. Well done."))
        return redirect("casework:queue")
    return redirect("casework:case", case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
@own_session_required
def signing(request: HttpRequest) -> HttpResponse:
    """Show what can be signed; by POST sign what is ticked, each on its own."""
    actor, position = current_actor(request), current_position(request)
    if request.method == "POST":
        return _sign(request)
    rows = batch_rows(by=actor, position_kind=position.kind)
    return render(request, "casework/sign.html", {"rows": rows, "position": position})


def _sign(request: HttpRequest) -> HttpResponse:
    chosen = [found for text in request.POST.getlist("case") if (found := _uuid(text))]
    if not chosen:
        messages.warning(request, _("Nothing is ticked. Tick what you want to sign."))
        return redirect("casework:sign")
    outcomes = sign_batch(chosen, by=current_actor(request))
    done = sum(not outcome.error for outcome in outcomes)
    if done:
        text = ngettext("%(count)d case signed.", "%(count)d cases signed.", done) % {"count": done}
        messages.success(request, text)
    for outcome in outcomes:
        if outcome.error:
            messages.error(request, f"{outcome.number}: {outcome.error}")
    return redirect("casework:sign")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
