"""A person's consents: asked, given, refused, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.exchange.errors import ConsentClosed
from terpadu.exchange.selectors.consents import ConsentView, consent_of_person, consents_of_person
from terpadu.exchange.services.consents import consent_give, consent_refuse, consent_withdraw
from terpadu.identity.public import current_actor, current_person, signed_in_required
from terpadu.kernel.formats import language


@require_safe
@signed_in_required
def overview(request: HttpRequest) -> HttpResponse:
    """Show what the person is asked, what holds, and what has ended."""
    rows = [_row(one) for one in consents_of_person(current_person(request))]
    context = {
        "asked": [row for row in rows if row["consent"].state == "asked"],
        "given": [row for row in rows if row["consent"].holds],
        "ended": [row for row in rows if row["consent"].state != "asked" and not row["consent"].holds],
    }
    return render(request, "exchange/consents.html", context)


@require_POST
@signed_in_required
def give(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Give a consent that was asked for."""
    consent_give(consent_id, by=current_actor(request))
    messages.success(request, _("You have given your consent. You can withdraw it here at any time."))
    return redirect("exchange:consents")


@require_POST
@signed_in_required
def refuse(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Refuse a consent that was asked for."""
    consent_refuse(consent_id, by=current_actor(request))
    messages.success(request, _("You have refused. Nothing is read."))
    return redirect("exchange:consents")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
def withdraw(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Withdraw a consent, after a page that says what follows."""
    view = consent_of_person(current_person(request), consent_id)
    if view.state != "given":
        raise ConsentClosed(state=view.state)
    if request.method == "POST":
        consent_withdraw(consent_id, by=current_actor(request))
        messages.success(request, _("You have withdrawn your consent. It counts within a minute."))
        return redirect("exchange:consents")
    return render(request, "exchange/consent_withdraw.html", _row(view))


def _row(view: ConsentView) -> dict[str, Any]:
    is_english = language() == "en"
    consumer, provider = view.consumer, view.provider
    return {
        "consent": view,
        "consumer": (consumer.name_en or consumer.name) if is_english else consumer.name,
        "provider": (provider.name_en or provider.name) if is_english else provider.name,
        "purpose": view.purpose_text.en if is_english else view.purpose_text.id,
        "items": [text.en if is_english else text.id for text in view.data_items],
    }
