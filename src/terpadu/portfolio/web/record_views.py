"""One application: its record and its history."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from terpadu.kernel.formats import format_rupiah
from terpadu.portfolio.reference import completeness_parts
from terpadu.portfolio.rules.completeness import missing_parts
from terpadu.portfolio.selectors.applications import (
    INTERNAL_FIELDS,
    PUBLIC_FIELDS,
    ApplicationView,
    application_by_code,
    changes_of,
)
from terpadu.portfolio.web.access import viewer
from terpadu.portfolio.web.words import STATE_TAGS, said
from terpadu.portfolio.wording import label, said_again

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
                "before": said_again(one.field, one.before),
                "after": said_again(one.field, one.after),
                "source": one.get_source_display(),
                "origin": one.origin,
            }
            for one in changes_of(view.id, limit=SHOWN_CHANGES)
        ],
    }


def _facts(view: ApplicationView, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return label and value of each field that says something."""
    texts = ((name, said(name, view.values[name])) for name in names if name not in HEAD_FIELDS)
    return [(str(label(name)), text) for name, text in texts if text]


def _silent(view: ApplicationView, names: tuple[str, ...]) -> str:
    """Return the labels of the fields that say nothing, as one line."""
    silent = [name for name in names if name not in HEAD_FIELDS and not said(name, view.values[name])]
    return ", ".join(str(label(name)) for name in silent)
