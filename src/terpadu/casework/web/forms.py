"""What officers fill in: reasons, requests for changes, a colleague's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from terpadu.casework.read_models import CheckSection
from terpadu.kernel.formats import language
from terpadu.kernel.ui.fields import WordsField

LEAST, MOST = 10, 2000


class WordsForm(forms.Form):
    """A reason or a message of at least ten characters; `version` is the state of the case that the officer saw."""

    message = WordsField(
        min_length=LEAST,
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Write what is wrong and what the applicant can do."),
            "min_length": _("Write at least ten characters, so that it can be understood."),
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, version: int, label: str, hint: str) -> None:
        super().__init__(data=data, initial={"version": version})
        self.fields["message"].label = label
        self.fields["message"].help_text = hint

    def words(self) -> dict[str, Any]:
        """Return what acting takes. Call after `is_valid`."""
        return {"message": self.cleaned_data["message"]}


class SendBackForm(WordsForm):
    """Which answers must change, each with a word about it, and a message."""

    marked = forms.MultipleChoiceField(
        label=_("Which answers must change?"),
        help_text=_("Only what you mark is asked again; everything else stays as it is."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Mark at least one answer.")},
    )
    field_order = ("marked", "message", "version")

    def __init__(self, data: Any = None, *, sections: Sequence[CheckSection], version: int) -> None:
        super().__init__(
            data=data,
            version=version,
            label=str(_("Message to the applicant")),
            hint=str(_("Say in plain words what is wrong and how to mend it.")),
        )
        field = self.fields["marked"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = choices_of(sections)

    def words(self) -> dict[str, Any]:
        """Return the message, and the marked fields, each with it."""
        message = self.cleaned_data["message"]
        return {"message": message, "marked": dict.fromkeys(self.cleaned_data["marked"], message)}


class HandOverForm(forms.Form):
    """Which colleague takes the case over."""

    to = forms.ChoiceField(
        label=_("Colleague"),
        help_text=_("Only those who hold a position with the same role are listed."),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a colleague.")},
    )

    def __init__(self, data: Any = None, *, colleagues: Sequence[tuple[UUID, str]]) -> None:
        super().__init__(data=data)
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(key), name) for key, name in colleagues]


def choices_of(sections: Sequence[CheckSection]) -> list[tuple[str, str]]:
    """Return every answer and file that can be marked, with its label and present value."""
    lang = language()
    found: list[tuple[str, str]] = []
    for section in sections:
        found += [(fact.field_id, f"{fact.label[lang]}: {fact.value}") for fact in section.facts]
        found += [
            (file.field_id, f"{file.label.get(lang, '')}: {file.file_name}") for file in section.attachments
        ]
    return list(dict(found).items())
