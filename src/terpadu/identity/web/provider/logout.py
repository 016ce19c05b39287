"""Sign-out that an application begins (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.models import Account
from terpadu.identity.selectors.provider.clients import ClientView, client_find
from terpadu.identity.services.provider.logout import Farewell
from terpadu.identity.services.provider.subjects import session_of
from terpadu.identity.services.provider.tokens import id_token_hint_read
from terpadu.identity.web import session
from terpadu.identity.web.farewell import farewell_page
from terpadu.identity.web.provider.answers import allow_form_to, send_back, with_parameters
from terpadu.identity.web.provider.standing import sign_in_of


@dataclass(frozen=True)
class Wish:
    """What an application wants: who it is ("" client when unknown), where to go afterwards, and whether it may at once."""

    client: ClientView | None
    address: str
    is_own_session: bool


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out at once when the application shows an ID token of this very session, else ask first: no link can do it."""
    given = request.POST if request.method == "POST" else request.GET
    wish = _wish(request, given.dict())
    if not isinstance(request.user, Account):
        return _after(request, wish)
    if wish.is_own_session:
        return _after(request, wish, left=session.close_session(request))
    context = {"client": wish.client, "given": [(k, v) for k, v in given.items() if k in _KEPT]}
    response = render(request, "identity/provider/logout.html", context)
    return allow_form_to(response, wish.address) if wish.address else response


_KEPT = frozenset({"id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"})


@never_cache
@require_POST
def logout_confirm(request: HttpRequest) -> HttpResponse:
    """Sign out after the person said so."""
    wish = _wish(request, request.POST.dict())
    return _after(request, wish, left=session.close_session(request))


def _wish(request: HttpRequest, given: dict[str, str]) -> Wish:
    hint = id_token_hint_read(given.get("id_token_hint", "")) or {}
    named = str(hint.get("aud", "")) or given.get("client_id", "")
    is_one = not given.get("client_id") or given["client_id"] == named
    client = client_find(named) if named and is_one else None
    wanted = given.get("post_logout_redirect_uri", "")
    is_known = client is not None and wanted in client.post_logout_redirect_uris
    state = given.get("state", "")[:2000]
    address = with_parameters(wanted, state=state) if is_known and state else wanted if is_known else ""
    return Wish(
        client, address, is_own_session=client is not None and _is_own(request, client, hint.get("sid"))
    )


def _is_own(request: HttpRequest, client: ClientView, sid: object) -> bool:
    own = sign_in_of(request)
    return own is not None and bool(sid) and session_of(own, client=client) == sid


def _after(request: HttpRequest, wish: Wish, *, left: Sequence[Farewell] = ()) -> HttpResponse:
    """Go where the application wants, or say that it is done; other applications in the browser come first."""
    others = [one for one in left if wish.client is None or one.client.client_id != wish.client.client_id]
    if wish.address and not others:
        return send_back(request, wish.address, client=wish.client, by_page=False)
    return farewell_page(request, others, client=wish.client, address=wish.address)
