"""Who is signed in and who acts in a request."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from terpadu.identity.models import Account
from terpadu.identity.policies.acting import ACTING, representation_of
from terpadu.identity.policies.agency_login import AGENCY_LOGIN, agency_session_of
from terpadu.identity.web import session
from terpadu.kernel.actors import Actor


class SignedInMiddleware(AuthenticationMiddleware):
    """Django's `request.user`, with the account that was read together with its session.

    Where that account is not beyond doubt the session's, Django's own way decides, and ends sessions that it must.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`; nothing is read before somebody asks."""
        super().process_request(request)
        user = SimpleLazyObject(lambda: session.account_stored(request.session) or get_user(request))
        setattr(request, "user", user)  # noqa: B010 - a lazy account, which the type checker takes for none


class ActorMiddleware:
    """Set `request.person_id` and `request.actor` from the session; both None when nobody is signed in and present.

    `request.is_idle` says that somebody was away for long: their session waits until they prove who they are. A session
    older than a day ends. A session that an agency's login opened has neither: pages for work let its officer in by
    `request.agency_session`. The actor carries for whom the person acts, as long as that mandate holds.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request with its actor."""
        person_id = _person_of(request)
        if AGENCY_LOGIN in request.session and isinstance(request.user, Account):
            found = agency_session_of(request.session, person_id=request.user.person_id)
            setattr(request, "agency_session", found)  # noqa: B010 - as below
            person_id = None
        actor = _actor(request, person_id) if person_id else None
        setattr(request, "person_id", person_id)  # noqa: B010 - Django's request has no such attribute for the type checker
        setattr(request, "actor", actor)  # noqa: B010 - as above
        return self.get_response(request)


def _person_of(request: HttpRequest) -> UUID | None:
    """Return who is signed in and present; None also for somebody who must prove again who they are."""
    user = request.user
    if not isinstance(user, Account):
        return None
    if session.is_over(request):
        session.close_session(request)
        return None
    is_idle = session.is_idle(request)
    setattr(request, "is_idle", is_idle)  # noqa: B010 - as above
    if is_idle:
        return None
    session.touch(request)
    person_id: UUID = user.person_id
    return person_id


def _actor(request: HttpRequest, person_id: UUID) -> Actor:
    own = Actor.person(person_id)
    if ACTING not in request.session:
        return own
    acting = representation_of(request.session)
    if acting is None or acting.actor_person_id != person_id:
        del request.session[ACTING]
        return own
    return own.acting_for(acting.subject_person_id, mandate_id=acting.mandate_id, services=acting.services)
