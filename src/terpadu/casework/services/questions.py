"""From a page of a definition to a Django form: one form field for each question that is really asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from terpadu.casework.definitions.compiled import OTHERWISE
from terpadu.casework.definitions.form import FieldSpec
from terpadu.casework.definitions.words import Text
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import AnswerStatus, FieldType
from terpadu.casework.services.uploads import UploadField
from terpadu.directory import public as directory
from terpadu.kernel.clock import today
from terpadu.kernel.formats import format_date, language
from terpadu.kernel.ui.fields import NewNameField, WordsField
from terpadu.kernel.ui.widgets import DayInput

NOTE_SUFFIX = "__note"
NO_QUESTION = {FieldType.INFO, FieldType.COMPUTED}
LONGEST_TEXT, LONGEST_LONG_TEXT, LONGEST_NOTE = 200, 2000, 500


class PageForm(forms.Form):
    """The questions of one page."""

    def __init__(
        self,
        questions: Mapping[str, forms.Field],
        *,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data=data, files=files, initial=dict(initial or {}))
        self.fields.update(questions)


def text_in(text: Text | None) -> str:
    """Return a definition's text in the language in force."""
    return getattr(text, language()) if text else ""


def is_fact(dossier: Dossier, field: FieldSpec, *, disputing: str) -> bool:
    """Tell whether a field is shown as a fact instead of asked."""
    if field.type in NO_QUESTION:
        return True
    if not field.locked or field.id == disputing:
        return False
    entry = dossier.sheet.answers.get(field.id, {})
    corrected = entry.get("status") == AnswerStatus.CORRECTED and field.id not in dossier.case.marked
    return corrected or dossier.prefill(field)[0] is not None


def questions_of(
    dossier: Dossier, fields: tuple[FieldSpec, ...], *, disputing: str, held: set[str]
) -> dict[str, forms.Field]:
    """Return the form fields of a page. disputing: the fact to correct. held: fields with an uploaded file already."""
    found: dict[str, forms.Field] = {}
    for field in fields:
        if is_fact(dossier, field, disputing=disputing):
            continue
        question = question_of(dossier, field)
        if field.type in (FieldType.FILE, FieldType.PHOTO) and field.id in held:
            question.required = field.id in dossier.case.marked
        found[field.id] = question
        if field.id == disputing:
            found[field.id + NOTE_SUFFIX] = _note_question()
    return found


def _note_question() -> forms.Field:
    return WordsField(
        label=_("Why is the register wrong?"),
        help_text=_("An officer compares both. Say which paper shows the right data."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        min_length=5,
    )


def question_of(dossier: Dossier, field: FieldSpec) -> forms.Field:
    """Return the form field for one question."""
    makers = {
        FieldType.TEXT: _text,
        FieldType.LONG_TEXT: _long_text,
        FieldType.NUMBER: _number,
        FieldType.DATE: _date,
        FieldType.CHOICE: _choice,
        FieldType.CHOICES: _choices,
        FieldType.YES_NO: _yes_no,
        FieldType.REGION: _region,
        FieldType.CHILD: _child,
        FieldType.PERSON: _person,
        FieldType.FILE: _upload,
        FieldType.PHOTO: _upload,
        FieldType.STATEMENT: _statement,
    }
    question = makers[field.type](dossier, field)
    question.label = text_in(field.label)
    question.help_text = question.help_text or text_in(field.hint)
    question.required = field.required
    return question


def _text(dossier: Dossier, field: FieldSpec) -> forms.Field:
    if field.digits:
        message = _("Enter exactly %(count)d digits.") % {"count": field.digits}
        return WordsField(
            max_length=field.digits + 8,
            validators=[RegexValidator(rf"^[0-9]{{{field.digits}}}$", message)],
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )
    maker = NewNameField if field.is_new_name else WordsField
    return maker(max_length=field.longest or LONGEST_TEXT)


def _long_text(dossier: Dossier, field: FieldSpec) -> forms.Field:
    longest = field.longest or LONGEST_LONG_TEXT
    return WordsField(max_length=longest, widget=forms.Textarea(attrs={"rows": 5}))


def _number(dossier: Dossier, field: FieldSpec) -> forms.Field:
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(min_value=field.min, max_value=field.max, widget=widget)


def _date(dossier: Dossier, field: FieldSpec) -> forms.Field:
    return BoundedDay(earliest=_day_of(dossier, field.earliest), latest=_day_of(dossier, field.latest))


def _day_of(dossier: Dossier, rule: str | None) -> Any:
    if not rule:
        return None
    return dossier.compiled.value(dossier.compiled.rule(rule), dossier.values, today=dossier.today)


class BoundedDay(forms.DateField):
    """A day between two others, both allowed; None for no bound."""

    def __init__(self, *, earliest: Any, latest: Any) -> None:
        super().__init__(widget=DayInput(), input_formats=["%Y-%m-%d"])
        self.earliest, self.latest = earliest, latest

    def clean(self, value: Any) -> Any:
        """Return the day. Raises ValidationError outside the bounds."""
        day = super().clean(value)
        if day and self.earliest and day < self.earliest:
            raise forms.ValidationError(_("Choose %(day)s or later.") % {"day": format_date(self.earliest)})
        if day and self.latest and day > self.latest:
            raise forms.ValidationError(_("Choose %(day)s or earlier.") % {"day": format_date(self.latest)})
        return day


def _choice(dossier: Dossier, field: FieldSpec) -> forms.Field:
    choices = [(option.id, text_in(option.label)) for option in field.options]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect)


def _choices(dossier: Dossier, field: FieldSpec) -> forms.Field:
    choices = [(option.id, text_in(option.label)) for option in field.options]
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)


def _yes_no(dossier: Dossier, field: FieldSpec) -> forms.Field:
    return forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )


def _region(dossier: Dossier, field: FieldSpec) -> forms.Field:
    rows = directory.region_children(field.within or "")
    return forms.ChoiceField(choices=[("", _("Choose")), *((row.code, row.name) for row in rows)])


def _child(dossier: Dossier, field: FieldSpec) -> forms.Field:
    rows = [(row["id"], row["nama"]) for row in rows_of(dossier, field) if row.get("id")]
    other = (OTHERWISE, text_in(field.otherwise.label) if field.otherwise else "")
    return forms.ChoiceField(choices=[*rows, other], widget=forms.RadioSelect)


def rows_of(dossier: Dossier, field: FieldSpec) -> list[dict[str, Any]]:
    """Return the rows of a register that a child field offers, in the register's order; empty while it is out."""
    found: Any = dossier.values
    for part in (field.options_from or "").split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if not field.options_when:
        return list(found or [])
    rule = dossier.compiled.row_rule(field.options_when, field.id)
    return [
        row
        for row in found or []
        if dossier.compiled.value(rule, {**dossier.values, "row": row}, today=dossier.today) is True
    ]


def _person(dossier: Dossier, field: FieldSpec) -> forms.Field:
    return NikField(widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))


class NikField(WordsField):
    """A population number: 16 digits that can be one; spaces, dots and dashes between them are forgiven."""

    def clean(self, value: Any) -> str:
        """Return the digits. Raises ValidationError with what is wrong."""
        from lokal import parse_nik  # here, not above: it takes 0.4 s

        text = "".join(letter for letter in super().clean(value) if letter not in " .-")
        if text and not parse_nik(text, reference_date=today()).valid:
            raise forms.ValidationError(_("This cannot be a NIK. Check the 16 digits on the family card."))
        return text


def _upload(dossier: Dossier, field: FieldSpec) -> forms.Field:
    return UploadField(kinds=field.accept)


def _statement(dossier: Dossier, field: FieldSpec) -> forms.Field:
    return forms.BooleanField()
