"""What waits for an operator: applications that are to be there for everybody, and changes of those that are."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.policies.access import current_actor
from terpadu.identity.selectors.provider.clients import client_list
from terpadu.identity.services.provider import clients
from terpadu.identity.web.agency.forms import CLAIM_WORDS
from terpadu.identity.web.forms import ReasonForm
from terpadu.identity.web.operator.guard import operator_page, operator_required

LOGO_ABSENT = gettext_lazy("Its logo is not shown: the address did not answer as it should.")
LOGO_FAULTS = {
    "not a picture": gettext_lazy("Its logo is not shown: it is neither PNG nor JPEG."),
    "size": gettext_lazy("Its logo is not shown: each side must have 32 to 2048 pixels."),
    "too large": gettext_lazy("Its logo is not shown: the file is over 100 kB."),
}


@never_cache
@require_http_methods(["GET", "POST"])
@operator_required
def queue_page(request: HttpRequest) -> HttpResponse:
    """List what waits; by POST approve one or send it back with a reason."""
    form = ReasonForm(request.POST if request.POST.get("answer") == "reject" else None)
    client_id, by = request.POST.get("client", ""), current_actor(request)
    if request.POST.get("answer") == "approve":
        approved = clients.client_approve(client_id, by=by)
        messages.success(request, _("Approved."))
        if approved.logo_fault:
            messages.warning(request, LOGO_FAULTS.get(approved.logo_fault, LOGO_ABSENT))
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
    context = {
        "waiting": rows,
        "form": form,
        "refused": client_id,
    }
    return operator_page(request, "queue", context, status=422 if form.errors else 200)
