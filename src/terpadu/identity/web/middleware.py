"""Who acts in a request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from terpadu.identity.models import Account
from terpadu.kernel.actors import Actor


class ActorMiddleware:
    """Set `request.person_id` and `request.actor` from the session; both None when nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request with its actor."""
        user = request.user
        person_id = user.person_id if isinstance(user, Account) else None
        setattr(request, "person_id", person_id)  # noqa: B010 - Django's request has no such attribute for the type checker
        setattr(request, "actor", Actor.person(person_id) if person_id else None)  # noqa: B010 - as above
        return self.get_response(request)
