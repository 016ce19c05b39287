"""The home page: search and life events for everybody; what waits for a person who is signed in."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from terpadu.casework.enums import FINAL_STATES, PublicState
from terpadu.casework.public import CaseView, ServiceView, case_list_for, service_list
from terpadu.identity.public import applications_to_launch, current_actor, current_principal, person_get
from terpadu.kernel.clock import JAKARTA, now
from terpadu.portal.rules import part_of_day
from terpadu.portal.web.words import MOMENTS, Moment

SHOWN_CASES = 3
SHOWN_APPLICATIONS = 4


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page."""
    services = service_list()
    context: dict[str, object] = {"moments": moments_with_services(services), "services": services[:6]}
    if getattr(request, "person_id", None):
        context |= _personal(request)
    return render(request, "portal/home.html", context)


def moments_with_services(services: list[ServiceView]) -> list[tuple[Moment, int]]:
    """Return the life events that have services, each with their number."""
    counts = Counter(event for service in services for event in service.life_events)
    return [(moment, counts[moment.key]) for moment in MOMENTS if counts[moment.key]]


def own_cases(request: HttpRequest) -> list[CaseView]:
    """Return the cases of the person whose affairs these are; while acting for another, those within the mandate."""
    actor = current_actor(request)
    return [case for case in case_list_for(current_principal(request)) if actor.may_use(case.service_id)]


def _personal(request: HttpRequest) -> dict[str, object]:
    cases = own_cases(request)
    return {
        "person": person_get(current_principal(request)),
        "part_of_day": part_of_day(now().astimezone(JAKARTA).hour),
        "launchable": applications_to_launch()[:SHOWN_APPLICATIONS],
        "waiting": [case for case in cases if is_yours(case)],
        "running": [case for case in cases if case.state not in FINAL_STATES and not is_yours(case)][
            :SHOWN_CASES
        ],
    }


def is_yours(case: CaseView) -> bool:
    """Tell whether the applicant has the ball: a draft, or a case sent back for changes."""
    return case.is_draft or case.state is PublicState.NEEDS_CHANGES
