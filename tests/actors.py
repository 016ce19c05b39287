"""Somebody who is signed in, for tests of pages that do not walk through the sign-in itself."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client

from terpadu.kernel.actors import Actor

ACTOR_HEADER = "X-Test-Actor"


class ActorFromHeader:
    """Stands where identity's middleware stands, and takes the person from a header that only tests send."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(ACTOR_HEADER)
        actor = Actor.person(UUID(given)) if given else None
        request.actor = actor  # type: ignore[attr-defined]  # as identity sets it
        request.person_id = actor.person_id if actor else None  # type: ignore[attr-defined]  # as identity sets it
        return self.get_response(request)


@pytest.fixture
def actor_from_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put `ActorFromHeader` in the place of identity's middleware."""
    kept = [name for name in settings.MIDDLEWARE if "identity" not in name]
    monkeypatch.setattr(settings, "MIDDLEWARE", [*kept, f"{__name__}.{ActorFromHeader.__name__}"])


def client_of(actor: Actor | None) -> Client:
    """Return a browser in English in which somebody is signed in, or nobody."""
    headers = {"Accept-Language": "en"} | ({ACTOR_HEADER: str(actor.person_id)} if actor else {})
    return Client(headers=headers)
