"""My data: a copy, corrections, limits, withdrawal, the end of the account; and the officers' queue."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.enums import DataRight
from terpadu.identity.errors import DataRequestUnknown
from terpadu.identity.policies.access import (
    P,
    View,
    current_actor,
    current_person,
    officer_required,
    signed_in_required,
)
from terpadu.identity.selectors.accounts import person_get
from terpadu.identity.selectors.reference import rights_law
from terpadu.identity.selectors.rights import (
    data_request_find,
    data_requests_of,
    data_requests_open,
)
from terpadu.identity.services import rights
from terpadu.identity.web.account import fresh_required
from terpadu.identity.web.person_forms import AnswerForm, DataRequestForm
from terpadu.identity.web.readable import readable
from terpadu.kernel.clock import today
from terpadu.kernel.errors import DomainError
from terpadu.kernel.formats import language

ASKED: dict[str, tuple[DataRight, str | Promise]] = {
    "perbaikan": (DataRight.CORRECTION, gettext_lazy("Which data are wrong, and what is right?")),
    "pembatasan": (
        DataRight.RESTRICTION,
        gettext_lazy("Which use of your data should stop or wait, and why?"),
    ),
    "penarikan": (DataRight.WITHDRAWAL, gettext_lazy("Which consent do you withdraw?")),
}


@never_cache
@require_http_methods(["GET"])
@signed_in_required
def rights_page(request: HttpRequest) -> HttpResponse:
    """Show the rights with their articles and clocks, and one's requests."""
    law = rights_law()
    rows = [(right, law.rights[right.value]) for right in DataRight]
    context = {"law": law, "rights": rows, "requests": data_requests_of(current_person(request))}
    return render(request, "identity/rights.html", context)


@require_POST
@fresh_required
def copy_file(request: HttpRequest) -> HttpResponse:
    """Give the copy of one's data as JSON."""
    found = rights.access_copy(current_person(request), by=current_actor(request))
    text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="terpadu-{today().isoformat()}.json"'
    return response


@require_http_methods(["GET", "POST"])
@fresh_required
def copy_page(request: HttpRequest) -> HttpResponse:
    """Show the copy of one's data as a page that can be read and printed; by POST, because it is noted."""
    if request.method == "GET":
        return HttpResponseRedirect(reverse("identity:rights"))
    found = rights.access_copy(current_person(request), by=current_actor(request))
    sections = [
        {
            "title": section["title"].get(language(), section["key"]),
            "purpose": section["purpose"].get(language(), ""),
            "owner": section["owner"],
            "lines": readable(section["data"]),
            "is_missing": "unavailable" in section,
        }
        for section in found["sections"]
    ]
    return render(request, "identity/rights_copy.html", {"sections": sections, "copy": found})


@require_http_methods(["GET", "POST"])
@signed_in_required
def ask_page(request: HttpRequest, asked: str) -> HttpResponse:
    """Use one of the rights that somebody answers."""
    if asked not in ASKED:
        raise DataRequestUnknown()
    right, question = ASKED[asked]
    sections = [(s.key, s.title.get(language(), s.key)) for s in rights.data_sections()]
    form = DataRequestForm(request.POST or None, sections=sections)
    form.fields["words"].label = str(question)
    if request.method == "POST" and form.is_valid():
        try:
            rights.data_request_make(
                current_person(request),
                right=right,
                section=form.cleaned_data["section"],
                words=form.cleaned_data["words"],
                by=current_actor(request),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Sent. You see the answer and its time limit below."))
            return HttpResponseRedirect(reverse("identity:rights"))
    context = {"form": form, "right": right, "law": rights_law().rights[right.value]}
    return render(request, "identity/rights_ask.html", context)


@require_http_methods(["GET", "POST"])
@fresh_required
def delete_page(request: HttpRequest) -> HttpResponse:
    """Ask to delete one's account; it happens after three days, and can be taken back until then."""
    if request.method == "POST":
        rights.data_request_make(
            current_person(request), right=DataRight.DELETION, section="", words="", by=current_actor(request)
        )
        messages.success(
            request, _("Your account will be deleted in three days. Until then you can take it back.")
        )
        return HttpResponseRedirect(reverse("identity:rights"))
    return render(request, "identity/rights_delete.html", {"law": rights_law()})


@require_POST
@signed_in_required
def cancel(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take one's own request back, or lift a limit."""
    rights.data_request_cancel(request_id, by=current_actor(request))
    messages.success(request, _("Taken back."))
    return HttpResponseRedirect(reverse("identity:rights"))


def _answering(view: View[P]) -> View[P]:
    return officer_required(*rights_law().positions)(view)


@never_cache
@require_http_methods(["GET"])
@_answering
def queue_page(request: HttpRequest) -> HttpResponse:
    """List what an agency has to answer, the most urgent first."""
    context = {"waiting": data_requests_open(current_actor(request).agency), "area": "officer"}
    return render(request, "identity/rights_queue.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@_answering
def answer_page(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Answer one request."""
    actor, found = current_actor(request), data_request_find(request_id)
    if found is None or not found.is_open or found.agency_code != actor.agency:
        raise DataRequestUnknown()
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        rights.data_request_decide(
            request_id,
            is_granted=form.cleaned_data["verdict"] == "grant",
            answer=form.cleaned_data["answer"],
            by=actor,
        )
        messages.success(request, _("Answered. The person has been told."))
        return HttpResponseRedirect(reverse("identity:rights_queue"))
    context = {
        "form": form,
        "asked": found,
        "person": person_get(found.person_id),
        "law": rights_law().rights[found.right],
        "area": "officer",
    }
    return render(request, "identity/rights_answer.html", context)
