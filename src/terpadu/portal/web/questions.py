"""Filling in an application: one question a page, saved at each page; then everything once more; then sending."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.casework.errors import CaseMoved, NotComplete, NotEligible
from terpadu.casework.public import (
    PageView,
    case_get,
    case_submit,
    check_get,
    page_get,
    page_save,
    service_get,
)
from terpadu.identity.public import acting_allowed, current_actor, signed_in_required, step_up
from terpadu.portal.web.home import is_yours


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@acting_allowed
def page(request: HttpRequest, case_id: UUID, page_id: str) -> HttpResponse:
    """Show one page of questions, or save it and go on. `keliru` names a fact that the person disputes."""
    disputing = request.GET.get("keliru", "")
    try:
        if request.method == "POST":
            return _save(request, case_id, page_id, disputing=disputing)
        view = page_get(case_id, page_id, disputing=disputing, by=current_actor(request))
    except CaseMoved as error:
        return _where_it_stands(request, case_id, error)
    if view.page_id != page_id:
        return redirect("portal:page", case_id, view.page_id)
    return _draw(request, view)


@require_POST
@signed_in_required
@acting_allowed
def retry(request: HttpRequest, case_id: UUID, page_id: str) -> HttpResponse:
    """Ask a register again that did not answer."""
    try:
        view = page_get(case_id, page_id, retry=True, by=current_actor(request))
    except CaseMoved as error:
        return _where_it_stands(request, case_id, error)
    return redirect("portal:page", case_id, view.page_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@acting_allowed
def check(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show all answers once more; by POST send them. Sending the same page twice makes one case."""
    actor, is_sent = current_actor(request), request.method == "POST"
    case = case_get(case_id, by=actor)
    if not is_yours(case):
        return redirect("portal:receipt", case_id)
    needed = service_get(case.service_id)
    missing = step_up(request, authentication=needed.authentication, proofing=needed.proofing)
    if missing:
        return missing
    try:
        view = check_get(case_id, data=request.POST if is_sent else None, by=actor)
        if is_sent and view.form.is_valid():
            case_submit(case_id, submit_key=view.form.cleaned_data["submit_key"], by=actor)
            return redirect("portal:receipt", case_id)
    except NotComplete as error:
        messages.warning(request, error.in_words)
        return redirect("portal:page", case_id, error.page_id)
    except NotEligible as error:
        return _stop(request, case_id, case.open_page, reason=error.reason, see=error.see)
    return render(request, "portal/check.html", {"check": view})


def _where_it_stands(request: HttpRequest, case_id: UUID, error: CaseMoved) -> HttpResponse:
    """Lead who went back to a page of a case that was sent meanwhile to the case itself."""
    messages.warning(request, str(error.title))
    return redirect("portal:case", case_id)


def _save(request: HttpRequest, case_id: UUID, page_id: str, *, disputing: str) -> HttpResponse:
    actor = current_actor(request)
    outcome = page_save(case_id, page_id, request.POST, request.FILES, disputing=disputing, by=actor)
    if outcome.kind == "invalid" and outcome.page:
        return _draw(request, outcome.page)
    if outcome.kind == "stopped":
        return _stop(request, case_id, page_id, reason=outcome.reason, see=outcome.see)
    if outcome.kind == "check":
        return redirect("portal:check", case_id)
    return redirect("portal:page", case_id, outcome.page_id)


def _stop(
    request: HttpRequest, case_id: UUID, page_id: str, *, reason: dict[str, str], see: str
) -> HttpResponse:
    context = {"case_id": case_id, "page_id": page_id, "reason": reason, "see": see}
    return render(request, "portal/stopped.html", context)


def _draw(request: HttpRequest, view: PageView) -> HttpResponse:
    marked = [note for note in view.marked.values() if note]
    steps = range(1, view.steps + 1)
    return render(request, "portal/page.html", {"page": view, "steps": steps, "marked": marked})
