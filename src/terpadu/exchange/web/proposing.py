"""Proposing an agreement in the browser, for a purpose that is active."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.exchange.errors import ContractInvalid
from terpadu.exchange.selectors.offers import offer_get, offers_of
from terpadu.exchange.services.proposing import agreement_propose
from terpadu.exchange.web.proposing_forms import ProposalForm
from terpadu.exchange.web.words import disclosure_words, full_name_of, text_of
from terpadu.identity.public import current_actor, current_position, officer_required


@require_safe
@officer_required()
def choose(request: HttpRequest) -> HttpResponse:
    """Show the active purposes of the officer's agency, each with the interfaces that it is for."""
    found = [
        {
            "purpose": purpose,
            "interface": interface,
            "text": text_of(purpose.content.text),
            "provider": full_name_of(purpose.provider),
        }
        for purpose, interface in offers_of(current_position(request).agency.code)
    ]
    return render(request, "exchange/propose_choose.html", {"rows": found})


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def propose(request: HttpRequest, purpose_id: UUID, name: str) -> HttpResponse:
    """Ask what shall be agreed on; propose it and sign it for the officer's agency."""
    offer = offer_get(current_position(request).agency.code, purpose_id, name)
    form = ProposalForm(request.POST or None, offer=offer)
    if request.method == "POST" and form.is_valid():
        try:
            view = agreement_propose(offer, form.terms(), by=current_actor(request))
        except ContractInvalid as error:
            form.object_to(error.reason, otherwise=error.title)
        else:
            messages.success(
                request, _("Proposed and signed for your agency. The others find it waiting now.")
            )
            return redirect("exchange:agreement", view.content.iv)
    context = {
        "form": form,
        "offer": offer,
        "text": text_of(offer.purpose.content.text),
        "provider": full_name_of(offer.purpose.provider),
        "disclosure": disclosure_words(offer.purpose.content.disclosure),
        "is_by_consent": offer.purpose.content.legal_basis.kind == "consent",
    }
    return render(request, "exchange/propose.html", context)
