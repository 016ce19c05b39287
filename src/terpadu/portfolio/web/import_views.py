"""A list on its way in: upload, columns, dry run, writing; and the work page from which it starts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.directory.public import agency_list
from terpadu.identity.public import signed_in_required
from terpadu.kernel.errors import NotFound
from terpadu.portfolio.enums import RunState
from terpadu.portfolio.errors import FileRefused
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import ImportRun
from terpadu.portfolio.policies import Access, check_writes
from terpadu.portfolio.selectors.imports import run_get, runs_of
from terpadu.portfolio.selectors.work import unfinished
from terpadu.portfolio.services.import_watch import at_work
from terpadu.portfolio.services.imports import (
    import_ask,
    import_confirm,
    import_proceed,
    import_reading,
    import_small,
    import_start,
)
from terpadu.portfolio.services.planning import Outcome
from terpadu.portfolio.services.reports import fault_from, plan_lines, report_path
from terpadu.portfolio.web.access import current_actor, member_access
from terpadu.portfolio.web.forms import ColumnsForm, UploadForm
from terpadu.portfolio.wording import explain, label, said_again

PER_PAGE = 50
OUTCOME_TAGS = {"created": "ok", "changed": "wait", "same": "info", "rejected": "late"}


@signed_in_required
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Show what a manager or the national team has to do: own agencies, latest lists, records to complete."""
    access = member_access(request)
    codes = None if access.is_national else access.agencies
    names = {one.code: one.name for one in agency_list()}
    context = {
        "access": access,
        "agencies": [(code, names.get(code, code)) for code in sorted(access.agencies)],
        "runs": runs_of(codes),
        "unfinished": unfinished(codes),
        "here": "work",
    }
    return render(request, "portfolio/work.html", context)


@signed_in_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Take a list."""
    access = member_access(request)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        agencies=_agency_choices(access),
        initial={"agency": request.GET.get("instansi", "")},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            run = import_start(
                given.file,
                name=given.name,
                agency_code=form.cleaned_data["agency"],
                by=current_actor(request),
            )
            return HttpResponseRedirect(reverse("portfolio:import_run", args=[run.id]))
        except FileRefused as error:
            said = explain(Fault(error.fault, values=error.values))
            form.add_error("file", f"{said.message} {said.remedy}")
    return render(request, "portfolio/import_start.html", {"form": form, "access": access, "here": "work"})


def _agency_choices(access: Access) -> list[tuple[str, object]]:
    found = [one for one in agency_list() if access.writes(one.code)]
    several: list[tuple[str, object]] = (
        [("", _("Several agencies: a column names the owner"))] if access.is_national else []
    )
    return several + [(one.code, one.name) for one in found]


@signed_in_required
@require_http_methods(["GET", "POST"])
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show where a list stands, and take the next step: columns confirmed, or the whole list written."""
    access = member_access(request)
    found = run_get(run_id)
    check_writes(current_actor(request), agency_code=found.agency_code)
    if found.state in (RunState.CHECKING, RunState.APPLYING):
        return render(request, "portfolio/import_wait.html", {"run": found, "access": access, "here": "work"})
    if found.state == RunState.DONE:
        return render(
            request,
            "portfolio/import_done.html",
            {"run": found, "access": access, "counts": found.counts, "here": "work"},
        )
    if found.state == RunState.CHECKED and "kolom" not in request.GET:
        return _dry_run(request, found, access)
    return _columns(request, found, access)


def _columns(request: HttpRequest, found: ImportRun, access: Access) -> HttpResponse:
    reading = import_reading(found)
    form = ColumnsForm(
        request.POST or None, names=reading.header.names, columns=dict(reading.columns), sample=reading.sample
    )
    if request.method == "POST" and form.is_valid():
        try:
            with at_work(found.id):
                import_confirm(
                    found.id, columns=form.columns(reading.header.names), by=current_actor(request)
                )
                return _go_on(request, found)
        except FileRefused as error:
            said = explain(Fault(error.fault, values=error.values))
            form.add_error(None, f"{said.message} {said.remedy}")
    fault = explain(Fault(found.fault, values=found.fault_values)) if found.fault else None
    context = {
        "run": found,
        "form": form,
        "reading": reading,
        "fault": fault,
        "access": access,
        "here": "work",
    }
    return render(request, "portfolio/import_columns.html", context)


def _dry_run(request: HttpRequest, found: ImportRun, access: Access) -> HttpResponse:
    outcome = request.GET.get("hasil", "")
    outcome = outcome if outcome in list(Outcome) else ""
    total = found.counts[outcome] if outcome else found.rows
    page = Paginator(range(total), PER_PAGE).get_page(request.GET.get("page"))
    lines = plan_lines(found.id, outcome=outcome, start=(page.number - 1) * PER_PAGE, count=PER_PAGE)
    context = {
        "run": found,
        "access": access,
        "here": "work",
        "counts": found.counts,
        "outcome": outcome,
        "page": page,
        "query": f"hasil={outcome}&" if outcome else "",
        "lines": [_line(one) for one in lines],
        "to_write": found.counts["created"] + found.counts["changed"],
        "fault": explain(Fault(found.fault)) if found.fault else None,
    }
    return render(request, "portfolio/import_check.html", context)


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        **line,
        "tag": OUTCOME_TAGS[line["outcome"]],
        "said": {
            "created": _("New"),
            "changed": _("Changed"),
            "same": _("Unchanged"),
            "rejected": _("Rejected"),
        }[line["outcome"]],
        "changes": [
            (label(field), said_again(field, before), said_again(field, after))
            for field, before, after in line["changes"]
        ],
        "faults": [explain(fault_from(one)) for one in line["faults"]],
        "notices": [explain(fault_from(one)) for one in line["notices"]],
    }


@signed_in_required
@require_POST
def apply(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Write a checked list."""
    skip = request.POST.get("tanpa_tolakan") == "ya"
    with at_work(run_id):
        found = import_ask(run_id, skip_rejected=skip, by=current_actor(request))
        return _go_on(request, found)


def _go_on(request: HttpRequest, found: ImportRun) -> HttpResponse:
    """Handle a small list at once; a large one waits for a worker."""
    if import_small(found):
        found = import_proceed(found.id, by=current_actor(request))
        if found.state == RunState.DONE:
            messages.success(request, _("The list is taken in."))
    return HttpResponseRedirect(reverse("portfolio:import_run", args=[found.id]))


@signed_in_required
@require_safe
def rejects(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Hand out the rejected rows with column and reason, as CSV."""
    found = run_get(run_id)
    check_writes(current_actor(request), agency_code=found.agency_code)
    path = report_path(found.id, "rejects")
    if not default_storage.exists(path):
        raise NotFound()
    name = f"ditolak-{found.file_name.rpartition('.')[0][:60]}.csv"
    with default_storage.open(path) as file:
        response = HttpResponse(file.read(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
