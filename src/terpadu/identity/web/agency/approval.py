"""The operator's queue: applications that wait for everybody, and changes of those that are there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.policies.access import current_actor, officer_required, own_session_required
from terpadu.identity.selectors.provider.clients import client_list
from terpadu.identity.services.provider import clients
from terpadu.identity.web.agency.forms import CLAIM_WORDS, ReasonForm

OPERATORS = ("operator_identitas", "tim_koordinasi_spbe")
"""Positions that approve. The second is assumed: no text names who does; in the demo country it is the national team."""


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(*OPERATORS)
@own_session_required
def queue_page(request: HttpRequest) -> HttpResponse:
    """List what waits; by POST approve one or send it back with a reason."""
    form = ReasonForm(request.POST if request.POST.get("answer") == "reject" else None)
    client_id, by = request.POST.get("client", ""), current_actor(request)
    if request.POST.get("answer") == "approve":
        clients.client_approve(client_id, by=by)
        messages.success(request, _("Approved."))
        return HttpResponseRedirect(reverse("identity:operator_clients"))
    if form.is_bound and form.is_valid():
        clients.client_reject(client_id, reason=form.cleaned_data["reason"], by=by)
        messages.success(request, _("Sent back."))
        return HttpResponseRedirect(reverse("identity:operator_clients"))
    every = client_list()
    waiting = [
        (one, clients.draft_of_proposal(dict(one.proposed)) if one.proposed else clients.draft_of(one))
        for one in every
        if one.stage == "requested" or one.proposed is not None
    ]
    rows = [
        (one, draft, [(CLAIM_WORDS[use.claim], use) for use in draft.claim_uses]) for one, draft in waiting
    ]
    exceptions = sorted(
        (one for one in every if one.is_plain and one.stage != "ended"),
        key=lambda one: str(one.exception_until),
    )
    context = {
        "waiting": rows,
        "exceptions": exceptions,
        "form": form,
        "refused": client_id,
        "area": "officer",
    }
    return render(request, "identity/agency/queue.html", context, status=422 if form.errors else 200)
