"""A session that an agency's login opened: it is for the work in that agency and for nothing else.

An agency could say that anybody is one of its officers. So such a session opens no page about the person's own affairs, no
application of others and no position elsewhere. And since it could play two officers, it opens nothing that four eyes guard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from terpadu.identity.enums import LoginStage
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.identity.models import OfficerLink
from terpadu.kernel.actors import Actor

AGENCY_LOGIN = "identity.agency_login"
F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True)
class AgencySession:
    """Who works, and in which agency alone. login_id: by which login they came."""

    person_id: UUID
    agency_code: str
    login_id: UUID


def agency_session_of(session: SessionBase, *, person_id: UUID) -> AgencySession | None:
    """Return for which agency a session was opened, None when its link or login has ended. One query."""
    rows = OfficerLink.objects.select_related("login__agency").filter(ended_at__isnull=True)
    row = rows.filter(
        pk=str(session[AGENCY_LOGIN]), person_id=person_id, login__stage=LoginStage.ACTIVE
    ).first()
    return AgencySession(person_id, row.login.agency.code, row.login_id) if row else None


def agency_session_in(request: HttpRequest) -> AgencySession | None:
    """Return the agency session of a request, None for a person's own session and for nobody."""
    found = getattr(request, "agency_session", None)
    return found if isinstance(found, AgencySession) else None


def agency_login_id(request: HttpRequest) -> UUID | None:
    """Return by which agency's login somebody came who was away meanwhile, None for a person's own session."""
    found = agency_session_in(request)
    return found.login_id if found else None


def agency_login_allowed(view: F) -> F:
    """Mark a page as one for the work in an agency; put it directly under `signed_in_required`."""
    view.allows_agency_login = True  # type: ignore[attr-defined]  # a mark on the function, read by `signed_in_required`
    return view


def check_own_account(by: Actor) -> None:
    """Let those pass who signed in by their own account. Raises OwnAccountNeeded for who came by an agency's login.

    For what four eyes guard, for signatures, and for what opens accounts or gives positions: an agency's login could play two
    officers, and a signature is its signer's alone (UU 11/2008 art. 11 (1) b).
    """
    if by.by_agency_login:
        raise OwnAccountNeeded()


def enter_by_agency(request: HttpRequest) -> None:
    """Let the officer of an agency session act on this page."""
    found = agency_session_in(request)
    if found is not None:
        setattr(request, "person_id", found.person_id)  # noqa: B010 - Django's request has no such attribute for the type checker
        setattr(request, "actor", Actor.person(found.person_id))  # noqa: B010 - as above
