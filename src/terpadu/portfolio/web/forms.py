"""Forms of the portfolio. What they check is only the form of the input; rules and services judge the rest."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from terpadu.kernel.clock import today
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import LimitedFileInput
from terpadu.portfolio.enums import CHOICES, CostKind, LifeState
from terpadu.portfolio.rules.fields import FIELDS, Kind
from terpadu.portfolio.web.clearance_forms import RupiahField
from terpadu.portfolio.wording import LABELS, label

HINTS = {
    Kind.LIST: _("Part several with a semicolon."),
    Kind.CODES: _("Such as RAB.09.06; part several with a semicolon."),
    Kind.CODE: _("Such as RAA.02.01."),
    Kind.DATE: _("Such as 31/12/2024, 31 Desember 2024 or 2024."),
    Kind.MONEY: _("Such as 1.200.000.000 or Rp1,2 M."),
}


GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("What it is"),
        ("name", "short_name", "local_id", "function", "description", "state", "application_class", "raa_code"),
    ),
    (pgettext_lazy("portfolio", "What it is for"), ("rab_codes", "ral_codes", "rad_codes", "services", "data_used", "outputs")),
    (_("Who uses it, and where"), ("user_groups", "users_actual", "users_target", "platforms", "url", "store_ids")),
    (_("Its life"), ("planned_on", "building_on", "live_on", "ending_on", "ended_on", "successor")),
    (_("What it is connected with"), ("interfaces", "dependents", "clients", "related")),
    (
        _("Technology and security"),
        (
            "server", "hosting", "languages", "frameworks", "databases", "licence", "repository", "developer_unit",
            "operator_unit", "security_category", "criticality", "audited_on",
        ),
    ),
    (
        _("Money and contract"),
        ("funding", "contract_number", "contract_vendor", "contract_value", "contract_until"),
    ),
)  # fmt: skip
"""The fields of a record as a page asks for them; each belongs to one group."""
COST_YEARS = 3


class RecordForm(forms.Form):
    """Every field of a record as text, read by the same rules as a list, and the cost of the latest years.

    Each field carries what stood there when the page was made, so that only what somebody changed is written.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in FIELDS.items():
            self.fields[name] = _field(name, field.kind)
        for year, kind in cost_keys():
            self.fields[f"cost_{year}_{kind}"] = RupiahField(label=CostKind(kind).label, required=False)
        for field_ in self.fields.values():
            field_.show_hidden_initial = True
        self.fields["version"].show_hidden_initial = False

    def texts(self) -> dict[str, str]:
        """Return what was written into fields of the record, by field: as text, and only what differs from what stood there."""
        return {name: _as_text(self.cleaned_data[name]) for name in FIELDS if name in self._written()}

    def costs(self) -> dict[tuple[int, str], int]:
        """Return the amounts that were written, in rupiah by year and kind."""
        written = self._written()
        found = {(year, kind): f"cost_{year}_{kind}" for year, kind in cost_keys()}
        return {
            key: self.cleaned_data[name]
            for key, name in found.items()
            if name in written and self.cleaned_data[name] is not None
        }

    def _written(self) -> set[str]:
        """Return the names of the fields to write: those that were changed, all of a form that does not say what stood there."""
        knows = self.add_initial_prefix("name") in self.data
        return set(self.changed_data if knows else self.cleaned_data) & set(self.cleaned_data)

    def groups(self) -> list[dict[str, Any]]:
        """Return the fields by group, each with whether it is to be open: the first, and those with something to mend."""
        found: list[dict[str, Any]] = []
        for title, names in GROUPS:
            fields = [self[name] for name in names]
            found.append({"title": title, "fields": fields, "costs": [], "is_open": not found})
        found[-1]["costs"] = [
            (year, [self[f"cost_{year}_{kind}"] for kind in CostKind.values]) for year in cost_years()
        ]
        for group in found:
            shown = [*group["fields"], *(one for _year, row in group["costs"] for one in row)]
            group["is_open"] = group["is_open"] or any(one.errors for one in shown)
            group["said"] = sum(bool(one.value()) for one in shown)
            group["count"] = len(shown)
        return found


class EntryForm(RecordForm):
    """A record that somebody registers by hand. What is only planned comes in by its clearance, so that state is not offered.

    known: code of the record that the agency has already, "" for none.
    """

    known = ""

    def __init__(self, *args: Any, agencies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]
        agency = forms.ChoiceField(label=_("Whose application is it?"), choices=agencies)
        if len(agencies) == 1:
            agency.widget, self.initial["agency"] = forms.HiddenInput(), agencies[0][0]
        self.fields = {"agency": agency, **self.fields}
        states = [one for one in LifeState.choices if one[0] != LifeState.PLANNED]
        self.fields["state"] = forms.ChoiceField(
            label=str(LABELS["state"]), choices=states, initial=LifeState.LIVE
        )
        for field in self.fields.values():
            field.show_hidden_initial = False


def cost_years() -> list[int]:
    """Return the years whose cost a page asks for, latest first."""
    return [today().year - back for back in range(COST_YEARS)]


def cost_keys() -> list[tuple[int, str]]:
    """Return year and kind of each amount that a page asks for."""
    return [(year, kind) for year in cost_years() for kind in CostKind.values]


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
    if kind is Kind.CHOICES:
        return forms.MultipleChoiceField(
            label=str(LABELS[name]),
            choices=CHOICES[name].choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    widget = forms.Textarea(attrs={"rows": 4}) if kind is Kind.LONG else forms.TextInput()
    return WordsField(
        label=str(LABELS[name]), help_text=hint, required=name == "name", widget=widget, strip=True
    )


def _as_text(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)
