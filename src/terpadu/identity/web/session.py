"""What a browser's session remembers of signing in, and how sessions are opened, moved and closed.

A session never holds a NIK, a password or a secret in clear.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from terpadu.identity.enums import SignInMethod
from terpadu.identity.errors import RegistrationExpired, SignInExpired
from terpadu.identity.models import Account
from terpadu.identity.policies.agency_login import AGENCY_LOGIN
from terpadu.identity.policies.authentication import METHODS as METHODS
from terpadu.identity.rules.accounts import device_of, network_of
from terpadu.identity.services.provider.logout import Farewell, farewells_of
from terpadu.identity.services.sign_in import Visit, session_ended, session_moved, sign_in_record
from terpadu.identity.web.session_store import SessionStore
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed

BACKEND = "terpadu.identity.web.backend.AccountBackend"
PENDING = "identity.pending"
DRAFT = "identity.draft"
CEREMONY = "identity.ceremony"
TOTP = "identity.totp"
CONFIRMED_AT = "identity.confirmed_at"
SHOW_CODES_UNTIL = "identity.show_codes_until"
OPENED_AT = "identity.opened_at"
SEEN_AT = "identity.seen_at"
WAY = "identity.agency_login_way"

CODE_WITHIN_S = 10 * 60
FRESH_FOR_S = 15 * 60
TOUCH_EVERY_S = 5 * 60  # how exactly idle time is known; each note costs one write
START_PAGE = "/"


def visit_of(request: HttpRequest) -> Visit:
    """Return where a request comes from. A proxy in front must set REMOTE_ADDR itself."""
    device = device_of(request.headers.get("User-Agent", ""))
    return Visit(network=network_of(request.META.get("REMOTE_ADDR", "")), device=device)


def safe_next(request: HttpRequest) -> str:
    """Return the page to go to afterwards: `next` when it is one of ours, else the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if is_ours else START_PAGE


def account_stored(kept: SessionBase) -> Account | None:
    """Return the account that was read with a session, when the session is signed in as that very one with its present password.

    The checks are those of `django.contrib.auth.get_user`; None says no more than that it has to look itself.
    """
    name, backend = kept.get(SESSION_KEY), kept.get(BACKEND_SESSION_KEY)  # the first look reads it
    stored = kept.stored if isinstance(kept, SessionStore) else None
    account = stored.account if stored else None
    if account is None or name != str(account.pk) or backend != BACKEND:
        return None
    proof = str(kept.get(HASH_SESSION_KEY, ""))
    return account if constant_time_compare(proof, account.get_session_auth_hash()) else None


def account_in(request: HttpRequest) -> Account:
    """Return the account that is signed in. Raises NotAllowed when none is."""
    if not isinstance(request.user, Account):
        raise NotAllowed()
    return request.user


def open_session(request: HttpRequest, account: Account, *, method: SignInMethod, level: str = "") -> None:
    """Sign an account in under a new session key; nothing of the earlier session stays.

    level: `acr` that another device had, when that one vouched.
    """
    request.session.flush()
    login(request, account, backend=BACKEND)
    moment = now().timestamp()
    request.session[METHODS] = [_record(method, moment, level=level)]
    request.session[CONFIRMED_AT] = request.session[OPENED_AT] = request.session[SEEN_AT] = moment
    key = request.session.session_key or ""
    sign_in_record(account, method=method, session_key=key, visit=visit_of(request))


def open_agency_session(request: HttpRequest, account: Account, *, link_id: UUID, level: str) -> None:
    """Sign an officer in for the work in one agency alone. link_id: by which link they came. level: `acr` as agreed."""
    open_session(request, account, method=SignInMethod.AGENCY, level=level)
    request.session[AGENCY_LOGIN] = str(link_id)


def _record(method: SignInMethod, moment: float, *, level: str = "") -> dict[str, Any]:
    record: dict[str, Any] = {"method": method.value, "at": int(moment)}
    return {**record, "level": level} if level else record


def is_over(request: HttpRequest) -> bool:
    """Tell whether a session is older than any session may be (`settings.SESSION_AT_MOST_S`)."""
    opened = request.session.get(OPENED_AT)
    return opened is not None and now().timestamp() - float(opened) > settings.SESSION_AT_MOST_S


def is_idle(request: HttpRequest) -> bool:
    """Tell whether nobody used a session for so long that the person must prove who they are (`settings.SESSION_IDLE_S`)."""
    seen = request.session.get(SEEN_AT)
    return seen is not None and now().timestamp() - float(seen) > settings.SESSION_IDLE_S


def touch(request: HttpRequest) -> None:
    """Note that a session is used, at most every five minutes."""
    seen, moment = request.session.get(SEEN_AT), now().timestamp()
    if seen is not None and moment - float(seen) > TOUCH_EVERY_S:
        request.session[SEEN_AT] = moment


def close_session(request: HttpRequest) -> list[Farewell]:
    """Sign out here; returns the applications that the browser has yet to sign out (`web.farewell`)."""
    key = request.session.session_key or "-"
    left = farewells_of(key)
    session_ended(key)
    logout(request)
    for name in ("person_id", "actor"):  # the answer to this very request is nobody's
        setattr(request, name, None)
    return left


def confirm_session(request: HttpRequest, *, method: SignInMethod) -> None:
    """Note that the person has just proven again who they are; the session gets a new key."""
    old_key = request.session.session_key or "-"
    request.session.cycle_key()
    session_moved(old_key, new_key=request.session.session_key or "")
    moment = now().timestamp()
    request.session[METHODS] = [*request.session.get(METHODS, []), _record(method, moment)]
    request.session[CONFIRMED_AT] = moment
    if SEEN_AT in request.session:
        request.session[SEEN_AT] = moment


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether the person proved who they are within the last 15 minutes."""
    return now().timestamp() - float(request.session.get(CONFIRMED_AT, 0)) < FRESH_FOR_S


def wait_for_code(request: HttpRequest, account: Account, *, next_page: str) -> None:
    """Remember that an account's password was right and its second factor is still to come."""
    request.session.cycle_key()
    request.session[PENDING] = {"account": str(account.id), "at": now().timestamp(), "next": next_page}


def pending_account(request: HttpRequest) -> tuple[Account, str]:
    """Return whose second factor is awaited, and where to go afterwards. Raises SignInExpired. One query."""
    pending: dict[str, Any] | None = request.session.get(PENDING)
    if pending is None or now().timestamp() - float(pending["at"]) > CODE_WITHIN_S:
        raise SignInExpired()
    account = Account.objects.select_related("person").filter(pk=pending["account"], is_active=True).first()
    if account is None:
        raise SignInExpired()
    return account, str(pending["next"])


def draft_id(request: HttpRequest) -> UUID:
    """Return the registration that this browser has begun. Raises RegistrationExpired."""
    kept = request.session.get(DRAFT)
    if not kept:
        raise RegistrationExpired()
    return UUID(kept)


def take_ceremony(request: HttpRequest) -> dict[str, Any] | None:
    """Return the passkey ceremony that was begun, once: the same answer is never taken twice."""
    state: dict[str, Any] | None = request.session.pop(CEREMONY, None)
    return state


def show_codes_for_a_while(request: HttpRequest) -> None:
    """Allow the page of recovery codes to show them, for ten minutes."""
    request.session[SHOW_CODES_UNTIL] = now().timestamp() + CODE_WITHIN_S


def may_show_codes(request: HttpRequest) -> bool:
    """Tell whether the recovery codes may be shown now."""
    return now().timestamp() < float(request.session.get(SHOW_CODES_UNTIL, 0))


def go_on(address: str) -> HttpResponseRedirect:
    """Redirect to one of our own pages."""
    return HttpResponseRedirect(address)
