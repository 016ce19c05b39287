"""In by an agency's own login: to it and back, and the links that each officer makes once."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from terpadu.identity.enums import LoginProtocol, LoginPurpose
from terpadu.identity.errors import TooManyTries
from terpadu.identity.errors.officers import LoginExpired
from terpadu.identity.policies.access import current_actor, current_person, signed_in_required
from terpadu.identity.policies.authentication import step_up_required
from terpadu.identity.selectors.accounts import assignments_of
from terpadu.identity.selectors.agency_logins import links_of, logins_open
from terpadu.identity.services import tries
from terpadu.identity.services.agency_logins import oidc, saml
from terpadu.identity.services.agency_logins.attempts import Begun, attempt_begin, attempt_take
from terpadu.identity.services.agency_logins.links import entrant_of, link_end, link_make
from terpadu.identity.web import session
from terpadu.kernel.clock import today
from terpadu.kernel.errors import DomainError

log = structlog.get_logger(__name__)
WORKBENCH = "/petugas/"


@never_cache
@require_safe
def choose_page(request: HttpRequest) -> HttpResponse:
    """List the agencies whose own login is open."""
    search = request.GET.get("cari", "").strip()[:80]
    search = search if search.isprintable() else ""
    found = logins_open(search=search)
    context = {"logins": found, "search": search, "next": session.safe_next(request)}
    return render(request, "identity/agency_login/choose.html", context)


@never_cache
@require_GET
def begin(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """Send a browser to an agency's login."""
    if not tries.try_take(tries.SCREEN_CODES, session.visit_of(request).network):
        raise TooManyTries(limit="agency_login")
    next_page = session.safe_next(request)
    begun = attempt_begin(
        login_id,
        purpose=LoginPurpose.ENTER,
        next_page=WORKBENCH if next_page == session.START_PAGE else next_page,
    )
    response = HttpResponse(status=303)
    response["Location"] = _leave(request, begun)
    return response


def _leave(request: HttpRequest, begun: Begun) -> str:
    """Keep in the session what only this browser has, and return where it goes."""
    request.session[session.WAY] = begun.handle
    is_oidc = begun.login.protocol == LoginProtocol.OIDC
    return oidc.request_address(begun) if is_oidc else saml.request_address(begun)


@never_cache
@require_GET
def oidc_return(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """Take an OpenID Provider's answer."""
    if any(len(request.GET.getlist(name)) > 1 for name in request.GET):
        return _refused(request, LoginExpired())
    try:
        oidc.answer_take(login_id, request.GET.dict(), handle=request.session.get(session.WAY, ""))
    except DomainError as error:
        return _refused(request, error)
    return HttpResponseRedirect(reverse("identity:agency_login_arrived"))


@never_cache
@csrf_exempt
@require_POST
def saml_return(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """Take a SAML answer. It comes by POST from elsewhere, so without our cookie: the next page knows the browser."""
    try:
        saml.answer_take(login_id, request.POST.get("SAMLResponse", ""))
    except DomainError as error:
        return _refused(request, error)
    response = HttpResponse(status=303)
    response["Location"] = reverse("identity:agency_login_arrived")
    return response


@require_GET
def saml_metadata(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """Tell an identity provider about ourselves."""
    return HttpResponse(saml.own_metadata(login_id), content_type="application/samlmetadata+xml")


@never_cache
@require_GET
def arrived(request: HttpRequest) -> HttpResponse:
    """Go on with who came back to this browser: in, or linked."""
    try:
        found = attempt_take(request.session.pop(session.WAY, ""))
        if found.purpose == LoginPurpose.LINK:
            if getattr(request, "person_id", None) is None:
                raise LoginExpired()
            link_make(found, by=current_actor(request))
            messages.success(request, _("Linked. From now on your agency's login opens your work there."))
            return HttpResponseRedirect(reverse("identity:agency_links"))
        entrant = entrant_of(found)
    except DomainError as error:
        return _refused(request, error)
    session.open_agency_session(request, entrant.account, link_id=entrant.link_id, level=entrant.level)
    return HttpResponseRedirect(found.next_page)


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    log.info("agency_login_refused", code=error.code, **error.facts)
    context = {"error": error, "reason": error.facts.get("reason", "")}
    return render(request, "identity/agency_login/refused.html", context, status=error.http_status)


@never_cache
@require_safe
@signed_in_required
def links_page(request: HttpRequest) -> HttpResponse:
    """Show with which agency logins one is linked, and with which one can be."""
    person_id = current_person(request)
    agencies = {view.position.agency.code for view in assignments_of(person_id, on=today())}
    links = links_of(person_id)
    taken = {link.login.id for link in links}
    offered = [login for login in logins_open(agency_codes=agencies) if login.id not in taken]
    return render(request, "identity/agency_login/links.html", {"links": links, "offered": offered})


@never_cache
@require_GET
@step_up_required(authentication="loa2", max_age_s=session.FRESH_FOR_S)
def link(request: HttpRequest, login_id: UUID) -> HttpResponse:
    """Send a person to their agency's login, to come back linked; they prove there once more who they are."""
    begun = attempt_begin(
        login_id,
        purpose=LoginPurpose.LINK,
        next_page=reverse("identity:agency_links"),
        person_id=current_person(request),
    )
    response = HttpResponse(status=303)
    response["Location"] = _leave(request, begun)
    return response


@never_cache
@require_POST
@signed_in_required
def unlink(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Remove a link."""
    link_end(link_id, by=current_actor(request))
    messages.success(request, _("Removed. Your agency's login no longer opens anything here."))
    return HttpResponseRedirect(reverse("identity:agency_links"))
