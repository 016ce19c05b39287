"""Make an account in three pages: who you are, a password, a second factor."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.enums import PasswordFault, SignInMethod
from terpadu.identity.errors import PasskeyRefused, PasswordRefused
from terpadu.identity.models import Account
from terpadu.identity.services import accounts, registration
from terpadu.identity.web import session
from terpadu.identity.web.forms import FirstCodeForm, NewPasswordForm, ParticularsForm, passkey_answer
from terpadu.identity.web.qr import totp_picture
from terpadu.kernel.errors import DomainError

log = structlog.get_logger(__name__)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def particulars_page(request: HttpRequest) -> HttpResponse:
    """Ask who wants an account, and have the population registry confirm it."""
    if request.method == "GET" and isinstance(request.user, Account):
        return HttpResponseRedirect(reverse("identity:account"))
    form = ParticularsForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            draft = registration.registration_begin(**form.cleaned_data, visit=session.visit_of(request))
        except DomainError as error:
            log.info("registration_refused", code=error.code, **error.facts)
            form.refuse(error)
            status = error.http_status
        else:
            request.session[session.DRAFT] = str(draft)
            return HttpResponseRedirect(reverse("identity:register_password"))
    return render(request, "identity/register.html", {"form": form}, status=status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def password_page(request: HttpRequest) -> HttpResponse:
    """Ask for a password."""
    draft = session.draft_id(request)
    found = registration.registration_get(draft)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            registration.registration_set_password(draft, password=form.cleaned_data["password"])
        except PasswordRefused as error:
            form.add_error("password", PasswordFault(str(error.facts["fault"])).label)
        else:
            return HttpResponseRedirect(reverse("identity:register_factor"))
    return render(request, "identity/register_password.html", {"form": form, "name": found.name})


@never_cache
@require_http_methods(["GET", "POST"])
def factor_page(request: HttpRequest) -> HttpResponse:
    """Offer the authenticator app or a passkey; a long password may also stay alone."""
    draft = session.draft_id(request)
    found = registration.registration_get(draft)
    if not found.password_hash:
        return HttpResponseRedirect(reverse("identity:register_password"))
    form = FirstCodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "alone" in request.POST:
        return _finish(request, lambda: registration.registration_finish(draft), method=SignInMethod.PASSWORD)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return _finish(
                request,
                lambda: registration.registration_finish_with_totp(draft, code=form.cleaned_data["code"]),
                method=SignInMethod.TOTP,
            )
        except DomainError as error:
            log.info("registration_refused", code=error.code, **error.facts)
            form.refuse(error)
            status = error.http_status
    secret = accounts.totp_secret(found.totp)
    context = {"form": form, "totp": totp_picture(secret), "may_skip": found.is_password_enough}
    return render(request, "identity/register_factor.html", context, status=status)


def _finish(request: HttpRequest, make: Callable[[], Account], *, method: SignInMethod) -> HttpResponse:
    account = make()
    session.open_session(request, account, method=method)
    if method is SignInMethod.PASSWORD:
        return HttpResponseRedirect(reverse("identity:account"))
    session.show_codes_for_a_while(request)
    return HttpResponseRedirect(reverse("identity:codes"))


@never_cache
@require_POST
def passkey_begin(request: HttpRequest) -> JsonResponse:
    """Give the browser what it needs to make a passkey for the account to come."""
    ceremony = registration.registration_passkey_begin(session.draft_id(request))
    request.session[session.CEREMONY] = ceremony.state
    return JsonResponse(ceremony.options)


@never_cache
@require_POST
def passkey_finish(request: HttpRequest) -> HttpResponse:
    """Make the account, protected by the new passkey."""
    draft, state = session.draft_id(request), session.take_ceremony(request)
    name = session.visit_of(request).device

    def make() -> Account:
        answer = passkey_answer(request.POST.get("answer", ""))
        return registration.registration_finish_with_passkey(draft, state=state, answer=answer, name=name)

    try:
        return _finish(request, make, method=SignInMethod.PASSKEY)
    except PasskeyRefused as error:
        log.info("registration_refused", code=error.code, **error.facts)
        messages.error(request, error.in_words)
        return HttpResponseRedirect(reverse("identity:register_factor"))
