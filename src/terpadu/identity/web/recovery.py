"""Recovery: the officers' halves at the counter, and the person's page for the code on the paper."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from terpadu.identity.enums import EvidenceKind, PasswordFault, RecoveryState, SignInMethod
from terpadu.identity.errors import PasswordRefused, RecoveryRefused
from terpadu.identity.policies.access import current_actor, current_person, signed_in_required
from terpadu.identity.rules.codes import spaced
from terpadu.identity.selectors.accounts import methods_of
from terpadu.identity.selectors.recovery import recoveries_of, recoveries_of_agency, recovery_get
from terpadu.identity.services import recovery
from terpadu.identity.web import session
from terpadu.identity.web.counter import counter_required
from terpadu.identity.web.person_forms import OpenRecoveryForm, SecondOfficerForm, UseRecoveryForm
from terpadu.kernel.errors import DomainError

log = structlog.get_logger(__name__)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@counter_required
def desk_page(request: HttpRequest) -> HttpResponse:
    """Open a recovery as the first officer, and see those that wait for a second one."""
    actor = current_actor(request)
    form = OpenRecoveryForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            recovery.recovery_open(
                typed["nik"],
                evidence=EvidenceKind(typed["evidence"]),
                reason=typed["reason"],
                is_in_person=typed["is_in_person"],
                by=actor,
            )
        except DomainError as error:
            form.refuse(error)
            status = error.http_status
        else:
            messages.success(request, _("Begun. A colleague now does the second half on this page."))
            return HttpResponseRedirect(reverse("identity:counter_recovery"))
    context = {
        "form": form,
        "waiting": recoveries_of_agency(actor.agency),
        "officer_id": actor.person_id,
        "opened": RecoveryState.OPENED.value,
        "area": "officer",
    }
    return render(request, "identity/counter_recovery.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@counter_required
def second_page(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    """Do the second officer's half; the code is shown once, to be handed over on paper."""
    actor = current_actor(request)
    found = recovery_get(recovery_id)
    if found is None or not found.is_open:
        raise RecoveryRefused(reason="not open")
    form = SecondOfficerForm(request.POST or None)
    status = 200
    if request.method == "POST" and "cancel" in request.POST:
        recovery.recovery_cancel(recovery_id, by=actor)
        messages.success(request, _("The recovery is cancelled."))
        return HttpResponseRedirect(reverse("identity:counter_recovery"))
    if request.method == "POST" and form.is_valid():
        try:
            code = recovery.recovery_approve(
                recovery_id, is_in_person=form.cleaned_data["is_in_person"], by=actor
            )
        except DomainError as error:
            form.refuse(error)
            status = error.http_status
        else:
            context = {"code": spaced(code), "recovery": recovery_get(recovery_id), "area": "officer"}
            return render(request, "identity/counter_recovery_code.html", context)
    shown = {"form": form, "recovery": found, "area": "officer"}
    return render(request, "identity/counter_recovery_second.html", shown, status=status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def use_page(request: HttpRequest) -> HttpResponse:
    """Let a person who lost every way in use the code on the paper and choose a new password."""
    form = UseRecoveryForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            account = recovery.recovery_use(
                form.cleaned_data["code"],
                password=form.cleaned_data["password"],
                visit=session.visit_of(request),
            )
        except PasswordRefused as error:
            form.add_error("password", PasswordFault(str(error.facts["fault"])).label)
            status = error.http_status
        except DomainError as error:
            log.info("recovery_refused", code=error.code, **error.facts)
            form.refuse(error, field="code")
            status = error.http_status
        else:
            session.open_session(request, account, method=SignInMethod.RECOVERY)
            messages.success(
                request, _("You are back. Everything of yours is still here. Add a second lock now.")
            )
            return HttpResponseRedirect(reverse("identity:account"))
    return render(request, "identity/recovery_use.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def own_page(request: HttpRequest) -> HttpResponse:
    """Show how one would get back in, and recoveries of one's account, with a way to stop one."""
    if request.method == "POST":
        recovery.recovery_cancel(_uuid(request.POST.get("recovery", "")), by=current_actor(request))
        messages.success(request, _("The recovery is stopped. Nothing has changed in your account."))
        return HttpResponseRedirect(reverse("identity:recovery"))
    context = {
        "recoveries": recoveries_of(current_person(request)),
        "methods": methods_of(session.account_in(request)),
    }
    return render(request, "identity/recovery.html", context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecoveryRefused(reason="identifier") from None
