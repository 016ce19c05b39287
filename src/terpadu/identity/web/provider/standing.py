"""Who a browser stands for, as the provider sees it: proofs of the session, the session itself, who is represented."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from terpadu.identity.models import Account
from terpadu.identity.rules.provider.assurance import Level, Proof
from terpadu.identity.selectors.provider.login_path import open_sign_in
from terpadu.identity.services.provider.authorizations import Standing
from terpadu.identity.web import session


def proofs_in(request: HttpRequest) -> tuple[Proof, ...]:
    """Return what was proved in this session, oldest first; nothing when nobody is signed in."""
    if not isinstance(request.user, Account):
        return ()
    kept = request.session.get(session.METHODS, [])
    return tuple(Proof(str(one["method"]), datetime.fromtimestamp(int(one["at"]), UTC)) for one in kept)


def standing_in(request: HttpRequest, level: Level) -> Standing:
    """Return who the browser stands for, at a level. One query."""
    account = session.account_in(request)
    return Standing(person_id=account.person_id, level=level, sign_in_id=sign_in_of(request))


def sign_in_of(request: HttpRequest) -> UUID | None:
    """Return the sign-in that opened the session, None without one. One query."""
    return open_sign_in(request.session.session_key or "-")


def sign_in_address(next_page: str) -> str:
    """Return the sign-in page that comes back to a page."""
    return f"{reverse('identity:sign_in')}?{urlencode({'next': next_page})}"


def prove_again_address(next_page: str) -> str:
    """Return the page on which somebody proves again who they are, and comes back."""
    return f"{reverse('identity:confirm')}?{urlencode({'next': next_page})}"
