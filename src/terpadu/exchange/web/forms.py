"""What officers fill in about purposes, and what they ask of the explanation."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from terpadu.exchange.selectors.purpose_forms import PurposeTemplate, risk_questions
from terpadu.exchange.services.purposes import PurposeWords
from terpadu.exchange.web.disclosure_forms import DisclosureFields, initial_of_disclosure
from terpadu.kernel.clock import JAKARTA, now, today
from terpadu.kernel.formats import language
from terpadu.kernel.ui.fields import WordsField
from terpadu_wire.properties import Text
from terpadu_wire.purposes import LONGEST_ITEM, MOST_ITEMS, LegalBasis, PurposeContent

KINDS = (
    ("public_task", _("Task of a public authority")),
    ("law", _("Obligation by law")),
    ("consent", _("The person's consent")),
    ("contract", _("A contract with the person")),
    ("vital_interest", _("Vital interest of the person")),
    ("legitimate_interest", _("Legitimate interest")),
)
LONGEST = timedelta(days=5 * 366)
FIRST_MOMENT, LAST_MOMENT = (datetime(year, 1, 1, tzinfo=JAKARTA) for year in (2020, 2100))
RISK = "risk_"


class PurposeForm(DisclosureFields):
    """A purpose in the words of the agency. services: (address, title) of what may be asked for."""

    service = forms.ChoiceField(label=_("Interface"), help_text=_("Whose data, and through which interface."))
    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{0,99}$",
        label=_("Code"),
        help_text=_("Short and stable, such as kia.verifikasi. Calls and records name it."),
        error_messages={"invalid": _("Use small letters, digits, dots and hyphens.")},
    )
    text_id = WordsField(
        label=_("Purpose in Indonesian"), max_length=300, help_text=_("The person reads this in their trail.")
    )
    text_en = WordsField(label=_("Purpose in English"), max_length=300)
    basis = forms.ChoiceField(label=_("Kind of legal basis"), choices=KINDS)
    article = WordsField(label=_("Norm and article"), max_length=300)
    data_items = WordsField(
        label=_("Data that are needed"),
        help_text=_("One per line. Only what a step really uses."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    retention = WordsField(label=_("How long the data are kept"), max_length=300)
    expected_calls = forms.IntegerField(label=_("Expected calls per day"), min_value=1, max_value=10_000_000)
    until = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("At most five years."),
    )

    def __init__(self, data: Any = None, *, services: list[tuple[str, str]], initial: dict[str, Any]) -> None:
        super().__init__(data=data, initial=initial)
        self.order_fields([name for name in self.fields if name not in DisclosureFields.base_fields])
        field = self.fields["service"]
        if isinstance(field, forms.ChoiceField):
            field.choices = services
        for question in risk_questions():
            label = question.text.en if language() == "en" else question.text.id
            self.fields[f"{RISK}{question.code}"] = WordsField(
                label=label,
                help_text=question.article,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean_until(self) -> Any:
        """Refuse a day that is past or too far off."""
        until = self.cleaned_data["until"]
        if not today() < until <= today() + LONGEST:
            raise ValidationError(_("Choose a day in the future, at most five years from now."))
        return until

    def clean_data_items(self) -> list[str]:
        """Return the lines that say something; refuse more, or longer ones, than a purpose takes."""
        lines = [line.strip() for line in self.cleaned_data["data_items"].splitlines() if line.strip()]
        if len(lines) > MOST_ITEMS or max(map(len, lines), default=0) > LONGEST_ITEM:
            raise ValidationError(_("At most 200 lines, each of at most 2,000 characters."))
        return lines

    def words(self) -> PurposeWords:
        """Return what was filled in, in the form of the service."""
        given = self.cleaned_data
        provider, _separator, name = given["service"].partition("/")
        return PurposeWords(
            code=given["code"],
            provider=provider,
            services=(name,),
            text=Text(given["text_id"], given["text_en"]),
            legal_basis=LegalBasis(given["basis"], given["article"]),
            data_items=given["data_items"],
            retention=given["retention"],
            risk={
                name.removeprefix(RISK): text.strip() for name, text in given.items() if name.startswith(RISK)
            },
            expected_calls=given["expected_calls"],
            not_before=now(),
            not_after=datetime.combine(given["until"], time.max, JAKARTA),
            disclosure=given["rule"],
        )


def initial_from_template(template: PurposeTemplate | None) -> dict[str, Any]:
    """Return the first values of the form, out of a template or of nothing."""
    values: dict[str, Any] = {"until": today() + timedelta(days=730)}
    if template is None:
        return values
    risk = {f"{RISK}{code}": answer for code, answer in template.risk.items()}
    return (
        values
        | risk
        | {
            "text_id": template.text.id,
            "text_en": template.text.en,
            "basis": template.legal_basis.kind,
            "article": template.legal_basis.article,
            "data_items": "\n".join(template.data_items),
            "retention": template.retention,
            "expected_calls": template.expected_calls,
        }
    )


def initial_from_content(content: PurposeContent, *, provider: str) -> dict[str, Any]:
    """Return the first values of the form, out of a draft."""
    risk = {f"{RISK}{answer.question}": answer.answer for answer in content.risk}
    return (
        risk
        | initial_of_disclosure(content.disclosure)
        | {
            "service": f"{provider}/{content.services[0]}",
            "code": content.code,
            "text_id": content.text.id,
            "text_en": content.text.en,
            "basis": content.legal_basis.kind,
            "article": content.legal_basis.article,
            "data_items": "\n".join(content.data_items),
            "retention": content.retention,
            "expected_calls": content.expected_calls,
            "until": datetime.fromtimestamp(content.not_after, JAKARTA).date(),
        }
    )


class ReasonForm(forms.Form):
    """Why a purpose is rejected or suspended."""

    reason = WordsField(
        label=_("Reason"),
        help_text=_("The other agency reads this. Say what must change."),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"min_length": _("Write at least ten characters, so that it can be understood.")},
    )


class ExplainForm(forms.Form):
    """A call that might be made. agencies, operations: what can be chosen. reader: code of the agency to begin with."""

    consumer = forms.ChoiceField(label=_("Who reads"))
    service = forms.ChoiceField(label=_("Interface and operation"))
    purpose = WordsField(label=_("Purpose"), max_length=100, help_text=_("Its code, such as kia.verifikasi."))
    evidence = WordsField(
        label=_("Case reference"), max_length=200, required=False, help_text=_("Such as a case number.")
    )
    at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Empty: now."),
        validators=[
            MinValueValidator(FIRST_MOMENT, _("No agreement is that old. Choose a day from 2020 on.")),
            MaxValueValidator(LAST_MOMENT, _("No agreement reaches that far. Choose a day before 2100.")),
        ],
    )

    def __init__(
        self, data: Any, *, agencies: list[tuple[str, str]], operations: list[tuple[str, str]], reader: str
    ) -> None:
        super().__init__(data=data, initial={"consumer": reader})
        for name, choices in (("consumer", agencies), ("service", operations)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices


class GiveUpForm(forms.Form):
    """Why an event is given up for a subscriber."""

    reason = WordsField(
        label=_("Reason"),
        help_text=_("It is kept with your name."),
        min_length=10,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"min_length": _("Write at least ten characters, so that it can be understood.")},
    )
