"""For officers: who takes the agency's events, and which are held up."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.exchange.errors import HeldEventUnknown
from terpadu.exchange.selectors.events import HeldView, held_events_of, subscriptions_of
from terpadu.exchange.services.deliveries import held_event_drop, held_event_retry, held_events_retry
from terpadu.exchange.web.forms import GiveUpForm
from terpadu.exchange.web.words import DELIVERY_REASONS, REASONS
from terpadu.identity.public import current_actor, current_position, officer_required


@require_safe
@officer_required()
def overview(request: HttpRequest) -> HttpResponse:
    """Show the subscribers of the agency's topics and the events that did not arrive."""
    peer_id = current_position(request).agency.peer_id
    context = {
        "subscriptions": subscriptions_of(peer_id),
        "held": [(one, _reason(one.code)) for one in held_events_of(peer_id)],
    }
    return render(request, "exchange/events.html", context)


@require_POST
@officer_required()
def retry(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """Let an event be tried again now."""
    held_event_retry(held_id, by=current_actor(request))
    return redirect("exchange:events_page")


@require_POST
@officer_required()
def retry_all(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Let all that is held up for one subscriber be tried again now."""
    held_events_retry(subscription_id, by=current_actor(request))
    return redirect("exchange:events_page")


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def drop(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """Ask why an event is given up for its subscriber, and do it."""
    held = _one(current_position(request).agency.peer_id, held_id)
    form = GiveUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        held_event_drop(held.id, reason=form.cleaned_data["reason"], by=current_actor(request))
        return redirect("exchange:events_page")
    return render(request, "exchange/event_drop.html", {"held": held, "form": form})


def _one(peer_id: str, held_id: UUID) -> HeldView:
    found = next((one for one in held_events_of(peer_id) if one.id == held_id), None)
    if found is None:
        raise HeldEventUnknown
    return found


def _reason(code: str) -> object:
    return DELIVERY_REASONS.get(code) or REASONS.get(code) or code
