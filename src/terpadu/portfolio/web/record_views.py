"""One application: its record, its history, and the page on which it is mended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.identity.public import signed_in_required
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.formats import format_rupiah
from terpadu.portfolio.errors import ApplicationUnknown, ChangedMeanwhile, RecordInvalid, SuccessorCycle
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.reference import completeness_parts, vocabulary
from terpadu.portfolio.rules.completeness import missing_parts
from terpadu.portfolio.rules.fields import FIELDS, written
from terpadu.portfolio.rules.records import read_texts
from terpadu.portfolio.selectors.applications import (
    INTERNAL_FIELDS,
    PUBLIC_FIELDS,
    ApplicationView,
    application_by_code,
    changes_of,
)
from terpadu.portfolio.services.applications import application_update
from terpadu.portfolio.web.access import current_actor, viewer
from terpadu.portfolio.web.forms import RecordForm
from terpadu.portfolio.web.words import STATE_TAGS, said
from terpadu.portfolio.wording import explain, label

HEAD_FIELDS = ("name", "state", "successor")
SHOWN_CHANGES = 100


@require_safe
def record(request: HttpRequest, code: str) -> HttpResponse:
    """Show a record: the public part to everyone, all of it with its history to those with rights."""
    access = viewer(request)
    view = application_by_code(code)
    is_internal = access.sees_internal(view.agency_code)
    context: dict[str, Any] = {
        "view": view,
        "access": access,
        "tag": STATE_TAGS[view.state],
        "state": said("state", view.state),
        "successor": view.values["successor"],
        "facts": _facts(view, PUBLIC_FIELDS),
        "silent": _silent(view, PUBLIC_FIELDS),
        "is_internal": is_internal,
        "may_write": access.writes(view.agency_code),
    }
    if is_internal:
        context |= _internal(view)
    return render(request, "portfolio/record.html", context)


def _internal(view: ApplicationView) -> dict[str, Any]:
    missing = missing_parts({**view.values, "costs": view.costs}, parts=completeness_parts())
    return {
        "internal": _facts(view, INTERNAL_FIELDS),
        "silent_internal": _silent(view, INTERNAL_FIELDS),
        "costs": [
            (one.year, label(f"cost:{one.year}:{one.kind}"), format_rupiah(one.rupiah)) for one in view.costs
        ],
        "missing": [", ".join(str(label(name)) for name in part.fields) for part in missing[:5]],
        "changes": [
            {
                "at": one.at,
                "field": label(one.field),
                "before": one.before,
                "after": one.after,
                "source": one.get_source_display(),
                "origin": one.origin,
            }
            for one in changes_of(view.id, limit=SHOWN_CHANGES)
        ],
    }


@signed_in_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Mend a record. Somebody else's change in between is never overwritten."""
    view = application_by_code(code)
    access = viewer(request)
    if not access.writes(view.agency_code):
        raise NotAllowed()
    form = RecordForm(request.POST or None, initial=_initial(view))
    if request.method == "POST" and form.is_valid() and _save(request, form, view):
        messages.success(request, _("The record is saved."))
        return HttpResponseRedirect(reverse("portfolio:record", args=[code]))
    return render(request, "portfolio/edit.html", {"form": form, "view": view, "access": access})


def _initial(view: ApplicationView) -> dict[str, Any]:
    texts = {name: written(value) for name, value in view.values.items()}
    return {**texts, "version": view.version}


def _save(request: HttpRequest, form: RecordForm, view: ApplicationView) -> bool:
    """Save what was typed; False with the faults on the form."""
    texts = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
    values, faults = read_texts(texts, words=vocabulary())
    if not faults:
        try:
            version = form.cleaned_data["version"]
            application_update(view.id, values=values, version=version, by=current_actor(request))
            return True
        except RecordInvalid as error:
            faults = [fault for fault in error.faults if isinstance(fault, Fault)]
        except (SuccessorCycle, ApplicationUnknown) as error:
            form.add_error("successor", f"{error.title} {error.next_step}")
        except ChangedMeanwhile as error:
            form.add_error(None, f"{error.title} {error.next_step}")
    for fault in faults:
        words = explain(fault)
        form.add_error(
            fault.column if fault.column in form.fields else None, f"{words.message} {words.remedy}"
        )
    return False


def _facts(view: ApplicationView, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return label and value of each field that says something."""
    texts = ((name, said(name, view.values[name])) for name in names if name not in HEAD_FIELDS)
    return [(str(label(name)), text) for name, text in texts if text]


def _silent(view: ApplicationView, names: tuple[str, ...]) -> str:
    """Return the labels of the fields that say nothing, as one line."""
    silent = [name for name in names if name not in HEAD_FIELDS and not said(name, view.values[name])]
    return ", ".join(str(label(name)) for name in silent)
