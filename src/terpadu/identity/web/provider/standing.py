"""Who a browser stands for, as the provider sees it: proofs of the session, the session itself, who is represented."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from terpadu.identity.errors import ActingElsewhere
from terpadu.identity.models import Account
from terpadu.identity.policies.acting import Representation, representation_of
from terpadu.identity.policies.agency_login import AGENCY_LOGIN
from terpadu.identity.policies.authentication import METHODS
from terpadu.identity.rules.assurance import level_of
from terpadu.identity.rules.mandates import ALL_SERVICES
from terpadu.identity.rules.provider.assurance import Level, Proof
from terpadu.identity.selectors.provider.login_path import open_sign_in
from terpadu.identity.services.provider.authorizations import Standing
from terpadu.identity.web import session
from terpadu.identity.web.session_store import SessionStore


def proofs_in(request: HttpRequest) -> tuple[Proof, ...]:
    """Return what was proved in this session, oldest first; nothing when nobody is signed in by their own account and present."""
    if (
        AGENCY_LOGIN in request.session
        or not isinstance(request.user, Account)
        or getattr(request, "is_idle", False)
    ):
        return ()
    kept = request.session.get(METHODS, [])
    return tuple(
        Proof(str(one["method"]), datetime.fromtimestamp(int(one["at"]), UTC), acr=level_of(one).value)
        for one in kept
    )


def person_in(request: HttpRequest) -> UUID:
    """Return for whom the browser signs in: the owner of the account, or whom they act for. Up to two queries.

    Raises ActingElsewhere when the mandate is for named services only: it opens no application of others.
    """
    represented = _represented(request)
    return represented.subject_person_id if represented else session.account_in(request).person_id


def standing_in(request: HttpRequest, level: Level) -> Standing:
    """Return who the browser stands for, at a level. Up to three queries. Raises ActingElsewhere as `person_in`."""
    represented = _represented(request)
    if represented is None:
        account = session.account_in(request)
        return Standing(person_id=account.person_id, level=level, sign_in_id=sign_in_of(request))
    return Standing(
        person_id=represented.subject_person_id,
        level=level,
        sign_in_id=sign_in_of(request),
        actor_id=represented.actor_person_id,
        mandate=str(represented.mandate_id),
    )


def _represented(request: HttpRequest) -> Representation | None:
    found = representation_of(request.session)
    if found is not None and ALL_SERVICES not in found.services:
        raise ActingElsewhere()
    return found


def sign_in_of(request: HttpRequest) -> UUID | None:
    """Return the sign-in that opened the session, None without one. One query, none when it was read with the session."""
    kept = request.session
    stored = kept.stored if isinstance(kept, SessionStore) else None
    if stored and stored.key == kept.session_key:
        return stored.sign_in_id
    return open_sign_in(kept.session_key or "-")


def sign_in_address(next_page: str) -> str:
    """Return the sign-in page that comes back to a page."""
    return f"{reverse('identity:sign_in')}?{urlencode({'next': next_page})}"


def prove_again_address(next_page: str) -> str:
    """Return the page on which somebody proves again who they are, and comes back."""
    return f"{reverse('identity:confirm')}?{urlencode({'next': next_page})}"
