"""Prove a little more, then go on exactly where one was."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from terpadu.identity.enums import AuthenticationLevel, SignInMethod
from terpadu.identity.errors import PasskeyRefused
from terpadu.identity.models import Account
from terpadu.identity.policies.access import signed_in_required
from terpadu.identity.policies.acting import acting_allowed
from terpadu.identity.policies.agency_login import agency_login_allowed
from terpadu.identity.policies.authentication import is_enough
from terpadu.identity.policies.kept import Pending, page_forget, page_pending
from terpadu.identity.selectors.accounts import methods_of
from terpadu.identity.services import sign_in
from terpadu.identity.web import session
from terpadu.identity.web.forms import CodeForm, RefusableForm, passkey_answer
from terpadu.kernel.errors import DomainError

log = structlog.get_logger(__name__)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
@acting_allowed
@agency_login_allowed
def step_up_page(request: HttpRequest) -> HttpResponse:
    """Ask for just what a page needs and the session lacks; then lead back, with the form that was being sent."""
    pending = page_pending(request.session)
    if pending is None:
        page_forget(request.session)
        return HttpResponseRedirect(session.START_PAGE)
    account = session.account_in(request)
    form = CodeForm(request.POST if "code" in request.POST else None)
    status = 200
    if request.method == "POST" and ("answer" in request.POST or form.is_valid()):
        try:
            session.confirm_session(request, method=_prove(request, account, form))
            return HttpResponseRedirect(request.path)
        except DomainError as error:
            log.info("step_up_refused", code=error.code, **error.facts)
            form.refuse(error)
            status = error.http_status
    signed, proofed = is_enough(request, pending.wanted)
    if signed and proofed:
        return _go_on(request, pending)
    return _draw(request, pending, account, form, signed=signed, status=status)


def _prove(request: HttpRequest, account: Account, form: CodeForm) -> SignInMethod:
    visit = session.visit_of(request)
    if "answer" in request.POST:
        answer = passkey_answer(request.POST.get("answer", ""))
        owner = sign_in.passkey_check(session.take_ceremony(request), answer=answer, visit=visit)
        if owner.id != account.id:
            raise PasskeyRefused(reason="another account")
        return SignInMethod.PASSKEY
    return sign_in.code_check(account, typed=form.cleaned_data["code"], visit=visit)


def _go_on(request: HttpRequest, pending: Pending) -> HttpResponse:
    page_forget(request.session)
    if pending.form is None:
        return HttpResponseRedirect(pending.next_page)
    context = {"address": pending.next_page, "fields": pending.form}
    return render(request, "identity/step_up_go_on.html", context)


def _draw(
    request: HttpRequest,
    pending: Pending,
    account: Account,
    form: RefusableForm,
    *,
    signed: bool,
    status: int,
) -> HttpResponse:
    methods = methods_of(account)
    wants_passkey = pending.wanted.authentication is AuthenticationLevel.LOA3
    context = {
        "form": form,
        "methods": methods,
        "signed": signed,
        "wants_passkey": wants_passkey,
        "may_type": not wants_passkey and methods.has_second_factor,
        "can_prove": bool(methods.passkeys) or (methods.has_totp and not wants_passkey),
    }
    return render(request, "identity/step_up.html", context, status=status)
