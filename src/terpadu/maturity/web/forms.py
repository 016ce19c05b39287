"""Forms of the work pages. What they check is only the form of the input; services judge the rest."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput
from terpadu.maturity.enums import FindingKind
from terpadu.maturity.rules.evidence import LONGEST_ADDRESS
from terpadu.maturity.rules.instrument import Indicator, Instrument
from terpadu.maturity.services.assessments import LONGEST_EXPLANATION, LONGEST_SERVICE_NAME
from terpadu.maturity.web.words import said


class AssessmentForm(forms.Form):
    """One indicator's level with its explanation, for one stage."""

    level = WordsField(label=_("Level"))
    service_name = WordsField(label=_("Name of the service"), max_length=LONGEST_SERVICE_NAME)
    explanation = WordsField(label=_("Explanation"), widget=forms.Textarea, max_length=LONGEST_EXPLANATION)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, indicator: Indicator, asks_service: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["explanation"].help_text = _("Why the criteria are met, and where this can be seen.")
        if not asks_service:
            del self.fields["service_name"]
        if indicator.outside is None:
            self.fields["level"] = forms.ChoiceField(
                label=_("Level"), choices=_choices(indicator), widget=forms.RadioSelect
            )


class PartForm(forms.Form):
    """One of several forms of a page. part: its name there, and before its ids. asks: the field that a refusal is about."""

    part: ClassVar[str]
    asks: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"{self.part}_%s"
        super().__init__(*args, **kwargs)


class EvidenceFileForm(PartForm):
    """A file as evidence."""

    part, asks = "file", "file"
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, picture, Word, Excel, OpenDocument or text, at most 25 MB."),
        allow_empty_file=True,
    )


class EvidenceLinkForm(PartForm):
    """The address of a public page as evidence."""

    part, asks = "link", "url"
    title = WordsField(label=_("What it shows"), max_length=200, required=False)
    url = WordsField(label=_("Address"), max_length=LONGEST_ADDRESS, widget=forms.URLInput)


class EvidenceFactForm(PartForm):
    """What the platform sees as evidence, by its key."""

    part, asks = "fact", "fact"
    fact = WordsField(widget=forms.HiddenInput, max_length=100)


class SubmissionForm(forms.Form):
    """The signed minutes, and the word on publication."""

    minutes = forms.FileField(
        label=_("Signed minutes (Berita Acara)"),
        help_text=_("The PDF that the coordinator signed."),
        allow_empty_file=True,
    )
    consent = forms.ChoiceField(
        label=_("May the result be published?"),
        help_text=_("Without agreement the agency appears in no ranking and in no average."),
        choices=[("yes", _("Yes, it may be published")), ("no", _("No"))],
        widget=forms.RadioSelect,
    )


class SheetForm(forms.Form):
    """The offline sheet, filled in."""

    file = forms.FileField(
        label=_("The sheet, filled in"), help_text=_("Excel workbook (.xlsx) or CSV."), allow_empty_file=True
    )


class TaskForm(forms.Form):
    """Indicators handed to a unit."""

    indicators = forms.MultipleChoiceField(label=_("Indicators"), widget=forms.CheckboxSelectMultiple)
    unit = WordsField(
        label=_("Unit"),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )
    due_on = forms.DateField(label=_("Due on"), widget=DayInput)

    def __init__(self, *args: Any, form: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicators"] = forms.MultipleChoiceField(
            label=_("Indicators"),
            widget=forms.CheckboxSelectMultiple,
            choices=[(number, f"{number}. {said(one.name)}") for number, one in form.indicators.items()],
        )


class ReasonForm(forms.Form):
    """A reason in words."""

    reason = WordsField(label=_("Reason"), widget=forms.Textarea)


class ObjectionAnswerForm(forms.Form):
    """The assessors' answer to an objection."""

    accepted = forms.ChoiceField(
        label=_("Decision"),
        choices=[("yes", _("Accept: the level will be changed")), ("no", _("Refuse: the level stays"))],
        widget=forms.RadioSelect,
    )
    answer = WordsField(label=_("Reason"), widget=forms.Textarea)


class FindingsForm(forms.Form):
    """Strength, weakness and recommendation of one aspect."""

    strength = WordsField(label=FindingKind.STRENGTH.label, widget=forms.Textarea, required=False)
    weakness = WordsField(label=FindingKind.WEAKNESS.label, widget=forms.Textarea, required=False)
    recommendation = WordsField(label=FindingKind.RECOMMENDATION.label, widget=forms.Textarea, required=False)


def _choices(indicator: Indicator) -> list[tuple[str, object]]:
    criteria = {one.level: one for one in indicator.criteria}
    found: list[tuple[str, object]] = []
    for level in indicator.levels:
        criterion = criteria.get(level.number)
        label = format_html(
            '<b>{} {}</b><span class="hint" lang="id">{}</span>{}',
            level.number,
            said(level.name),
            criterion.text if criterion else "",
            format_html('<span class="hint">{}</span>', said(criterion.annotation))
            if criterion and criterion.annotation
            else "",
        )
        found.append((str(level.number), label))
    return found
