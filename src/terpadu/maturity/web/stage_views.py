"""Work pages of the steps: hand out, send, work offline, object, answer, report, finish; and the whole round."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.kernel.errors import DomainError
from terpadu.maturity.enums import Consent, FindingKind, LocusState, Role, RoundState
from terpadu.maturity.errors import AnswersMissing, NotFinal, TableInvalid
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Locus, Objection
from terpadu.maturity.policies import check_national_team, check_role
from terpadu.maturity.selectors import work
from terpadu.maturity.services.appointments import assessors_distribute, tasks_assign
from terpadu.maturity.services.results import locus_finalise
from terpadu.maturity.services.rounds import round_publish
from terpadu.maturity.services.sheets import LARGEST_BYTES, sheet_in, sheet_out, workbook_out
from terpadu.maturity.services.submission import (
    consent_change,
    finding_write,
    locus_announce,
    locus_submit,
    objection_answer,
    objection_raise,
)
from terpadu.maturity.web.access import actor_of, member_page, seen_locus
from terpadu.maturity.web.forms import (
    FindingsForm,
    ObjectionAnswerForm,
    ReasonForm,
    SheetForm,
    SubmissionForm,
    TaskForm,
)
from terpadu.maturity.web.words import said, value
from terpadu.maturity.web.work_views import locus_context
from terpadu.maturity.wording import Explained, explain

FORM_METHODS = ["GET", "HEAD", "POST"]
SAMPLE_PERCENT = 5  # assumed: no regulation names a share
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(FORM_METHODS)
@member_page
def submit(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Send the self-assessment with the signed minutes and the word on publication."""
    locus, roles = seen_locus(request, locus_id)
    form = SubmissionForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            consent = form.cleaned_data["consent"] == "yes"
            locus_submit(
                locus.id, minutes=form.cleaned_data["minutes"], consent=consent, by=actor_of(request)
            )
            messages.success(
                request, _("The self-assessment is sent. The assessors begin with the documents.")
            )
            return redirect("maturity:board", locus.id)
        except DomainError as error:
            status = refused(form, error)
    context = {**locus_context(locus, roles), "form": form, "title": _("Send the self-assessment")}
    context["action"] = _("Send")
    return render(request, "maturity/work_form.html", context, status=status)


@require_POST
@member_page
def consent(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Agree to publication, or take the agreement back."""
    granted = request.POST.get("consent") == "yes"
    locus = consent_change(locus_id, consent=granted, by=actor_of(request))
    is_granted = locus.consent == Consent.GRANTED
    messages.success(
        request, _("The result may be published.") if is_granted else _("The result will not be published.")
    )
    return redirect("maturity:board", locus_id)


@require_http_methods(FORM_METHODS)
@member_page
def tasks(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Hand several indicators to a unit at once."""
    locus, roles = seen_locus(request, locus_id)
    form = TaskForm(request.POST or None, form=instrument_get(locus.round.instrument_code))
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            count = tasks_assign(
                locus,
                indicators=given["indicators"],
                unit=given["unit"],
                due_on=given["due_on"],
                by=actor_of(request),
            )
            text = ngettext(
                "%(count)s indicator is handed to %(unit)s.",
                "%(count)s indicators are handed to %(unit)s.",
                count,
            )
            messages.success(request, text % {"count": count, "unit": given["unit"]})
            return redirect("maturity:board", locus.id)
        except DomainError as error:
            status = refused(form, error)
    context = {**locus_context(locus, roles), "form": form, "title": _("Hand out indicators")}
    context |= {"action": _("Hand out"), "units": work.units_of(locus)}
    return render(request, "maturity/work_form.html", context, status=status)


@require_safe
@member_page
def sheet_file(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Give the offline sheet as CSV; spreadsheet programs open it by its byte order mark."""
    locus, _roles = seen_locus(request, locus_id)
    text = sheet_out(locus, by=actor_of(request))
    return _download(f"\ufeff{text}".encode(), kind="text/csv; charset=utf-8", locus=locus, ending="csv")


@require_safe
@member_page
def workbook_file(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Give the offline sheet as an Excel workbook."""
    locus, _roles = seen_locus(request, locus_id)
    content = workbook_out(locus, by=actor_of(request))
    return _download(content, kind=WORKBOOK_TYPE, locus=locus, ending="xlsx")


def _download(content: bytes, *, kind: str, locus: Locus, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    name = f"maturitas-{locus.round.year}-{locus.agency_code}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(FORM_METHODS)
@member_page
def sheet(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Take the offline sheet back: all rows or none, each bad row named."""
    locus, roles = seen_locus(request, locus_id)
    form = SheetForm(request.POST or None, request.FILES or None)
    status = 200
    faults: tuple[Explained, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["file"].read(LARGEST_BYTES + 1)
            count = sheet_in(locus.id, content=content, by=actor_of(request))
            messages.success(request, _("%(count)s answers are saved from the sheet.") % {"count": count})
            return redirect("maturity:board", locus.id)
        except TableInvalid as error:
            faults = tuple(explain(fault) for fault in error.faults)
            status = refused(form, error)
        except DomainError as error:
            status = refused(form, error)
    context = {**locus_context(locus, roles), "form": form, "faults": faults}
    return render(request, "maturity/work_sheet.html", context, status=status)


@require_safe
@member_page
def objections(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """List the objections of an agency with their answers."""
    locus, roles = seen_locus(request, locus_id)
    form = instrument_get(locus.round.instrument_code)
    rows = [
        {"row": row, "name": said(form.indicators[row.indicator].name)}
        for row in locus.objections.order_by("raised_at")
    ]
    context = {**locus_context(locus, roles), "rows": rows}
    return render(request, "maturity/work_objections.html", context)


@require_http_methods(FORM_METHODS)
@member_page
def objection(request: HttpRequest, locus_id: UUID, number: str) -> HttpResponse:
    """Contest the level of an indicator."""
    locus, roles = seen_locus(request, locus_id)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            objection_raise(locus.id, indicator=number, reason=reason, by=actor_of(request))
            messages.success(request, _("The objection is sent to the assessors."))
            return redirect("maturity:objections", locus.id)
        except DomainError as error:
            status = refused(form, error)
    title = _("Object to the level of indicator %(number)s") % {"number": number}
    context = {**locus_context(locus, roles), "form": form, "title": title, "action": _("Send the objection")}
    return render(request, "maturity/work_form.html", context, status=status)


@require_http_methods(FORM_METHODS)
@member_page
def objection_decide(request: HttpRequest, locus_id: UUID, objection_id: UUID) -> HttpResponse:
    """Accept or refuse an objection, with the reason."""
    locus, roles = seen_locus(request, locus_id)
    row = Objection.objects.filter(pk=objection_id, locus=locus).first()
    form = ObjectionAnswerForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            accepted = form.cleaned_data["accepted"] == "yes"
            answer = form.cleaned_data["answer"]
            objection_answer(objection_id, accepted=accepted, answer=answer, by=actor_of(request))
            messages.success(request, _("The answer is saved."))
            if accepted and row:
                return redirect("maturity:indicator", locus.id, row.indicator)
            return redirect("maturity:objections", locus.id)
        except DomainError as error:
            status = refused(form, error)
    context = {**locus_context(locus, roles), "form": form, "title": _("Answer the objection")}
    context |= {"action": _("Save the answer"), "quote": row.reason if row else ""}
    return render(request, "maturity/work_form.html", context, status=status)


@require_http_methods(FORM_METHODS)
@member_page
def findings(request: HttpRequest, locus_id: UUID, aspect: str) -> HttpResponse:
    """Write strength, weakness and recommendation of an aspect."""
    locus, roles = seen_locus(request, locus_id)
    form_of = instrument_get(locus.round.instrument_code)
    names = {one.number: said(one.name) for one in form_of.aspects}
    initial = {row.kind: row.text for row in locus.findings.filter(aspect=aspect)}
    form = FindingsForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            for kind in FindingKind:
                text = form.cleaned_data[kind]
                finding_write(locus.id, aspect=aspect, kind=kind, text=text, by=actor_of(request))
            messages.success(request, _("The findings are saved."))
            return redirect("maturity:board", locus.id)
        except DomainError as error:
            status = refused(form, error)
    title = _("Findings: %(aspect)s") % {"aspect": names.get(aspect, aspect)}
    context = {**locus_context(locus, roles), "form": form, "title": title, "action": _("Save")}
    return render(request, "maturity/work_form.html", context, status=status)


@require_http_methods(FORM_METHODS)
@member_page
def announce(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Ask once more, then show the agency the assessors' levels."""
    if request.method != "POST":
        return _sure(
            request,
            locus_id,
            title=_("Show the levels to %(agency)s?"),
            text=_("The agency is told at once and may object. From then on it sees every level you give."),
            action=_("Yes, show them"),
        )
    try:
        locus_announce(locus_id, by=actor_of(request))
        messages.success(request, _("The agency sees the levels now and may object."))
    except AnswersMissing as error:
        missing = {"numbers": ", ".join(error.missing)}
        messages.error(request, _("No level yet for indicators %(numbers)s.") % missing)
    return redirect("maturity:board", locus_id)


@require_http_methods(FORM_METHODS)
@member_page
def finalise(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Ask once more, then make the levels of an agency final."""
    if request.method != "POST":
        return _sure(
            request,
            locus_id,
            title=_("Make the levels of %(agency)s final?"),
            text=_("The index is computed. Levels, explanations and findings cannot be changed any more."),
            action=_("Yes, make them final"),
        )
    try:
        result = locus_finalise(locus_id, by=actor_of(request))
        messages.success(request, _("Final: index %(index)s.") % {"index": value(result.index)})
    except DomainError as error:
        if error.http_status == 404:
            raise
        messages.error(request, error.in_words)
    return redirect("maturity:board", locus_id)


def _sure(request: HttpRequest, locus_id: UUID, *, title: str, text: str, action: str) -> HttpResponse:
    """Ask an assessor once more before a step that cannot be undone. Raises NotFound, NotAllowed."""
    locus, roles = seen_locus(request, locus_id)
    check_role(actor_of(request), locus=locus, roles=[Role.ASSESSOR])
    context = {
        **locus_context(locus, roles),
        "title": title % {"agency": locus.agency_name},
        "text": text,
        "action": action,
    }
    return render(request, "maturity/work_confirm.html", context)


@require_safe
@member_page
def round_board(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show the national team how a round stands, what waits, and how far assessors agree."""
    measured = work.round_get(round_id)
    check_national_team(actor_of(request), measured=measured)
    counts = work.state_counts(measured)
    agreement = work.agreement_of(measured)
    total = sum(counts.values())
    context = {
        "area": "officer",
        "measured": measured,
        "counts": [(LocusState(state).label, count) for state, count in counts.items()],
        "total": total,
        "percent": counts[LocusState.FINAL] * 100 // total if total else 0,
        "waiting": work.waiting_loci(measured),
        "unassigned": work.unassigned_count(measured),
        "pool": len(work.assessor_pool(measured)),
        "sample": work.sample_of(measured, percent=SAMPLE_PERCENT),
        "sample_percent": SAMPLE_PERCENT,
        "items": agreement.items,
        "cohen": value(str(float(agreement.cohen))) if agreement.cohen is not None else "",
        "fleiss": value(str(float(agreement.fleiss))) if agreement.fleiss is not None else "",
        "is_running": measured.state == RoundState.RUNNING,
        "is_open": measured.state == RoundState.PREPARATION,
    }
    return render(request, "maturity/work_round.html", context)


@require_POST
@member_page
def distribute(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Hand the agencies without assessors to the assessors of the round, evenly."""
    measured = work.round_get(round_id)
    try:
        count = assessors_distribute(measured, assessors=work.assessor_pool(measured), by=actor_of(request))
        text = ngettext("%(count)s agency is handed out.", "%(count)s agencies are handed out.", count)
        messages.success(request, text % {"count": count})
    except DomainError as error:
        if error.http_status == 404:
            raise
        messages.error(request, error.in_words)
    return redirect("maturity:round", round_id)


@require_http_methods(FORM_METHODS)
@member_page
def publish(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Ask once more, then publish the results of a round."""
    measured = work.round_get(round_id)
    check_national_team(actor_of(request), measured=measured)
    if request.method == "POST":
        try:
            round_publish(measured, by=actor_of(request))
            messages.success(request, _("The results of %(year)s are public.") % {"year": measured.year})
            return redirect("maturity:overview_of", measured.year)
        except NotFinal as error:
            text = ngettext(
                "%(count)s agency is not final yet: %(agencies)s.",
                "%(count)s agencies are not final yet, such as %(agencies)s.",
                int(str(error.facts["count"])),
            )
            messages.error(request, text % error.facts)
            return redirect("maturity:round", round_id)
    context = {
        "area": "officer",
        "title": _("Publish the results of %(year)s?") % {"year": measured.year},
        "text": _("Everyone sees them at once. This cannot be undone."),
        "action": _("Yes, publish"),
        "back": reverse("maturity:round", args=[measured.id]),
        "back_text": measured.name,
    }
    return render(request, "maturity/work_confirm.html", context)


def refused(form: Form, error: DomainError) -> int:
    """Put a refusal on a form, with what was typed kept; return the status. Re-raises what must not be known."""
    if error.http_status == 404:
        raise error
    text = error.in_words
    if isinstance(error, AnswersMissing):
        text = f"{text} ({', '.join(error.missing)})"
    form.add_error(None, text)
    return error.http_status
