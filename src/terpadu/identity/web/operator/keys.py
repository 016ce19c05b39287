"""The provider's signing keys: seen, rotated now or on a day, and taken away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.policies.access import current_actor
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.selectors.provider.keys import keys_list
from terpadu.identity.services.provider import keys
from terpadu.identity.web.forms import RefusableForm
from terpadu.identity.web.operator.forms import PlanForm, UrgentForm
from terpadu.identity.web.operator.guard import operator_page, operator_required
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError
from terpadu.kernel.timers import timer_due_at


@never_cache
@require_http_methods(["GET", "POST"])
@operator_required
def keys_page(request: HttpRequest) -> HttpResponse:
    """Show the keys with their dates; by POST rotate, plan a rotation or take a retired key away."""
    answer = request.POST.get("answer", "")
    plan = PlanForm(request.POST if answer == "plan" else None)
    urgent = UrgentForm(request.POST if answer == "rotate" else None)
    bound: RefusableForm | None = plan if answer == "plan" else urgent if answer == "rotate" else None
    if request.method == "POST" and (bound is None or bound.is_valid()):
        try:
            messages.success(request, _act(request, answer, plan, urgent, by=current_actor(request)))
        except DomainError as error:
            if bound is None:
                raise
            bound.refuse(error)
        else:
            return HttpResponseRedirect(reverse("identity:operator_keys"))
    return _view(request, plan, urgent, bound)


def _act(request: HttpRequest, answer: str, plan: PlanForm, urgent: UrgentForm, *, by: Actor) -> str:
    if answer == "rotate":
        keys.keys_rotate_by_hand(is_urgent=urgent.cleaned_data["is_urgent"], by=by)
        return _("Rotated. The old keys stay published, so nobody has to sign in again.")
    if answer == "withdraw":
        keys.key_withdraw(request.POST.get("key", ""), by=by)
        return _("Taken away. What it signed counts no more.")
    moment = plan.moment if answer == "plan" else None
    keys.rotation_plan(moment, by=by)
    return _("Planned.") if moment else _("The plan is taken back.")


def _view(
    request: HttpRequest, plan: PlanForm, urgent: UrgentForm, bound: RefusableForm | None
) -> HttpResponse:
    keys.key_ring()  # makes the first keys
    context = {
        "keys": keys_list(),
        "planned": timer_due_at(keys.ROTATION, key="all"),
        "plan": plan,
        "urgent": urgent,
        "form": bound,
        "active_days": LIFETIMES.key_active.days,
        "retired_days": LIFETIMES.key_retired.days,
    }
    return operator_page(request, "keys", context, status=422 if bound and bound.errors else 200)
