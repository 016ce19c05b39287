"""The proposer's pages: requests, the form that shows overlaps while it is written, documents, sending, withdrawing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.identity.public import signed_in_required
from terpadu.kernel.errors import DomainError, NotAllowed
from terpadu.portfolio.clearance_wording import explain_fault, explain_upload
from terpadu.portfolio.enums import Part, RequestKind
from terpadu.portfolio.errors import (
    ChangedMeanwhile,
    DocumentRefused,
    RequestIncomplete,
    StepRefused,
)
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import ClearanceRequest
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.selectors.clearance.dossiers import request_get, requests_of, waiting_for
from terpadu.portfolio.selectors.clearance.parts import positions_of
from terpadu.portfolio.services.clearance.delivery import delivery_check
from terpadu.portfolio.services.clearance.documents import document_add, document_open, document_remove
from terpadu.portfolio.services.clearance.drafts import (
    WRITABLE,
    DraftValues,
    draft_save,
    draft_start,
    values_of,
)
from terpadu.portfolio.services.clearance.submission import missing_of, request_submit, request_withdraw
from terpadu.portfolio.web.access import current_actor, viewer
from terpadu.portfolio.web.clearance_forms import (
    CommentForm,
    DocumentForm,
    RequestForm,
    WordsForm,
    take_faults,
)
from terpadu.portfolio.web.clearance_presenters import TAGS, documents_of, dossier_of, looked
from terpadu.portfolio.web.conflicts import Differences, say_changed, say_moved_on

KEPT = ("title", "function", "kind", "subject", "rab_codes")
FIRST = ("agency", "kind", "title", "function", "subject")
"""Fields from which overlaps are looked up; they stand before what exists already."""


def frame(request: HttpRequest, *, place: str) -> dict[str, Any]:
    """Return what every page of clearance needs."""
    by = current_actor(request)
    positions = positions_of(by)
    return {"access": viewer(request), "positions": positions, "here": "clearance", "place": place}


@signed_in_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the requests of the agencies for which one proposes."""
    context = frame(request, place="mine")
    rows = requests_of(context["positions"])
    context |= {
        "rows": [{"row": row, "tag": TAGS[row.state]} for row in rows],
        "may_propose": bool(context["positions"].managed),
        "waiting": len(waiting_for(context["positions"])),
    }
    return render(request, "portfolio/clearance/mine.html", context)


@signed_in_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a request; the page names what exists already before anything is saved."""
    agencies = _agencies(request)
    if not agencies:
        raise NotAllowed()
    initial: dict[str, Any] = {name: request.GET[name] for name in KEPT if name in request.GET}
    form = RequestForm(request.POST or None, agencies=agencies, initial={"kind": "establish", **initial})
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        try:
            agency = form.cleaned_data["agency"]
            row = draft_start(agency_code=agency, values=form.values(), by=current_actor(request))
            messages.success(request, _("The draft is saved. Add documents, then send it in."))
            return redirect("portfolio:clearance_request", row.id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
    return _write(request, form, row=None)


@signed_in_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Write a draft, or a request that was returned. Somebody else's change in between is never overwritten."""
    row, parts = request_get(request_id, by=current_actor(request))
    if Part.PROPOSER not in parts:
        raise NotAllowed()
    if row.state not in WRITABLE and request.method != "POST":
        raise StepRefused(state=row.state, action="save")
    agencies = [(row.agency.code, row.agency.name)]
    form = RequestForm(request.POST or None, agencies=agencies, initial=_initial(row))
    theirs: Differences = []
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            draft_save(row.id, values=form.values(), version=version, by=current_actor(request))
            messages.success(request, _("The request is saved."))
            return redirect("portfolio:clearance_request", row.id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
        except StepRefused:
            say_moved_on(form, row)
        except ChangedMeanwhile as error:
            theirs = say_changed(form, error, version=row.version, stored=asdict(values_of(row)))
    return _write(request, form, row=row, theirs=theirs)


def _write(
    request: HttpRequest,
    form: RequestForm,
    *,
    row: ClearanceRequest | None,
    theirs: Differences | None = None,
) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    values = _typed(typed) if typed is not None else values_of(row) if row else _typed(request.GET)
    agency = row.agency.code if row else str(typed.get("agency", "")) if typed is not None else ""
    context = {
        **frame(request, place="mine"),
        "form": form,
        "first": FIRST,
        "row": row,
        "theirs": theirs,
        "is_closed": row is not None and row.state not in WRITABLE,
        "sectors": reference_architecture().lists["RAB"].children(),
        **looked(values, agency_code=agency, region_code=row.agency.region_code if row else ""),
    }
    if "look" in request.POST:  # the button asks for overlaps alone; nothing is wrong with an unfinished form
        form.errors.clear()
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "portfolio/clearance/write.html", context, status=status)


@signed_in_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Return the overlaps with what has been typed so far, as the part of the page that shows them."""
    if not _agencies(request):
        raise NotAllowed()
    found = looked(_typed(request.POST), agency_code=request.POST.get("agency", ""), region_code="")
    return render(request, "portfolio/clearance/part_overlaps.html", {**found, "is_form": True})


def _typed(data: Any) -> DraftValues:
    """Return what a half-written form says, as far as overlaps need it."""
    kind = data.get("kind", "")

    def text(name: str, most: int) -> str:
        return str(data.get(name, "")).replace("\x00", "").strip()[:most]

    def codes(name: str) -> tuple[str, ...]:
        return tuple(part.strip().upper() for part in text(name, 400).split(";") if part.strip())

    return DraftValues(
        kind=RequestKind(kind) if kind in RequestKind.values else RequestKind.ESTABLISH,
        title=text("title", 200),
        function=text("function", 2000),
        subject=text("subject", 20).upper(),
        rab_codes=codes("rab_codes"),
        ral_codes=codes("ral_codes"),
        rad_codes=codes("rad_codes"),
    )


def _initial(row: ClearanceRequest) -> dict[str, Any]:
    values = values_of(row)
    shown = {name: getattr(values, name) for name in DraftValues.__dataclass_fields__}
    plain = {name: "; ".join(value) if isinstance(value, tuple) else value for name, value in shown.items()}
    return {**plain, "agency": row.agency.code, "version": row.version}


def _agencies(request: HttpRequest) -> list[tuple[str, str]]:
    managed = positions_of(current_actor(request)).managed
    return [(one.agency.code, one.agency.name) for one in managed]


@signed_in_required
@require_safe
def dossier(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a request to those who have a part in it, with what each may do now."""
    return draw_dossier(request, request_id)


def draw_dossier(
    request: HttpRequest, request_id: UUID, *, document: Any = None, comment: Any = None
) -> HttpResponse:
    """Draw the page of a request. document, comment: what was sent and cannot be taken, to be drawn with its faults.

    Raises RequestUnknown and NotAllowed.
    """
    row, parts = request_get(request_id, by=current_actor(request))
    context = frame(request, place="mine" if Part.PROPOSER in parts else "inbox")
    context |= dossier_of(row, parts=parts, positions=context["positions"])
    writable = Part.PROPOSER in parts and row.state in WRITABLE
    if writable:
        context["missing"] = [explain_fault(fault) for fault in missing_of(row)]
    if writable or document:
        context["document_form"] = document or DocumentForm()
    context["comment_form"] = comment or CommentForm(may_hide=context["judges"])
    context["form"] = document or comment
    return render(
        request, "portfolio/clearance/request.html", context, status=422 if context["form"] else 200
    )


@signed_in_required
@require_http_methods(["GET", "POST"])
def document_in(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take a file into a request; what is wrong with it is said, and everything else is kept."""
    if request.method == "GET":
        return _documents(request_id)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        file, kind = form.cleaned_data["file"], form.cleaned_data["kind"]
        try:
            document_add(request_id, kind=kind, name=file.name, content=file, by=current_actor(request))
            messages.success(request, _("The document is added."))
            return _documents(request_id)
        except DocumentRefused as error:
            form.add_error("file", explain_upload(str(error.facts["fault"])))
    return draw_dossier(request, request_id, document=form)


def _documents(request_id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("portfolio:clearance_request", args=[request_id]) + "#documents")


@signed_in_required
@require_POST
def document_out(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Take a file out of a request that is being written."""
    request_id = document_remove(document_id, by=current_actor(request))
    messages.success(request, _("The document is taken out."))
    return _documents(request_id)


@signed_in_required
@require_safe
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Give a file of a request, cut off from everything else: nothing in it runs."""
    found, content = document_open(document_id, by=current_actor(request))
    response = HttpResponse(content, content_type=found.media_type)
    response["Content-Disposition"] = (
        f'attachment; filename="{found.kind}.{found.file_name.rpartition(".")[2]}"'
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@signed_in_required
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Ask once more, then send a request in; what is missing is named and leads back to the form."""
    row, parts = request_get(request_id, by=current_actor(request))
    if Part.PROPOSER not in parts:
        raise NotAllowed()
    if request.method == "POST":
        try:
            sent = request_submit(row.id, by=current_actor(request))
            messages.success(
                request, _("The request is sent in. Its number is %(number)s.") % {"number": sent.number}
            )
        except RequestIncomplete as error:
            for fault in error.faults:
                if isinstance(fault, Fault):
                    messages.error(request, explain_fault(fault))
        return redirect("portfolio:clearance_request", row.id)
    values = values_of(row)
    found = looked(values, agency_code=row.agency.code, region_code=row.agency.region_code)
    context = {**frame(request, place="mine"), "row": row, "documents": documents_of(row), **found}
    return render(request, "portfolio/clearance/submit.html", context)


@signed_in_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Ask once more, then take a request back for good."""
    row, parts = request_get(request_id, by=current_actor(request))
    if Part.PROPOSER not in parts:
        raise NotAllowed()
    form = WordsForm(request.POST or None, label=_("Why? (optional)"), required=False)
    if form.is_valid():
        try:
            request_withdraw(row.id, reason=form.cleaned_data["text"], by=current_actor(request))
            messages.success(request, _("The request is withdrawn. What was written stays on record."))
            return redirect("portfolio:clearance_request", row.id)
        except StepRefused:
            say_moved_on(form, row)
    context = {
        **frame(request, place="mine"),
        "row": row,
        "form": form,
        "title": _("Withdraw this request?"),
        "text": _("It cannot be taken up again; a new request begins anew."),
        "action_text": _("Withdraw it"),
    }
    return render(request, "portfolio/clearance/words.html", context)


@signed_in_required
@require_POST
def deliver(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Look now whether an approved request is delivered."""
    try:
        gaps = delivery_check(request_id, by=current_actor(request))
    except DomainError as error:
        if error.http_status == 404:
            raise
        messages.error(request, error.in_words)
        return redirect("portfolio:clearance_request", request_id)
    if gaps:
        messages.info(request, _("Looked just now: something is still missing."))
    else:
        messages.success(request, _("Everything exists: the request is delivered."))
    return redirect("portfolio:clearance_request", request_id)
