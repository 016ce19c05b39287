"""For officers: their agency's cases have ended, so that persons see what was read for them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from terpadu.exchange.selectors.closings import cases_open
from terpadu.exchange.services.closings import case_close
from terpadu.identity.public import current_actor, current_position, officer_required


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def cases(request: HttpRequest) -> HttpResponse:
    """Show the cases that readings wait for; ask whether one has ended, and note it."""
    agency = current_position(request).agency
    found = cases_open(agency.peer_id)
    chosen = next((one for one in found if one.reference == request.POST.get("reference")), None)
    if chosen is None:
        return render(request, "exchange/cases.html", {"rows": found})
    if "sure" not in request.POST:
        return render(request, "exchange/case_close.html", {"row": chosen})
    case_close(agency.code, chosen.reference, by=current_actor(request))
    messages.success(request, _("Noted. The persons see these readings now."))
    return redirect("exchange:cases")
