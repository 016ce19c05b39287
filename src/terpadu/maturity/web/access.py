"""Who looks at a work page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.maturity.enums import Role
from terpadu.maturity.models import Locus
from terpadu.maturity.policies import check_can_see, roles_of
from terpadu.maturity.selectors.work import locus_get

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
SIGN_IN = "/masuk/"


def member_page(view: View[P]) -> View[P]:
    """Let only signed-in persons see a work page; others sign in first and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(getattr(request, "actor", None), Actor):
            target = request.get_full_path() if request.method == "GET" else request.path
            return HttpResponseRedirect(f"{SIGN_IN}?{urlencode({'next': target})}")
        return view(request, *args, **kwargs)

    return guarded


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts on a page under `member_page`. Raises NotAllowed elsewhere."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise NotAllowed()
    return actor


def seen_locus(request: HttpRequest, locus_id: UUID) -> tuple[Locus, frozenset[Role]]:
    """Return an agency and the viewer's roles for it. Raises NotFound, or NotAllowed without any role."""
    locus = locus_get(locus_id)
    check_can_see(actor_of(request), locus=locus)
    return locus, roles_of(actor_of(request), locus=locus)
