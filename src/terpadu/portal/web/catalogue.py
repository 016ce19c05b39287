"""The catalogue: services by life event and by search, and the page of one service with its standard."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.casework.public import CaseView, case_start, service_get, service_list, survey_of_service
from terpadu.identity.public import (
    acting_allowed,
    current_actor,
    current_principal,
    signed_in_required,
    step_up,
)
from terpadu.kernel.clock import today
from terpadu.portal.web.home import moments_with_services, own_cases
from terpadu.portal.web.parameters import words_or_none
from terpadu.portal.web.words import moment_of

LONGEST_QUERY = 80


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """List services; `q` searches, `peristiwa` keeps those of a life event."""
    query = words_or_none(request.GET.get("q"), longest=LONGEST_QUERY)
    moment = moment_of(request.GET.get("peristiwa", ""))
    services = service_list(life_event=moment.key if moment else None, query=query)
    moments = [] if query else [found for found, _ in moments_with_services(service_list())]
    context = {"services": services, "query": query or "", "moment": moment, "moments": moments}
    return render(request, "portal/catalogue.html", context)


@require_safe
def service(request: HttpRequest, service_id: str) -> HttpResponse:
    """Show what a service is, what is needed, how long it takes, what it costs, and its legal standard."""
    context = {
        "service": service_get(service_id),
        "draft": _draft_of(request, service_id),
        "satisfaction": survey_of_service(service_id, on=today()),
    }
    return render(request, "portal/service.html", context)


def _draft_of(request: HttpRequest, service_id: str) -> CaseView | None:
    """Return the person's latest draft of a service, None when there is none or nobody is signed in."""
    if not getattr(request, "person_id", None):
        return None
    cases = own_cases(request)
    return next((case for case in cases if case.is_draft and case.service_id == service_id), None)


@require_http_methods(["GET", "POST"])
@signed_in_required
@acting_allowed
def start(request: HttpRequest, service_id: str) -> HttpResponse:
    """Open an application; a visit by GET, after signing in, only leads back to the service."""
    if request.method == "GET":
        return redirect("portal:service", service_id)
    needed = service_get(service_id)
    missing = step_up(request, authentication=needed.authentication, proofing=needed.proofing)
    if missing:
        return missing
    case = case_start(service_id, applicant=current_principal(request), by=current_actor(request))
    return redirect("portal:case", case.case_id)


@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    """List the service standards that are published."""
    return render(request, "portal/standards.html", {"services": service_list()})
