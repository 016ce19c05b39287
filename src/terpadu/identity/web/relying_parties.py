"""Services that know me, what they were given, and withdrawing it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.policies.access import current_actor, current_person, signed_in_required
from terpadu.identity.services.relying_parties import relying_parties_for, relying_party_withdraw


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def parties_page(request: HttpRequest) -> HttpResponse:
    """List the services; by POST withdraw the consent to one."""
    person_id = current_person(request)
    if request.method == "POST":
        client_id = request.POST.get("client", "")
        relying_party_withdraw(person_id, client_id=client_id, by=current_actor(request))
        messages.success(request, _("Withdrawn. This service gets nothing more from now on."))
        return HttpResponseRedirect(reverse("identity:relying_parties"))
    return render(request, "identity/relying_parties.html", {"parties": relying_parties_for(person_id)})
