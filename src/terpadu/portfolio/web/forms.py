"""Forms of the portfolio. What they check is only the form of the input; rules and services judge the rest."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from terpadu.kernel.ui.widgets import LimitedFileInput
from terpadu.portfolio.enums import CostKind
from terpadu.portfolio.rules.fields import FIELDS, Kind
from terpadu.portfolio.web.words import CHOICES
from terpadu.portfolio.wording import LABELS, label

HINTS = {
    Kind.LIST: _("Part several with a semicolon."),
    Kind.CHOICES: _("Part several with a semicolon."),
    Kind.CODES: _("Such as RAB.09.06; part several with a semicolon."),
    Kind.CODE: _("Such as RAA.02.01."),
    Kind.DATE: _("Such as 31/12/2024, 31 Desember 2024 or 2024."),
    Kind.MONEY: _("Such as 1.200.000.000 or Rp1,2 M."),
}


class RecordForm(forms.Form):
    """Every field of a record as text, read by the same rules as a list."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in FIELDS.items():
            self.fields[name] = _field(name, field.kind)


class UploadForm(forms.Form):
    """A list, and whose it is."""

    agency = forms.ChoiceField(label=_("Whose list is it?"))
    file = forms.FileField(
        label=_("The list"),
        help_text=_("CSV, XLSX, JSON or publiccode.yml, at most 64 MB and 100,000 rows."),
        allow_empty_file=True,
        widget=LimitedFileInput(accept=".csv,.txt,.tsv,.xlsx,.json,.yml,.yaml"),
    )

    def __init__(self, *args: Any, agencies: list[tuple[str, object]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_several = any(not code for code, _name in agencies)
        self.fields["agency"] = forms.ChoiceField(
            label=_("Whose list is it?"), choices=agencies, required=not has_several
        )


class ColumnsForm(forms.Form):
    """What each column of a list is read as."""

    def __init__(
        self, *args: Any, names: tuple[str, ...], columns: dict[str, str], sample: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = {heading: target for target, heading in columns.items()}
        for at, name in enumerate(names):
            if name:
                example = next((row[at] for row in sample if at < len(row) and row[at].strip()), "")
                self.fields[f"c{at}"] = forms.ChoiceField(
                    label=name,
                    help_text=_("Such as: %(example)s") % {"example": example[:60]} if example else "",
                    choices=_targets(chosen.get(name, "")),
                    initial=chosen.get(name, ""),
                    required=False,
                )

    def columns(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return the heading of each target; of two columns with one target the first counts."""
        found: dict[str, str] = {}
        for at, name in enumerate(names):
            if target := self.cleaned_data.get(f"c{at}", ""):
                found.setdefault(target, name)
        return found


def _targets(chosen: str) -> list[tuple[str, object]]:
    """Return what a column can be read as; costs are offered only where one was recognised."""
    targets: list[tuple[str, object]] = [("", _("Do not read"))]
    targets += [(name, LABELS[name]) for name in ("agency", "code", *FIELDS)]
    if chosen.startswith("cost:"):
        year = chosen.split(":")[1]
        targets += [(f"cost:{year}:{kind}", label(f"cost:{year}:{kind}")) for kind in CostKind.values]
    return targets


def _field(name: str, kind: Kind) -> forms.Field:
    hint = HINTS.get(kind, "")
    if kind is Kind.CHOICE:
        return forms.ChoiceField(
            label=str(LABELS[name]), choices=[("", "–"), *CHOICES[name].choices], required=name == "state"
        )
    widget = forms.Textarea(attrs={"rows": 4}) if kind is Kind.LONG else forms.TextInput()
    return forms.CharField(
        label=str(LABELS[name]), help_text=hint, required=name == "name", widget=widget, strip=True
    )
