"""Who looks at a page: the person, and for officers the position in which they act."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from terpadu.directory.public import PositionView
from terpadu.identity.errors import OfficersOnly
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.identity.policies.agency_login import (
    agency_login_allowed,
    agency_session_in,
    check_own_account,
    enter_by_agency,
)
from terpadu.identity.policies.kept import page_keep
from terpadu.identity.rules.assurance import Requirement
from terpadu.identity.selectors.accounts import AssignmentView, assignments_of, position_of
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.http.returning import page_of

POSITION_KEY = "identity.position"

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in_required(view: View[P]) -> View[P]:
    """Let only signed-in persons see a page; others sign in first and come back.

    Who came by their agency's login sees the pages of their work there alone (`policies.agency_login`). Somebody who was away
    for long proves again who they are. While somebody acts for another, pages without
    `acting_allowed` stay closed.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if getattr(request, "is_idle", False):
            return _prove_again(request)
        if getattr(view, "allows_agency_login", False):
            enter_by_agency(request)
        if getattr(request, "person_id", None) is None:
            return redirect_with_next("identity:sign_in", request)
        actor = getattr(request, "actor", None)
        if actor and actor.represented_id and not getattr(view, "allows_acting", False):
            return redirect_with_next("identity:acting_elsewhere", request)
        return view(request, *args, **kwargs)

    return guarded


def _prove_again(request: HttpRequest) -> HttpResponseRedirect:
    """Ask somebody who was away who they are; a form that they were sending waits meanwhile."""
    if request.method != "POST":
        return redirect_with_next("identity:confirm", request)
    page_keep(request, Requirement())
    query = urlencode({"next": reverse("identity:step_up")})
    return HttpResponseRedirect(f"{reverse('identity:confirm')}?{query}")


def officer_required(*position_kinds: str) -> Callable[[View[P]], View[P]]:
    """Let only officers see a page: holders today of one of the kinds of position, or of any when none is named.

    `request.actor` becomes the officer in the chosen position; who holds several is asked to choose first.
    Raises OfficersOnly to others.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        @signed_in_required
        @agency_login_allowed
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            position = _position_for(request, position_kinds)
            if position is None:
                return redirect_with_next("identity:position", request)
            _act_in(request, position)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def own_session_required(view: View[P]) -> View[P]:
    """Let only officers see a page who signed in by their own account (`check_own_account`); put it directly under `officer_required`."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            check_own_account(current_actor(request))
        except OwnAccountNeeded:
            return redirect_with_next("identity:sign_in", request)
        return view(request, *args, **kwargs)

    return guarded


def _position_for(request: HttpRequest, kinds: tuple[str, ...]) -> PositionView | None:
    held = positions_open(request)
    fitting: list[AssignmentView] = [view for view in held if not kinds or view.position.kind in kinds]
    if not fitting:
        raise OfficersOnly(wanted=",".join(kinds))
    return position_of(fitting, chosen=str(request.session.get(POSITION_KEY, "")))


def positions_open(request: HttpRequest) -> list[AssignmentView]:
    """Return the positions in which the person may act in this session: all that are held today and count, or those of one agency.

    One query and one for each position. Raises NotAllowed when nobody is signed in.
    """
    held = [view for view in assignments_of(current_person(request), on=today()) if view.position.counts]
    found = agency_session_in(request)
    return [view for view in held if found is None or view.position.agency.code == found.agency_code]


def _act_in(request: HttpRequest, position: PositionView) -> None:
    actor = Actor.officer(
        current_person(request),
        agency=position.agency.code,
        position=str(position.id),
        by_agency_login=agency_session_in(request) is not None,
    )
    setattr(request, "actor", actor)  # noqa: B010 - Django's request has no such attribute for the type checker
    setattr(request, "position", position)  # noqa: B010 - as above


def redirect_with_next(name: str, request: HttpRequest) -> HttpResponseRedirect:
    """Send somebody to a page from which they come back to where they wanted to go (`page_of`)."""
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': page_of(request)})}")


def current_person(request: HttpRequest) -> UUID:
    """Return who is signed in. Raises NotAllowed when nobody is: guard the page with `signed_in_required`."""
    person_id = getattr(request, "person_id", None)
    if not isinstance(person_id, UUID):
        raise NotAllowed()
    return person_id


def current_principal(request: HttpRequest) -> UUID:
    """Return whose affairs a page is about: the person acted for, else who is signed in. Raises NotAllowed."""
    principal = current_actor(request).principal_id
    if principal is None:
        raise NotAllowed()
    return principal


def current_actor(request: HttpRequest) -> Actor:
    """Return who acts: a person (perhaps for another), or behind `officer_required` an officer. Raises NotAllowed when nobody is signed in."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise NotAllowed()
    return actor


def current_position(request: HttpRequest) -> PositionView:
    """Return the position in which the officer acts. Raises NotAllowed on a page without `officer_required`."""
    position = getattr(request, "position", None)
    if not isinstance(position, PositionView):
        raise NotAllowed()
    return position
