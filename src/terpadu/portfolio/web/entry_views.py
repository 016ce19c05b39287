"""Records written by hand: registering one application, with what exists already beside it, and mending a record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.directory.public import agency_list
from terpadu.identity.public import signed_in_required
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.enums import LifeState, RequestKind
from terpadu.portfolio.errors import (
    ApplicationKnown,
    ApplicationUnknown,
    ChangedMeanwhile,
    RecordInvalid,
    SuccessorCycle,
)
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.policies import Access
from terpadu.portfolio.reference import completeness_parts, vocabulary
from terpadu.portfolio.rules.completeness import completeness, missing_parts
from terpadu.portfolio.rules.fields import FIELDS, Value, written
from terpadu.portfolio.rules.records import read_texts
from terpadu.portfolio.selectors.applications import ApplicationView, application_by_code
from terpadu.portfolio.services.applications import application_enter, application_update
from terpadu.portfolio.services.clearance.drafts import DraftValues
from terpadu.portfolio.web.access import current_actor, member_access, viewer
from terpadu.portfolio.web.clearance_presenters import looked
from terpadu.portfolio.web.conflicts import Differences, sent
from terpadu.portfolio.web.forms import EntryForm, RecordForm, cost_keys
from terpadu.portfolio.wording import explain, label, said_again

MISSING_SHOWN = 4


@signed_in_required
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Register one application that exists; what may be the same application is named before anything is saved."""
    access = member_access(request)
    initial = {"agency": request.GET.get("instansi", "")}
    form = EntryForm(request.POST or None, agencies=_agencies(access), initial=initial)
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        made = _enter(request, form)
        if made:
            messages.success(request, _("The application is registered as %(code)s.") % {"code": made.code})
            return HttpResponseRedirect(reverse("portfolio:record", args=[made.code]))
    context = {"form": form, "access": access, "here": "work", **_seen(form, _typed(request))}
    if "look" in request.POST:  # the button asks what exists; nothing is wrong with an unfinished form
        form.errors.clear()
    return render(
        request, "portfolio/enter.html", context, status=422 if form.is_bound and form.errors else 200
    )


@signed_in_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Return completeness and possible doubles of what has been typed so far, as the part of the page that shows them."""
    form = EntryForm(request.POST, agencies=_agencies(member_access(request)))
    return render(request, "portfolio/part_enter_look.html", _seen(form, _typed(request)))


def _agencies(access: Access) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in agency_list() if access.writes(one.code)]


def _typed(request: HttpRequest) -> DraftValues:
    """Return what a half-written form says, as far as overlaps need it."""

    def text(name: str, most: int) -> str:
        return request.POST.get(name, "").replace("\x00", "").strip()[:most]

    codes = tuple(part.strip().upper() for part in text("rab_codes", 400).split(";") if part.strip())
    return DraftValues(
        kind=RequestKind.ESTABLISH, title=text("name", 200), function=text("function", 2000), rab_codes=codes
    )


def _seen(form: EntryForm, typed: DraftValues) -> dict[str, Any]:
    """Return what stands beside the form: how complete the record would be, what it lacks most, what exists already."""
    form.is_valid()
    texts = form.texts() if form.is_bound else {}
    values, _faults = read_texts(texts, words=vocabulary())
    said = {"state": LifeState.LIVE.value, **values, "costs": form.costs() if form.is_bound else {}}
    missing = missing_parts(said, parts=completeness_parts())[:MISSING_SHOWN]
    return {
        "percent": completeness(said, parts=completeness_parts()),
        "missing": [", ".join(str(label(name)) for name in part.fields) for part in missing],
        **looked(typed, agency_code=str(form.data.get("agency", ""))),
    }


def _enter(request: HttpRequest, form: EntryForm) -> ApplicationView | None:
    """Register what was typed; None with the faults on the form."""
    values = _read(form)
    if values is None:
        return None
    agency, by = form.cleaned_data["agency"], current_actor(request)
    try:
        return application_enter(agency_code=agency, values=values, costs=form.costs(), by=by)
    except ApplicationKnown as error:
        form.known = error.application_code
        form.add_error("name", error.in_words)
    except (RecordInvalid, SuccessorCycle, ApplicationUnknown) as error:
        _take(form, error)
    return None


@signed_in_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Mend a record. Somebody else's change in between is never overwritten, and nothing that was typed is lost."""
    view = application_by_code(code)
    access = viewer(request)
    if not access.writes(view.agency_code):
        raise NotAllowed()
    form = RecordForm(request.POST or None, initial=_initial(view))
    context: dict[str, Any] = {"view": view, "access": access}
    if request.method == "POST" and form.is_valid():
        try:
            if _save(request, form, view):
                messages.success(request, _("The record is saved."))
                return HttpResponseRedirect(reverse("portfolio:record", args=[code]))
        except ChangedMeanwhile as error:
            fresh = application_by_code(code)
            form, context["theirs"] = _rebased(form, fresh)
            form.add_error(None, error.in_words)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "portfolio/edit.html", {**context, "form": form}, status=status)


def _initial(view: ApplicationView) -> dict[str, Any]:
    costs = {(one.year, one.kind): one.rupiah for one in view.costs}
    amounts = {f"cost_{year}_{kind}": costs.get((year, kind)) for year, kind in cost_keys()}
    texts: dict[str, Any] = {name: written(value) for name, value in view.values.items()}
    platforms = view.values["platforms"]
    return {**texts, **amounts, "platforms": platforms, "version": view.version}


def _save(request: HttpRequest, form: RecordForm, view: ApplicationView) -> bool:
    """Save what was changed; False with the faults on the form. Raises ChangedMeanwhile."""
    values = _read(form)
    if values is None:
        return False
    version, by = form.cleaned_data["version"], current_actor(request)
    try:
        application_update(view.id, values=values, costs=form.costs(), version=version, by=by)
        return True
    except (RecordInvalid, SuccessorCycle, ApplicationUnknown) as error:
        _take(form, error)
    return False


def _rebased(form: RecordForm, fresh: ApplicationView) -> tuple[RecordForm, Differences]:
    """Return a form onto the record as it stands now, with what was typed, and what somebody else changed meanwhile.

    The second: label, what stands there now, and what was typed ("" where nothing was). Fields that were not touched
    show what was saved meanwhile.
    """
    initial, typed = _initial(fresh), set(form.changed_data)
    was, theirs = sent(form), []
    data = was.copy()
    for name in form.fields:
        if name == "version":
            continue
        now_there = "" if initial[name] is None else written(initial[name])
        was_there = "; ".join(was.getlist(form.add_initial_prefix(name)))
        if now_there != was_there:
            mine = "; ".join(was.getlist(name)) if name in typed else ""
            theirs.append((str(form.fields[name].label), said_again(name, now_there), said_again(name, mine)))
        parts = list(initial[name]) if name == "platforms" else [now_there]
        data.setlist(form.add_initial_prefix(name), parts)
        if name not in typed:
            data.setlist(name, parts)
    data["version"] = str(fresh.version)
    rebased = RecordForm(data, initial=initial)
    rebased.is_valid()
    return rebased, theirs


def _read(form: RecordForm) -> dict[str, Value] | None:
    """Return what was typed as values of a record; None with the faults on the form."""
    values, faults = read_texts(form.texts(), words=vocabulary())
    _add(form, faults)
    return None if faults else values


def _take(form: RecordForm, error: RecordInvalid | SuccessorCycle | ApplicationUnknown) -> None:
    if isinstance(error, RecordInvalid):
        _add(form, [fault for fault in error.faults if isinstance(fault, Fault)])
    else:
        form.add_error("successor", error.in_words)


def _add(form: RecordForm, faults: list[Fault]) -> None:
    for fault in faults:
        words = explain(fault)
        form.add_error(fault.column if fault.column in FIELDS else None, f"{words.message} {words.remedy}")
