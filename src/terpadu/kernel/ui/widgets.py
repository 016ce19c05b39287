"""Form controls that Django does not have: a date in three boxes, a file with its limits said beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

PARTS = ("day", "month", "year")


class DayInput(forms.Widget):
    """Ask for a date in three boxes: day, month, year. Use it with a plain `forms.DateField`.

    What was typed is kept as it is, so that a mistake can be mended instead of typed again.
    """

    template_name = "ui/forms/day.html"
    use_fieldset = True

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return what the template draws: one box for each part with its name, id and text."""
        context = super().get_context(name, value, attrs)
        texts = _parts_of(value)
        base = context["widget"]["attrs"].get("id", "")
        context["widget"]["boxes"] = [
            {"part": part, "name": f"{name}_{part}", "id": f"{base}_{part}", "value": text}
            for part, text in zip(PARTS, texts, strict=True)
        ]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> str:
        """Join the boxes to "year-month-day"; "" when all are empty."""
        day, month, year = (str(data.get(f"{name}_{part}") or "").strip() for part in PARTS)
        return f"{year}-{month}-{day}" if day or month or year else ""

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> bool:
        """Tell whether none of the boxes was sent."""
        return all(f"{name}_{part}" not in data for part in PARTS)

    def id_for_label(self, id_: str) -> str:
        """Return the id of the first box, where an error's link leads to."""
        return f"{id_}_{PARTS[0]}" if id_ else id_


def _parts_of(value: object) -> tuple[str, str, str]:
    if isinstance(value, date):
        return str(value.day), str(value.month), str(value.year)
    parts = str(value or "").split("-")
    return (parts[2], parts[1], parts[0]) if len(parts) == 3 else ("", "", "")


class LimitedFileInput(forms.ClearableFileInput):
    """Choose a file; the accepted kinds are known to the phone's chooser too.

    accept: file endings such as ".pdf,.jpg".
    """

    template_name = "ui/forms/file.html"

    def __init__(self, *, accept: str = "", attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={**(attrs or {}), **({"accept": accept} if accept else {})})
