"""Who looks at a page."""

from __future__ import annotations

from django.http import HttpRequest

from terpadu.identity.public import current_actor
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.policies import PUBLIC, Access, access_of

__all__ = ["current_actor", "member_access", "viewer"]


def viewer(request: HttpRequest) -> Access:
    """Return what the person at this page may see; the public part for somebody who is not signed in."""
    actor = getattr(request, "actor", None)
    return access_of(actor) if isinstance(actor, Actor) else PUBLIC


def member_access(request: HttpRequest) -> Access:
    """Return what a person may see and write on a work page. Raises NotAllowed for whom it is not."""
    access = viewer(request)
    if not access.is_member:
        raise NotAllowed()
    return access
