"""Forms about persons: proofing, mandates, recovery, data rights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from terpadu.identity.enums import EvidenceKind
from terpadu.identity.rules.accounts import NAME_MAX, PASSWORD_MIN_ALONE
from terpadu.identity.rules.mandates import ALL_SERVICES
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services.cross_device import SHARED
from terpadu.identity.web.forms import NewPasswordForm, NikField, RefusableForm
from terpadu.kernel.clock import today
from terpadu.kernel.formats import language
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput

SEEN_IN_PERSON = (
    EvidenceKind.IDENTITY_CARD,
    EvidenceKind.PASSPORT,
    EvidenceKind.FAMILY_CARD,
    EvidenceKind.CHILD_CARD,
)
OF_GUARDIANS = (EvidenceKind.COURT_DECISION, EvidenceKind.WILL, EvidenceKind.BIRTH_DEED)
SHARED_WORDS = {
    "name": _("Full name"),
    "birth_on": _("Date of birth"),
    "sex": _("Sex"),
    "nik": _("NIK"),
}


def _choices(kinds: tuple[EvidenceKind, ...]) -> list[tuple[str, Any]]:
    return [(kind.value, kind.label) for kind in kinds]


def _radio(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect())


class TypedCodeForm(RefusableForm):
    """A code read from another screen or a paper."""

    code = WordsField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class ConfirmPersonForm(RefusableForm):
    """An officer confirms who stands at the counter."""

    evidence = _radio(_("What did you see and compare with the person?"), _choices(SEEN_IN_PERSON))
    is_same = forms.BooleanField(
        label=_("The picture and the data on it belong to the person in front of me."),
        error_messages={"required": _("Confirm only what you have seen yourself.")},
    )


class FaceForm(RefusableForm):
    """A picture of one's face; compared and never kept."""

    picture = forms.FileField(
        label=_("Picture of your face"),
        help_text=_("JPEG or PNG, at most 1 MB. It is compared once and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png", "capture": "user"}),
    )

    def clean_picture(self) -> bytes:
        """Return the bytes, refusing what is too large before it is read."""
        found = self.cleaned_data["picture"]
        if found.size > assurance_limits().face.max_bytes:
            raise ValidationError(_("The picture is larger than 1 MB."), code="large")
        return bytes(found.read())


class ScreenForm(RefusableForm):
    """What a counter asks a person to show."""

    purpose = WordsField(
        label=_("What for"), max_length=200, help_text=_("The person reads this on their phone.")
    )
    items = forms.MultipleChoiceField(
        label=_("What you need to know"),
        choices=[(key, SHARED_WORDS[key]) for key in SHARED],
        widget=forms.CheckboxSelectMultiple(),
        required=False,
        help_text=_("Nothing ticked: only the name, and how sure the identity is."),
    )


class ServicesForm(RefusableForm):
    """Which services a mandate is for."""

    services = forms.MultipleChoiceField(
        label=_("For which services"),
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": _("Choose at least one service.")},
    )

    def __init__(self, *args: Any, names: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        choices = sorted((key, texts.get(language(), key)) for key, texts in names.items())
        self.fields["services"].choices = choices  # type: ignore[attr-defined]  # known to be a choice field

    def clean_services(self) -> list[str]:
        """Return the identifiers; all of them become "*"."""
        chosen: list[str] = self.cleaned_data["services"]
        return [ALL_SERVICES] if ALL_SERVICES in chosen else chosen


class HelpScreenForm(ServicesForm):
    """What an officer offers to help with."""


class GiveMandateForm(ServicesForm):
    """A person lets another act for them."""

    actor_name = WordsField(
        label=_("Full name of the one who may act for you"),
        max_length=NAME_MAX,
        help_text=_("As on their identity card. Only somebody with this name can take the mandate up."),
    )
    until = forms.DateField(label=_("Until (last day)"), widget=DayInput())

    field_order = ["actor_name", "services", "until"]

    def clean_until(self) -> Any:
        """Refuse a day in the past or more than a year ahead."""
        day = self.cleaned_data["until"]
        last = today() + timedelta(days=assurance_limits().representation.longest_days - 1)
        if not today() <= day <= last:
            raise ValidationError(_("Choose a day from today on, at most one year ahead."), code="period")
        return day


class GuardianForm(RefusableForm):
    """A guardian names the ward and the evidence."""

    nik = NikField(help_text=_("Of the person you are the guardian of."))
    name = WordsField(label=_("Their full name"), max_length=NAME_MAX)
    birth_on = forms.DateField(label=_("Their date of birth"), widget=DayInput())
    evidence = _radio(_("What proves it"), _choices(OF_GUARDIANS))
    number = WordsField(
        label=_("Number of the decision or deed"),
        min_length=3,
        max_length=80,
        help_text=_("As printed on it."),
    )


class GuardianDecisionForm(RefusableForm):
    """An officer decides on a guardianship after seeing the original."""

    until = forms.DateField(label=_("Last day, if the decision names one"), required=False, widget=DayInput())
    is_seen = forms.BooleanField(
        label=_("I have seen the original, and it names both persons."),
        error_messages={"required": _("Confirm only what you have seen yourself.")},
    )


class OpenRecoveryForm(RefusableForm):
    """The first officer begins a recovery."""

    nik = NikField(help_text=_("Of the person who cannot sign in any more."))
    evidence = _radio(_("What did you see and compare with the person?"), _choices(SEEN_IN_PERSON))
    reason = WordsField(
        label=_("What happened"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example: phone stolen on 3 November, police report shown."),
    )
    is_in_person = forms.BooleanField(label=_("The person stands in front of me now."), required=False)


class SecondOfficerForm(RefusableForm):
    """The second officer's half."""

    is_in_person = forms.BooleanField(
        label=_("I too have the person and the evidence in front of me now."),
        required=False,
        help_text=_("Without this the code works only after 24 hours, and the person can cancel until then."),
    )


class UseRecoveryForm(NewPasswordForm):
    """The person uses the code on the paper."""

    code = TypedCodeForm.base_fields["code"]

    field_order = ["code", "password", "again"]

    def clean_password(self) -> str:
        """Refuse a password that may not stand alone: everything else is gone now."""
        typed = str(self.cleaned_data["password"])
        if len(typed) < PASSWORD_MIN_ALONE:
            raise ValidationError(
                _("Use at least 15 characters now. You can add a second lock afterwards."), code="short"
            )
        return typed


class DataRequestForm(RefusableForm):
    """A person uses a right over their data."""

    section = forms.ChoiceField(label=_("Which data"), widget=forms.RadioSelect())
    words = WordsField(
        label=_("What do you ask for?"),
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, sections: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = sections  # type: ignore[attr-defined]  # known to be a choice field


class AnswerForm(RefusableForm):
    """An officer answers a request about somebody's data."""

    verdict = _radio(_("Your answer"), [("grant", _("Done as asked")), ("refuse", _("Refused"))])
    answer = WordsField(
        label=_("What was done, or why not, with the article"),
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The person reads this."),
    )
