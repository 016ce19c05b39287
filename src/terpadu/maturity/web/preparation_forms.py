"""Forms of a round in preparation and of appointments. Services judge what they say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from terpadu.directory.public import agency_list
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput
from terpadu.maturity.enums import MeasurementKind, Role
from terpadu.maturity.instruments.loader import instrument_codes, instrument_get
from terpadu.maturity.models import Round
from terpadu.maturity.web.words import said

YEARS = (2018, 2100)


class RoundForm(forms.Form):
    """A year's measurement, and from which round its agencies come."""

    name = WordsField(label=_("Name"), max_length=120, help_text=_("Such as “Evaluasi Pemdi 2027”."))
    year = forms.IntegerField(
        label=_("Year"), validators=[MinValueValidator(YEARS[0]), MaxValueValidator(YEARS[1])]
    )
    instrument = forms.ChoiceField(label=_("Instrument"))
    self_due_on = forms.DateField(label=_("Last day of the self-assessment"), widget=DayInput)
    agencies_of = forms.ChoiceField(
        label=_("Agencies"),
        required=False,
        help_text=_("Those of an earlier round come with their names and groups; a list can be added later."),
    )
    kind = forms.ChoiceField(
        label=_("Kind of measurement"),
        choices=MeasurementKind.choices,
        initial=MeasurementKind.EVALUATION,
        help_text=_("For all agencies taken over. An agency has one of the two in a year, never both."),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        forms_ = [instrument_get(code) for code in instrument_codes()]
        self.fields["instrument"].choices = [  # type: ignore[attr-defined]  # a ChoiceField, as declared above
            (one.code, f"{said(one.name)} ({one.regulation})") for one in reversed(forms_)
        ]
        rounds = Round.objects.order_by("-year", "name")
        self.fields["agencies_of"].choices = [  # type: ignore[attr-defined]  # as above
            ("", _("None yet")),
            *((str(one.id), one.name) for one in rounds),
        ]


class AgenciesForm(forms.Form):
    """The list of agencies as a file."""

    file = forms.FileField(
        label=_("List of agencies"),
        help_text=_("CSV with the columns kode, nama, kelompok, jenis, wilayah."),
        allow_empty_file=True,
    )


class AppointForm(forms.Form):
    """Somebody with an account, named by NIK and name as on the identity card."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    nik = WordsField(
        label=_("NIK"),
        max_length=30,
        help_text=_("The person needs an account."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = WordsField(label=_("Full name"), max_length=120, help_text=_("As on the identity card."))

    def __init__(self, *args: Any, roles: tuple[Role, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]  # a ChoiceField, as declared above


class AgencyAppointForm(AppointForm):
    """Somebody of the agency. unit: of a respondent, as indicators are handed to it."""

    unit = WordsField(
        label=_("Unit"),
        max_length=120,
        required=False,
        help_text=_("For a respondent: the unit to which indicators are handed."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask a respondent's unit."""
        said_ = super().clean() or {}
        if said_.get("role") == Role.RESPONDENT and not said_.get("unit", "").strip():
            self.add_error("unit", _("Write the unit of the respondent."))
        return said_


class RoundAppointForm(AppointForm):
    """Somebody of the national team, an agency's coordinator, or one of its assessors."""

    agency = WordsField(
        label=_("Agency that is measured"),
        max_length=200,
        required=False,
        help_text=_("For a coordinator or an assessor."),
        widget=forms.TextInput(attrs={"list": "agencies", "autocomplete": "off"}),
    )
    home = forms.ChoiceField(
        label=_("Where an assessor comes from"),
        required=False,
        help_text=_("Nobody assesses their own agency, nor an office of it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["home"].choices = [  # type: ignore[attr-defined]  # a ChoiceField, as declared above
            ("", _("No agency (university, expert)")),
            *((one.code, one.name) for one in agency_list()),
        ]
