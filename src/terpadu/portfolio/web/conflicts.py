"""Two people at one thing at once: the second is told what stands there now, and keeps what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from terpadu.kernel.errors import DomainError
from terpadu.kernel.formats import format_date
from terpadu.portfolio.models import ClearanceRequest

Differences = list[tuple[str, str, str]]


def say_moved_on(form: forms.Form, row: ClearanceRequest) -> None:
    """Say on a form that its request has moved on; call it after `is_valid`. The form stays, to be copied from."""
    text = _(
        "Somebody else was faster: the request stands at “%(state)s” now. What you wrote is kept here to copy."
    )
    form.add_error(None, text % {"state": row.get_state_display()})


def say_changed(
    form: forms.Form, error: DomainError, *, version: int, stored: Mapping[str, Any]
) -> Differences:
    """Say on a form that somebody else saved meanwhile, and let it be saved again onto what stands there now.

    version: that stands there now. stored: values by field as they stand there. Returns label, what stands there now and
    what was typed, for each field that differs.
    """
    found = [
        (str(form.fields[name].label), _text(form, name, there), _text(form, name, form.cleaned_data[name]))
        for name, there in stored.items()
        if name in form.cleaned_data and (form.cleaned_data[name] or None) != (there or None)
    ]
    data = sent(form).copy()
    data["version"] = str(version)
    form.data = data
    form.add_error(None, error.in_words)
    return found


def sent(form: forms.Form) -> QueryDict:
    """Return what a browser sent to a form of a page."""
    assert isinstance(form.data, QueryDict)  # noqa: S101 - forms of pages are bound to request.POST
    return form.data


def _text(form: forms.Form, name: str, value: Any) -> str:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        labels = {str(one.data["value"]): str(one.choice_label) for one in form[name].subwidgets}
        return labels.get(str(value), str(value))
    if isinstance(value, date):
        return format_date(value)
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
