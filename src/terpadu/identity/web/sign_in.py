"""Sign in, give the second factor, prove it again, sign out."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.enums import SignInMethod
from terpadu.identity.errors import PasskeyRefused, SignInExpired
from terpadu.identity.models import Account
from terpadu.identity.policies.agency_login import agency_login_id, agency_session_in
from terpadu.identity.selectors.accounts import MethodsView, methods_of
from terpadu.identity.services import sign_in
from terpadu.identity.services.passkeys import passkey_sign_in_begin
from terpadu.identity.web import session
from terpadu.identity.web.forms import CodeForm, PasswordForm, RefusableForm, SignInForm, passkey_answer
from terpadu.kernel.errors import DomainError

log = structlog.get_logger(__name__)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Ask for NIK and password, or a passkey."""
    is_present = getattr(request, "person_id", None) is not None or getattr(request, "is_idle", False)
    if request.method == "GET" and is_present:
        return _signed_in_already(request)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _password_step(request, form)
        except DomainError as error:
            return _refused(request, form, error)
    return _sign_in_view(request, form)


def _signed_in_already(request: HttpRequest) -> HttpResponse:
    """Send somebody on who is signed in; who was away for long proves it again first."""
    next_page = session.safe_next(request)
    if getattr(request, "is_idle", False):
        return HttpResponseRedirect(f"{reverse('identity:confirm')}?{urlencode({'next': next_page})}")
    return HttpResponseRedirect(next_page)


def _password_step(request: HttpRequest, form: SignInForm) -> HttpResponse:
    nik, password = form.cleaned_data["nik"], form.cleaned_data["password"]
    passed = sign_in.password_check(nik, password=password, visit=session.visit_of(request))
    next_page = session.safe_next(request)
    if passed.needs_code:
        session.wait_for_code(request, passed.account, next_page=next_page)
        return HttpResponseRedirect(reverse("identity:code"))
    session.open_session(request, passed.account, method=SignInMethod.PASSWORD)
    return HttpResponseRedirect(next_page)


def _refused(request: HttpRequest, form: RefusableForm, error: DomainError) -> HttpResponse:
    log.info("sign_in_refused", code=error.code, **error.facts)
    form.refuse(error)
    return _sign_in_view(request, form, status=error.http_status)


def _sign_in_view(request: HttpRequest, form: RefusableForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": session.safe_next(request), "works": agency_session_in(request)}
    return render(request, "identity/sign_in.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor after a right password."""
    try:
        account, next_page = session.pending_account(request)
    except SignInExpired as error:
        return _refused(request, SignInForm(), error) if request.POST else HttpResponseRedirect(_start())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            method = sign_in.code_check(
                account, typed=form.cleaned_data["code"], visit=session.visit_of(request)
            )
        except DomainError as error:
            log.info("code_refused", code=error.code, **error.facts)
            form.refuse(error)
            return _code_view(request, form, account, next_page, status=error.http_status)
        session.open_session(request, account, method=method)
        return HttpResponseRedirect(next_page)
    return _code_view(request, form, account, next_page)


def _start() -> str:
    return reverse("identity:sign_in")


def _code_view(
    request: HttpRequest, form: CodeForm, account: Account, next_page: str, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "methods": methods_of(account), "next": next_page}
    return render(request, "identity/code.html", context, status=status)


@never_cache
@require_POST
def passkey_begin(request: HttpRequest) -> JsonResponse:
    """Give the browser what it needs for a passkey; for signing in and for proving it again."""
    ceremony = passkey_sign_in_begin()
    request.session[session.CEREMONY] = ceremony.state
    return JsonResponse(ceremony.options)


@never_cache
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey's answer. Works while password tries are used up."""
    try:
        account = _passkey_account(request)
    except DomainError as error:
        return _refused(request, SignInForm(), error)
    next_page = session.safe_next(request)
    session.open_session(request, account, method=SignInMethod.PASSKEY)
    return HttpResponseRedirect(next_page)


def _passkey_account(request: HttpRequest) -> Account:
    state = session.take_ceremony(request)
    answer = passkey_answer(request.POST.get("answer", ""))
    return sign_in.passkey_check(state, answer=answer, visit=session.visit_of(request))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def confirm_page(request: HttpRequest) -> HttpResponse:
    """Ask a signed-in person to prove again who they are: before a change to how they sign in, or after a long pause."""
    if not isinstance(request.user, Account):
        return HttpResponseRedirect(f"{_start()}?{urlencode({'next': session.safe_next(request)})}")
    account = session.account_in(request)
    methods = methods_of(account)
    form = _confirm_form(request, methods)
    if request.method == "POST" and ("answer" in request.POST or form.is_valid()):
        try:
            method = _confirm(request, account, form)
        except DomainError as error:
            log.info("confirmation_refused", code=error.code, **error.facts)
            form.refuse(error)
            return _confirm_view(request, form, methods, status=error.http_status)
        session.confirm_session(request, method=method)
        return HttpResponseRedirect(session.safe_next(request))
    return _confirm_view(request, form, methods)


def _confirm_form(request: HttpRequest, methods: MethodsView) -> RefusableForm:
    typed = request.POST if request.method == "POST" and "answer" not in request.POST else None
    return CodeForm(typed) if methods.has_totp else PasswordForm(typed)


def _confirm(request: HttpRequest, account: Account, form: RefusableForm) -> SignInMethod:
    visit = session.visit_of(request)
    if "answer" in request.POST:
        if _passkey_account(request).id != account.id:
            raise PasskeyRefused(reason="another account")
        return SignInMethod.PASSKEY
    if isinstance(form, CodeForm):
        return sign_in.code_check(account, typed=form.cleaned_data["code"], visit=visit)
    sign_in.password_confirm(account, password=form.cleaned_data["password"], visit=visit)
    return SignInMethod.PASSWORD


def _confirm_view(
    request: HttpRequest, form: RefusableForm, methods: MethodsView, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "methods": methods,
        "next": session.safe_next(request),
        "was_away": getattr(request, "is_idle", False),
        "login_id": agency_login_id(request),
    }
    return render(request, "identity/confirm.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out on this device; a visit by GET asks first, so that no link can do it."""
    if request.method == "GET":
        return render(request, "identity/sign_out.html")
    session.close_session(request)
    return render(request, "identity/signed_out.html")
