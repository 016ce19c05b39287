"""What is filled in about disclosure: in a purpose, when a case is closed, and before the supervisor looks."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from terpadu.exchange.enums import DisclosureKind
from terpadu.exchange.errors.disclosure import LookReasonInvalid
from terpadu.exchange.rules.disclosure import objection_to_disclosure
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu.exchange.services.supervision import LEAST_REASON, LONGEST_REASON
from terpadu.kernel.clock import today
from terpadu.kernel.errors import DomainError
from terpadu.kernel.formats import language
from terpadu.kernel.ui.fields import WordsField
from terpadu_wire.disclosures import LONGEST_DAYS, Disclosure

OBJECTIONS: dict[str, Promise] = {
    "disclosure.ground_unknown": _("Choose the law by which readings may be kept back."),
    "disclosure.by_consent": _("Who agreed to a reading knows of it, so it is shown at once."),
    "disclosure.not_on_this_ground": _("This law does not allow it. Choose another time or another law."),
    "disclosure.too_long": _("This law does not allow it for so long."),
}


class DisclosureFields(forms.Form):
    """When the person sees the exchanges of a purpose, and by which law not at once."""

    disclosure = forms.ChoiceField(
        label=_("When the person sees a reading"),
        choices=DisclosureKind.choices,
        initial=DisclosureKind.NOW,
        help_text=_("Anything but at once needs a law. Both agencies sign it, and it counts for ever."),
    )
    ground = forms.ChoiceField(label=_("By which law not at once"), required=False)
    days = forms.IntegerField(
        label=_("Days after the reading"),
        required=False,
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=_("For a later date; for the end of a case: at the latest after so many days."),
    )
    shown_on = forms.DateField(
        label=_("Or from this day on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("For a later date only, instead of days."),
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data=data, initial=initial)
        field = self.fields["ground"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("None: shown at once"))] + [
                (one.code, one.text.en if language() == "en" else one.text.id)
                for one in disclosure_law().grounds
            ]

    def clean_shown_on(self) -> date | None:
        """Refuse a day that has passed."""
        day: date | None = self.cleaned_data["shown_on"]
        if day is not None and day <= today():
            raise ValidationError(_("Choose a day in the future."))
        return day

    def clean(self) -> dict[str, Any]:
        """Put the rule together, and refuse what no law allows."""
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        kind = given["disclosure"]
        if kind == DisclosureKind.DELAYED and bool(given["days"]) == bool(given["shown_on"]):
            raise ValidationError({"days": _("Give the days, or a day from which on it is shown.")})
        if kind == DisclosureKind.CLOSED and not given["days"]:
            raise ValidationError({"days": _("Give the days after which it is shown at the latest.")})
        if kind != DisclosureKind.NOW and not given["ground"]:
            raise ValidationError({"ground": OBJECTIONS["disclosure.ground_unknown"]})
        given["rule"] = _rule(kind, given)
        self._check_law(given)
        return given

    def _check_law(self, given: dict[str, Any]) -> None:
        by_consent = given.get("basis") == "consent"
        rules = disclosure_law().rules()
        objection = objection_to_disclosure(given["rule"], rules, today=today(), is_by_consent=by_consent)
        if objection:
            place = "days" if objection == "disclosure.too_long" else "disclosure"
            raise ValidationError({place: OBJECTIONS[objection]})


def _rule(kind: str, given: dict[str, Any]) -> Disclosure:
    """Return the rule that was filled in; what does not belong to its class is left out."""
    found = disclosure_law().rules().get(given["ground"])
    ground = found.ground if found is not None else None
    if kind == DisclosureKind.DELAYED:
        day = given["shown_on"].isoformat() if given["shown_on"] else None
        return Disclosure(kind="delayed", days=given["days"], date=day, ground=ground)
    if kind == DisclosureKind.CLOSED:
        return Disclosure(kind="closed", days=given["days"], ground=ground)
    return Disclosure(kind="supervisor", ground=ground) if kind == DisclosureKind.SUPERVISOR else Disclosure()


def initial_of_disclosure(disclosure: Disclosure) -> dict[str, Any]:
    """Return the first values of the fields, out of a draft."""
    return {
        "disclosure": disclosure.kind,
        "ground": disclosure.ground.code if disclosure.ground else "",
        "days": disclosure.days,
        "shown_on": date.fromisoformat(disclosure.date) if disclosure.date else None,
    }


class LookForm(forms.Form):
    """Whom the supervisor looks at and why. reading: number of a hidden reading to begin from, instead of a NIK."""

    nik = WordsField(
        label=_("NIK"),
        max_length=25,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Of whom the complaint or the inquiry is about. It is not kept."),
    )
    reason = WordsField(
        label=_("Why you look"),
        min_length=LEAST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Kept for ever with your name, and read by the operator. No name or number of a person."),
        error_messages={"min_length": _("Write at least twenty characters, so that it can be understood.")},
    )

    def __init__(self, data: Any = None, *, reading: str) -> None:
        super().__init__(data=data)
        self.reading: UUID | None = None
        if reading:
            self.reading = _uuid_or_none(reading)
            del self.fields["nik"]

    def object_to(self, error: DomainError) -> None:
        """Say at its field why the look is refused."""
        place = "reason" if isinstance(error, LookReasonInvalid) else "nik" if "nik" in self.fields else None
        self.add_error(place, error.in_words)

    def clean(self) -> dict[str, Any]:
        """Refuse a number that is no exchange's."""
        given: dict[str, Any] = super().clean() or {}
        if "nik" not in self.fields and self.reading is None:
            raise ValidationError(_("This is not the number of a reading."))
        return given


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
