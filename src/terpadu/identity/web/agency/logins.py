"""An agency's own login: set up by its administrator, approved by an operator."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.enums import LoginProtocol
from terpadu.identity.errors.officers import LoginInvalid, LoginUnknown
from terpadu.identity.policies.access import (
    current_actor,
    current_position,
    officer_required,
    own_session_required,
)
from terpadu.identity.policies.provider import OPERATORS
from terpadu.identity.selectors.agency_logins import LoginView, login_get, login_list, logins_waiting
from terpadu.identity.services.agency_logins import registration
from terpadu.identity.services.agency_logins.attempts import address_of
from terpadu.identity.services.provider.wire import endpoint_url
from terpadu.identity.web.agency.people import ADMINISTRATOR
from terpadu.identity.web.agency.people_forms import (
    LoginForm,
    NewLoginForm,
    OidcLoginForm,
    SamlLoginForm,
    SecretForm,
)
from terpadu.identity.web.forms import ReasonForm


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(ADMINISTRATOR)
@own_session_required
def list_page(request: HttpRequest) -> HttpResponse:
    """List the agency's logins; by POST begin one."""
    agency = current_position(request).agency
    form = NewLoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        protocol = LoginProtocol(form.cleaned_data["protocol"])
        made = registration.login_register(
            protocol, name=form.cleaned_data["name"], by=current_actor(request)
        )
        return _to(made)
    context = {
        "logins": login_list(agency_code=agency.code),
        "form": form,
        "agency": agency,
        "area": "officer",
        "tab": "logins",
    }
    return render(request, "identity/agency/logins.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(ADMINISTRATOR)
@own_session_required
def login_page(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """Show a login with our addresses; by POST say how it is reached, and ask for approval."""
    login = login_get(login_id, agency_code=current_position(request).agency.code)
    form = _form_of(request, login)
    if request.method == "POST" and form.is_valid():
        try:
            registration.login_propose(login_id, form.to_connection(), by=current_actor(request))
        except LoginInvalid as error:
            form.mark(error.faults)
        else:
            messages.success(request, _("Sent. An operator looks at it; whoever asked cannot approve."))
            return _to(login_id)
    return _draw(request, login, form, SecretForm())


def _form_of(request: HttpRequest, login: LoginView) -> LoginForm:
    kind = OidcLoginForm if login.protocol == LoginProtocol.OIDC else SamlLoginForm
    levels = "\n".join(f"{theirs} = {ours}" for theirs, ours in login.said.get("levels", {}).items())
    return kind(request.POST or None, request.FILES or None, initial={**login.said, "levels": levels})


def _draw(request: HttpRequest, login: LoginView, form: LoginForm, secret: SecretForm) -> HttpResponse:
    is_oidc = login.protocol == LoginProtocol.OIDC
    context = {
        "login": login,
        "form": form,
        "secret_form": secret,
        "is_oidc": is_oidc,
        "redirect_uri": address_of(login.id, "balik"),
        "answers": address_of(login.id, "saml"),
        "metadata": address_of(login.id, "saml/metadata"),
        "jwks_uri": endpoint_url("jwks"),
        "area": "officer",
    }
    status = 422 if form.errors or secret.errors else 200
    return render(request, "identity/agency/login.html", context, status=status)


@never_cache
@require_POST
@officer_required(ADMINISTRATOR)
@own_session_required
def secret(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """Keep the client secret."""
    login = login_get(login_id, agency_code=current_position(request).agency.code)
    form = SecretForm(request.POST)
    if not form.is_valid():
        request.method = "GET"
        return _draw(request, login, type(_form_of(request, login))(initial=dict(login.said)), form)
    registration.secret_set(login_id, form.cleaned_data["secret"], by=current_actor(request))
    messages.success(request, _("Saved. The new secret counts at once."))
    return _to(login_id)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(ADMINISTRATOR)
@own_session_required
def end_page(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """End a login, after a question."""
    login = login_get(login_id, agency_code=current_position(request).agency.code)
    if request.method == "POST":
        registration.login_end(login_id, by=current_actor(request))
        messages.success(request, _("Ended. Nobody enters by it any more."))
        return HttpResponseRedirect(reverse("identity:agency_own_logins"))
    return render(request, "identity/agency/login_end.html", {"login": login, "area": "officer"})


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(*OPERATORS)
@own_session_required
def queue_page(request: HttpRequest) -> HttpResponse:
    """List the logins that wait for an operator; by POST approve one or send it back with a reason."""
    said = request.POST.get("answer", "")
    form = ReasonForm(request.POST if said == "reject" else None)
    if said == "approve":
        registration.login_approve(_id_in(request), by=current_actor(request))
        messages.success(request, _("Approved."))
        return HttpResponseRedirect(reverse("identity:operator_logins"))
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        registration.login_reject(_id_in(request), reason=reason, by=current_actor(request))
        messages.success(request, _("Sent back."))
        return HttpResponseRedirect(reverse("identity:operator_logins"))
    context = {"waiting": logins_waiting(), "form": form, "area": "officer", "here": "logins"}
    return render(request, "identity/agency/login_queue.html", context, status=422 if form.errors else 200)


def _id_in(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("login", ""))
    except ValueError:
        raise LoginUnknown() from None


def _to(login_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:agency_own_login", args=[login_id]))
