"""Evidence on the page of its indicator: add a file, a link or what the platform sees, read, withdraw, carry over."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError, NotFound
from terpadu.maturity.enums import EvidenceKind
from terpadu.maturity.errors import EvidenceRefused
from terpadu.maturity.models import Evidence, Locus
from terpadu.maturity.services.evidence import (
    evidence_add_file,
    evidence_add_link,
    evidence_add_platform,
    evidence_carry_over,
    evidence_path,
    evidence_withdraw,
)
from terpadu.maturity.web.access import actor_of, member_page, seen_locus
from terpadu.maturity.web.forms import EvidenceFactForm, EvidenceFileForm, EvidenceLinkForm
from terpadu.maturity.web.stage_views import refused
from terpadu.maturity.web.work_views import asked_of, draw_indicator

EvidenceForm = EvidenceFileForm | EvidenceLinkForm | EvidenceFactForm


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def evidence_add(request: HttpRequest, locus_id: UUID, number: str) -> HttpResponse:
    """Take a file, a link or a fact of the platform as evidence; what cannot be taken stays on the page with the reason.

    Who comes back to this address without sending anything is led to the indicator.
    """
    locus, roles = seen_locus(request, locus_id)
    if request.method != "POST":
        return _back(locus.id, number)
    form, status = _form(request), 422
    if form.is_valid():
        try:
            _keep(locus, number=number, form=form, by=actor_of(request))
            messages.success(request, _("The evidence is added."))
            return _back(locus.id, number)
        except EvidenceRefused as error:
            form.add_error(form.asks, error.in_words)
        except DomainError as error:
            status = refused(form, error)
    asked = asked_of(locus, roles, number=number)
    changed = {f"{form.part}_form": form, "wrong": form}
    return draw_indicator(request, locus, roles, asked=asked, status=status, **changed)


def _form(request: HttpRequest) -> EvidenceForm:
    if "fact" in request.POST:
        return EvidenceFactForm(request.POST)
    return (
        EvidenceLinkForm(request.POST)
        if "url" in request.POST
        else EvidenceFileForm(request.POST, request.FILES)
    )


def _keep(locus: Locus, *, number: str, form: EvidenceForm, by: Actor) -> None:
    given = form.cleaned_data
    if isinstance(form, EvidenceFileForm):
        file = given["file"]
        evidence_add_file(locus.id, indicator=number, title=file.name or "", content=file, by=by)
    elif isinstance(form, EvidenceLinkForm):
        evidence_add_link(locus.id, indicator=number, title=given["title"], url=given["url"], by=by)
    else:
        evidence_add_platform(locus.id, indicator=number, key=given["fact"], by=by)


def _back(locus_id: UUID, number: str) -> HttpResponse:
    return redirect(reverse("maturity:indicator", args=[locus_id, number]) + "#evidence")


@require_POST
@member_page
def evidence_remove(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """Withdraw a piece of evidence."""
    row = Evidence.objects.filter(pk=evidence_id).first()
    if row is None:
        raise NotFound()
    evidence_withdraw(evidence_id, by=actor_of(request))
    messages.success(request, _("The evidence is withdrawn; it stays on record."))
    return _back(row.locus_id, row.indicator)


@require_safe
@member_page
def evidence_file(request: HttpRequest, evidence_id: UUID) -> HttpResponseBase:
    """Give the file of a piece of evidence to the people of the agency and its assessors, as a download."""
    row = Evidence.objects.filter(pk=evidence_id, kind=EvidenceKind.FILE).first()
    if row is None:
        raise NotFound()
    seen_locus(request, row.locus_id)
    return FileResponse(
        evidence_path(row.sha256).open("rb"),
        as_attachment=True,
        filename=row.title,
        content_type="application/octet-stream",
    )


@require_POST
@member_page
def carry_over(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Carry last year's evidence over."""
    count = evidence_carry_over(locus_id, by=actor_of(request))
    text = _("%(count)s pieces of evidence are carried over, with their first date.") % {"count": count}
    messages.success(request, text)
    return redirect("maturity:board", locus_id)
