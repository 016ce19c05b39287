"""My account: particulars, sign-in methods, sessions, history, positions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

import structlog
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.enums import PasswordFault, SignInMethod
from terpadu.identity.errors import PasskeyRefused, PasswordRefused
from terpadu.identity.policies.access import (
    POSITION_KEY,
    P,
    View,
    current_actor,
    current_person,
    positions_open,
    redirect_with_next,
    signed_in_required,
)
from terpadu.identity.policies.agency_login import agency_login_allowed
from terpadu.identity.policies.kept import page_pending
from terpadu.identity.selectors.accounts import (
    assignments_of,
    methods_of,
    open_sessions,
    person_get,
    sign_in_history,
)
from terpadu.identity.selectors.proofing import proofing_of
from terpadu.identity.services import accounts, passkeys, sign_in
from terpadu.identity.web import session
from terpadu.identity.web.forms import FirstCodeForm, NewPasswordForm, PasskeyNameForm, passkey_answer
from terpadu.identity.web.qr import totp_picture
from terpadu.kernel.clock import today
from terpadu.kernel.errors import DomainError, NotFound

log = structlog.get_logger(__name__)


def fresh_required(view: View[P]) -> View[P]:
    """Let only those see a page who proved within 15 minutes who they are; others do so first and come back."""

    @wraps(view)
    @signed_in_required
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not session.is_fresh(request):
            return redirect_with_next("identity:confirm", request)
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@never_cache
@signed_in_required
def account_page(request: HttpRequest) -> HttpResponse:
    """Show the account on one page."""
    account, key = session.account_in(request), request.session.session_key
    context = {
        "person": person_get(current_person(request)),
        "proofing": proofing_of(account.person_id),
        "methods": methods_of(account),
        "sessions": open_sessions(account, session_key=key),
        "history": sign_in_history(account, session_key=key),
        "assignments": assignments_of(account.person_id, on=today()),
        "position_id": str(request.session.get(POSITION_KEY, "")),
    }
    return render(request, "identity/account.html", context)


@require_POST
@signed_in_required
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign out one other session, or all others."""
    only = request.POST.get("session", "")
    count = sign_in.sessions_end(
        session.account_in(request),
        keep_key=request.session.session_key or "-",
        only=_uuid(only) if only else None,
        by=current_actor(request),
    )
    messages.success(request, _("Signed out on %(count)d other devices.") % {"count": count})
    return _back()


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:account"))


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@fresh_required
def password_page(request: HttpRequest) -> HttpResponse:
    """Change the password; other sessions end."""
    account = session.account_in(request)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.password_change(
                account, password=form.cleaned_data["password"], by=current_actor(request)
            )
        except PasswordRefused as error:
            form.add_error("password", PasswordFault(str(error.facts["fault"])).label)
        except DomainError as error:
            form.refuse(error, field="password")
        else:
            old_key = request.session.session_key or "-"
            update_session_auth_hash(request, account)
            sign_in.session_moved(old_key, new_key=request.session.session_key or "")
            sign_in.sessions_end(
                account, keep_key=request.session.session_key or "-", by=current_actor(request)
            )
            messages.success(request, _("Your password is changed. Other devices are signed out."))
            return _back()
    return render(request, "identity/password.html", {"form": form})


@require_http_methods(["GET", "POST"])
@fresh_required
def totp_page(request: HttpRequest) -> HttpResponse:
    """Add or replace the authenticator app."""
    account = session.account_in(request)
    if session.TOTP not in request.session:
        request.session[session.TOTP] = accounts.totp_begin()
    secret = accounts.totp_secret(request.session[session.TOTP])
    form = FirstCodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            accounts.totp_add(
                account, secret=secret, code=form.cleaned_data["code"], by=current_actor(request)
            )
        except DomainError as error:
            form.refuse(error)
            status = error.http_status
        else:
            del request.session[session.TOTP]
            session.confirm_session(request, method=SignInMethod.TOTP)
            return _show_codes(request, _("Your authenticator app is ready."))
    return render(request, "identity/totp.html", {"form": form, "totp": totp_picture(secret)}, status=status)


def _show_codes(request: HttpRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    session.show_codes_for_a_while(request)
    return HttpResponseRedirect(reverse("identity:codes"))


@require_http_methods(["GET", "POST"])
@fresh_required
def totp_remove(request: HttpRequest) -> HttpResponse:
    """Remove the authenticator app, after asking."""
    account, actor = session.account_in(request), current_actor(request)
    return _remove(
        request,
        lambda: accounts.totp_remove(account, by=actor),
        title=_("Remove the authenticator app?"),
        text=_("You will no longer be asked for its codes."),
    )


@require_http_methods(["GET", "POST"])
@fresh_required
def passkey_page(request: HttpRequest) -> HttpResponse:
    """Add a passkey; the ceremony itself is the browser's."""
    if request.method == "POST":
        return _add_passkey(request)
    form = PasskeyNameForm(initial={"name": session.visit_of(request).device})
    return render(request, "identity/passkey.html", {"form": form})


def _add_passkey(request: HttpRequest) -> HttpResponse:
    account, state = session.account_in(request), session.take_ceremony(request)
    had_codes = methods_of(account).codes_left > 0
    name = request.POST.get("name", "") or session.visit_of(request).device
    try:
        answer = passkey_answer(request.POST.get("answer", ""))
        credential = passkeys.passkey_registration_check(state, answer=answer)
    except PasskeyRefused as error:
        log.info("passkey_refused", code=error.code, **error.facts)
        messages.error(request, error.in_words)
        return HttpResponseRedirect(reverse("identity:passkey"))
    accounts.passkey_add(account, name=name, credential=credential, by=current_actor(request))
    session.confirm_session(request, method=SignInMethod.PASSKEY)
    if not had_codes:
        return _show_codes(request, _("Your passkey is added."))
    messages.success(request, _("Your passkey is added."))
    if page_pending(request.session):
        return HttpResponseRedirect(reverse("identity:step_up"))
    return _back()


@require_POST
@fresh_required
def passkey_begin(request: HttpRequest) -> HttpResponse:
    """Give the browser what it needs to make a passkey."""
    account = session.account_in(request)
    ceremony = passkeys.passkey_registration_begin(account.id, name=account.person.name)
    request.session[session.CEREMONY] = ceremony.state
    return JsonResponse(ceremony.options)


@require_http_methods(["GET", "POST"])
@fresh_required
def passkey_rename(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Give one of one's own passkeys another name."""
    account = session.account_in(request)
    found = next((key for key in methods_of(account).passkeys if key.id == passkey_id), None)
    if found is None:
        raise NotFound()
    form = PasskeyNameForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        accounts.passkey_rename(account, passkey_id=passkey_id, name=name, by=current_actor(request))
        return _back()
    return render(request, "identity/passkey_name.html", {"form": form})


@require_http_methods(["GET", "POST"])
@fresh_required
def passkey_remove(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Remove one of one's own passkeys, after asking."""
    account, actor = session.account_in(request), current_actor(request)
    return _remove(
        request,
        lambda: accounts.passkey_remove(account, passkey_id=passkey_id, by=actor),
        title=_("Remove this passkey?"),
        text=_("You will no longer be able to sign in with it. Delete it on your device too."),
    )


def _remove(request: HttpRequest, remove: Callable[[], None], *, title: str, text: str) -> HttpResponse:
    if request.method == "POST":
        remove()
        messages.success(request, _("It is removed."))
        return _back()
    context = {
        "title": title,
        "text": text,
        "action_text": _("Yes, remove"),
        "back_url": reverse("identity:account"),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "POST"])
@fresh_required
def codes_page(request: HttpRequest) -> HttpResponse:
    """Show fresh recovery codes, or say how many are left and offer new ones."""
    account = session.account_in(request)
    if request.method == "POST":
        accounts.recovery_codes_renew(account, by=current_actor(request))
        return _show_codes(request, _("These are your new recovery codes. The old ones no longer work."))
    codes = accounts.recovery_codes_show(account) if session.may_show_codes(request) else []
    context = {
        "codes": [f"{code[:5]} {code[5:]}" for code in codes],
        "methods": methods_of(account),
        "pending": page_pending(request.session),
    }
    return render(request, "identity/codes.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
@agency_login_allowed
def position_page(request: HttpRequest) -> HttpResponse:
    """Let somebody with several positions choose in which one they act now."""
    held = positions_open(request)
    chosen = request.POST.get("position", "")
    if request.method == "POST" and chosen in {str(view.position.id) for view in held}:
        request.session[POSITION_KEY] = chosen
        return HttpResponseRedirect(session.safe_next(request))
    context = {
        "assignments": held,
        "position_id": str(request.session.get(POSITION_KEY, "")),
        "next": session.safe_next(request),
        "is_unchosen": request.method == "POST",
    }
    return render(request, "identity/position.html", context)
