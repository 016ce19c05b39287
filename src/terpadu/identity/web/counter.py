"""The officers' counter: confirm who somebody is, ask to see data, help, look at guardians' evidence."""

from __future__ import annotations

from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.enums import CrossDeviceKind, CrossDeviceState, EvidenceKind, ProofingLevel
from terpadu.identity.policies.access import P, View, current_actor, officer_required, own_session_required
from terpadu.identity.rules.codes import tidy_code
from terpadu.identity.selectors.accounts import person_get
from terpadu.identity.selectors.mandates import acting_options, guardianships_waiting
from terpadu.identity.selectors.proofing import proofing_of
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services import cross_device, families, mandates
from terpadu.identity.services.catalogue import service_names
from terpadu.identity.services.proofing import proofing_confirm, ticket_person
from terpadu.identity.web import session
from terpadu.identity.web.cross_device import screen_context, screen_keep, screen_request
from terpadu.identity.web.person_forms import (
    SHARED_WORDS,
    ConfirmPersonForm,
    GuardianDecisionForm,
    HelpScreenForm,
    ScreenForm,
    TypedCodeForm,
)
from terpadu.kernel.errors import DomainError


def counter_required(view: View[P]) -> View[P]:
    """Let only officers see a page whose position works at a counter (`data/assurance.yaml`), signed in by their own account."""
    own = own_session_required(view)

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return officer_required(*assurance_limits().counter.positions)(own)(request, *args, **kwargs)

    return guarded


@never_cache
@require_http_methods(["GET", "POST"])
@counter_required
def counter_page(request: HttpRequest) -> HttpResponse:
    """Show the tasks of a counter; by POST take the code on a person's phone."""
    form = TypedCodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = tidy_code(form.cleaned_data["code"])
        try:
            ticket_person(typed, by=current_actor(request))
        except DomainError as error:
            form.refuse(error, field="code")
            status = error.http_status
        else:
            return HttpResponseRedirect(reverse("identity:counter_confirm", args=[typed]))
    helped = [view for view in acting_options(_officer(request)) if view.kind == "assisted"]
    context = {
        "form": form,
        "guardians": len(guardianships_waiting()),
        "helped": helped,
        "area": "officer",
    }
    return render(request, "identity/counter.html", context, status=status)


def _officer(request: HttpRequest) -> UUID:
    actor = current_actor(request)
    assert actor.person_id is not None  # noqa: S101 - behind counter_required
    return actor.person_id


@never_cache
@require_http_methods(["GET", "POST"])
@counter_required
def confirm_page(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm, after looking at the evidence, that the person at the counter is the one whose phone shows the code."""
    actor = current_actor(request)
    person_id = ticket_person(code, by=actor)
    form = ConfirmPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        proofing_confirm(code, evidence=EvidenceKind(form.cleaned_data["evidence"]), by=actor)
        messages.success(request, _("Confirmed. The person sees it on their phone."))
        return HttpResponseRedirect(reverse("identity:counter"))
    context = {
        "form": form,
        "person": person_get(person_id),
        "proofing": proofing_of(person_id),
        "area": "officer",
    }
    return render(request, "identity/counter_confirm.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@counter_required
def ask_page(request: HttpRequest) -> HttpResponse:
    """Ask a person to show data: choose what and why, then let them scan the code."""
    form = ScreenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        items = form.cleaned_data["items"]
        kind = CrossDeviceKind.SHARE if items else CrossDeviceKind.VERIFY
        return _open(request, kind, purpose=form.cleaned_data["purpose"], items=items)
    context = {"form": form, "title": _("Ask to see data"), "area": "officer"}
    return render(request, "identity/counter_ask.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@counter_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Help a person with services: they agree on their phone, or tell the code that they made."""
    form = HelpScreenForm(request.POST if "services" in request.POST else None, names=service_names())
    typed = TypedCodeForm(request.POST if "code" in request.POST else None)
    status = 200
    if request.method == "POST" and typed.is_bound and typed.is_valid():
        try:
            mandates.mandate_accept(
                typed.cleaned_data["code"], by=current_actor(request), visit=session.visit_of(request)
            )
            return HttpResponseRedirect(reverse("identity:counter"))
        except DomainError as error:
            typed.refuse(error, field="code")
            status = error.http_status
    elif request.method == "POST" and form.is_valid():
        services = form.cleaned_data["services"]
        return _open(request, CrossDeviceKind.ASSIST, purpose=_("Help at the counter"), items=services)
    context = {"form": form, "typed": typed, "area": "officer"}
    return render(request, "identity/counter_help.html", context, status=status)


def _open(request: HttpRequest, kind: CrossDeviceKind, *, purpose: str, items: list[str]) -> HttpResponse:
    opened = cross_device.request_open(
        kind, visit=session.visit_of(request), by=current_actor(request), purpose=purpose, items=items
    )
    screen_keep(request, opened)
    return HttpResponseRedirect(reverse("identity:counter_screen"))


@never_cache
@require_http_methods(["GET"])
@counter_required
def screen_page(request: HttpRequest) -> HttpResponse:
    """Show the code to the person at the counter, and then what they agreed to show."""
    view, code, _next = screen_request(request)
    if view.state in (CrossDeviceState.APPROVED, CrossDeviceState.USED):
        if view.kind == CrossDeviceKind.ASSIST:
            return HttpResponseRedirect(reverse("identity:counter"))
        shown = cross_device.request_shown(view.id, by=current_actor(request))
        values = [(SHARED_WORDS[key], value) for key, value in shown.values.items()]
        context = {"values": values, "level": ProofingLevel(shown.level).label, "area": "officer"}
        return render(request, "identity/counter_shown.html", context)
    return render(request, "identity/screen.html", {**screen_context(view, code), "area": "officer"})


@never_cache
@require_http_methods(["GET"])
@counter_required
def guardians_page(request: HttpRequest) -> HttpResponse:
    """List guardianships that wait for an officer's look at the evidence."""
    context = {"waiting": guardianships_waiting(), "area": "officer"}
    return render(request, "identity/counter_guardians.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@counter_required
def guardian_page(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """Decide on one guardianship."""
    actor, ward = current_actor(request), families.ward_of(mandate_id)
    view = next((found for found in guardianships_waiting() if found.id == mandate_id), None)
    form = GuardianDecisionForm(request.POST if "refuse" not in request.POST and request.POST else None)
    status = 200
    if request.method == "POST":
        try:
            if "refuse" in request.POST:
                families.guardianship_refuse(mandate_id, by=actor)
                return HttpResponseRedirect(reverse("identity:counter_guardians"))
            if form.is_valid():
                families.guardianship_confirm(mandate_id, until=form.cleaned_data["until"], by=actor)
                messages.success(request, _("Confirmed. Both have been told."))
                return HttpResponseRedirect(reverse("identity:counter_guardians"))
        except DomainError as error:
            form.refuse(error)
            status = error.http_status
    context = {"form": form, "ward": ward, "mandate": view, "area": "officer"}
    return render(request, "identity/counter_guardian.html", context, status=status)
