"""Work pages before a round runs: open it, say which agencies are measured, start."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.kernel.clock import JAKARTA, today
from terpadu.kernel.errors import DomainError
from terpadu.maturity.enums import MeasurementKind, RoundState
from terpadu.maturity.errors import TableInvalid
from terpadu.maturity.models import Round
from terpadu.maturity.policies import check_national_team
from terpadu.maturity.selectors import work
from terpadu.maturity.services.agency_lists import (
    LARGEST_BYTES,
    agencies_in,
    agencies_out,
    agencies_take_over,
)
from terpadu.maturity.services.rounds import round_open, round_start
from terpadu.maturity.web.access import actor_of, member_page
from terpadu.maturity.web.preparation_forms import AgenciesForm, RoundForm
from terpadu.maturity.web.stage_views import FORM_METHODS, refused
from terpadu.maturity.wording import Explained, explain

LAST_MINUTE = time(23, 59)


@require_http_methods(FORM_METHODS)
@member_page
def round_new(request: HttpRequest) -> HttpResponse:
    """Open the measurement of a year."""
    check_national_team(actor_of(request))
    form, status = RoundForm(request.POST or None, initial={"year": today().year + 1}), 200
    if request.method == "POST" and form.is_valid():
        try:
            measured = _open(request, form)
            messages.success(
                request, _("The round is in preparation. Add its agencies and people, then start it.")
            )
            return redirect("maturity:round", measured.id)
        except DomainError as error:
            status = refused(form, error)
    context = {
        "area": "officer",
        "form": form,
        "title": _("Open a round"),
        "action": _("Open the round"),
        "back": reverse("maturity:home"),
        "back_text": _("My work on the index"),
    }
    return render(
        request, "maturity/work_form.html", context, status=422 if form.errors and status == 200 else status
    )


def _open(request: HttpRequest, form: RoundForm) -> Round:
    given, by = form.cleaned_data, actor_of(request)
    measured = round_open(
        given["year"],
        name=given["name"],
        instrument_code=given["instrument"],
        self_due_at=datetime.combine(given["self_due_on"], LAST_MINUTE, tzinfo=JAKARTA),
        by=by,
    )
    if given["agencies_of"]:
        source = work.round_get(UUID(given["agencies_of"]))
        agencies_take_over(measured, source=source, kind=MeasurementKind(given["kind"]), by=by)
    return measured


@require_http_methods(FORM_METHODS)
@member_page
def agencies(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Take the list of agencies: all rows or none, each bad row named."""
    measured = work.round_get(round_id)
    check_national_team(actor_of(request), measured=measured)
    form, status = AgenciesForm(request.POST or None, request.FILES or None), 200
    faults: tuple[Explained, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["file"].read(LARGEST_BYTES + 1)
            count = agencies_in(measured, content=content, by=actor_of(request))
            messages.success(request, _("%(count)s agencies are in the list.") % {"count": count})
            return redirect("maturity:round", measured.id)
        except TableInvalid as error:
            faults = tuple(explain(fault) for fault in error.faults)
            status = refused(form, error)
        except DomainError as error:
            status = refused(form, error)
    context = {
        "area": "officer",
        "measured": measured,
        "form": form,
        "faults": faults,
        "is_open": measured.state == RoundState.PREPARATION,
        "groups": work.group_counts(measured),
    }
    return render(request, "maturity/work_agencies.html", context, status=status)


@require_safe
@member_page
def agencies_file(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Give the agencies of a round as CSV; spreadsheet programs open it by its byte order mark."""
    measured = work.round_get(round_id)
    text = agencies_out(measured, by=actor_of(request))
    response = HttpResponse(f"\ufeff{text}".encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="instansi-{measured.year}.csv"'
    return response


@require_http_methods(FORM_METHODS)
@member_page
def start(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Ask once more, then start the self-assessment."""
    measured = work.round_get(round_id)
    check_national_team(actor_of(request), measured=measured)
    if request.method == "POST":
        try:
            round_start(measured, by=actor_of(request))
            messages.success(request, _("The self-assessment runs."))
        except DomainError as error:
            messages.error(request, error.in_words)
        return redirect("maturity:round", measured.id)
    context = {
        "area": "officer",
        "title": _("Start the self-assessment of %(year)s?") % {"year": measured.year},
        "text": _("The agencies answer from now on and are reminded. The list of agencies is closed."),
        "action": _("Yes, start"),
        "back": reverse("maturity:round", args=[measured.id]),
        "back_text": measured.name,
    }
    return render(request, "maturity/work_confirm.html", context)
