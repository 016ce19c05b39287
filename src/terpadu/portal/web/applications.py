"""A person's applications: the list, and what became of each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.casework.enums import FINAL_STATES
from terpadu.casework.public import attachment_open, case_cancel, case_get, complaints_of_case, survey_get
from terpadu.documents.public import document_list_of_case
from terpadu.identity.public import acting_allowed, current_actor, signed_in_required
from terpadu.portal.web.home import is_yours, own_cases
from terpadu.portal.web.wallet import with_names


@require_safe
@signed_in_required
@acting_allowed
def applications(request: HttpRequest) -> HttpResponse:
    """List drafts and cases: first what waits for the person, then what runs, then what has ended."""
    cases = own_cases(request)
    context = {
        "waiting": [case for case in cases if is_yours(case)],
        "running": [case for case in cases if case.state not in FINAL_STATES and not is_yours(case)],
        "ended": [case for case in cases if case.state in FINAL_STATES],
    }
    return render(request, "portal/applications.html", context)


@require_safe
@signed_in_required
@acting_allowed
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show where a case stands, what happens next and until when; a draft goes on where it stopped."""
    actor = current_actor(request)
    found = case_get(case_id, by=actor)
    if found.is_draft:
        return redirect("portal:page", case_id, found.open_page)
    complaints = complaints_of_case(case_id, by=actor)
    context = {
        "case": found,
        "survey": survey_get(case_id, by=actor),
        "complaints": complaints,
        "can_complain": found.submitted_at and not any(one.is_open for one in complaints),
        "documents": with_names(document_list_of_case(case_id)),
        "is_yours": is_yours(found),
        "can_cancel": found.state not in FINAL_STATES,
    }
    return render(request, "portal/case.html", context)


@require_safe
@signed_in_required
@acting_allowed
def receipt(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Confirm what was sent: the number, what happens next, until when."""
    found = case_get(case_id, by=current_actor(request))
    if found.is_draft:
        return redirect("portal:page", case_id, found.open_page)
    return render(request, "portal/receipt.html", {"case": found})


@require_http_methods(["GET", "POST"])
@signed_in_required
@acting_allowed
def cancel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask once more, then throw a draft away or withdraw a case."""
    found = case_get(case_id, by=current_actor(request))
    if request.method == "POST":
        case_cancel(case_id, by=current_actor(request))
        messages.success(request, _("The application is cancelled. Nothing more happens with it."))
        return redirect("portal:applications")
    return render(request, "portal/cancel.html", {"case": found})


@require_safe
@signed_in_required
@acting_allowed
def attachment(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """Give an uploaded file back to the one who uploaded it."""
    found = attachment_open(attachment_id, by=current_actor(request))
    response = HttpResponse(found.content, content_type=found.attachment.content_type)
    response["Content-Disposition"] = f'attachment; filename="{found.attachment.id}"'
    return response
