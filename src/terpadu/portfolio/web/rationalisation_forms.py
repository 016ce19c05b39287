"""Forms of rationalisation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from terpadu.kernel.formats import language
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput
from terpadu.portfolio.enums import Fate
from terpadu.portfolio.questionnaires import questionnaire

KINDS = [
    ("function", _("They serve the same function")),
    ("product", _("One product in many places")),
    ("duplicate", _("The same application, registered twice")),
]


class AssessmentForm(forms.Form):
    """The short questionnaire; a question may be left open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        form = questionnaire()
        points = [("", _("I do not know")), *((str(n), _scale(n)) for n in range(form.most_points + 1))]
        for one in form.questions:
            self.fields[f"q_{one.key}"] = forms.ChoiceField(
                label=one.text[language()], choices=points, required=False
            )
        self.fields["note"] = WordsField(
            label=pgettext_lazy("assessment", "Note"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def answers(self) -> dict[str, int]:
        """Return the points of the questions that were answered. Call after `is_valid`."""
        given = {name[2:]: text for name, text in self.cleaned_data.items() if name.startswith("q_")}
        return {key: int(text) for key, text in given.items() if text != ""}


def _scale(points: int) -> Any:
    return (_("0, not at all"), _("1, a little"), _("2, half"), _("3, much"), _("4, fully"))[points]


class PlanForm(forms.Form):
    """A new plan."""

    name = WordsField(label=_("Name of the plan"), max_length=200)
    purpose = WordsField(label=_("Purpose"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    starts_on = forms.DateField(label=_("First wave begins on"), widget=DayInput)
    wave_months = forms.IntegerField(label=_("Months in a wave"), min_value=1, max_value=24, initial=6)
    wave_size = forms.IntegerField(
        label=_("Applications in a wave at most"), min_value=1, max_value=200, initial=10
    )


class FamilyForm(forms.Form):
    """A family that goes into a plan, by the codes of its members."""

    name = WordsField(label=_("Name of the family"), max_length=200)
    kind = forms.ChoiceField(label=_("What do its members have in common?"), choices=KINDS)
    codes = WordsField(
        label=_("Codes of its members"),
        help_text=_("Such as APL-000123; one in a line, or parted by spaces."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class MoveForm(forms.Form):
    """What becomes of one member."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    fate = forms.ChoiceField(label=_("What becomes of it?"), choices=Fate.choices, widget=forms.RadioSelect)
    successor = WordsField(
        label=_("The application that stays"), help_text=_("Its code."), required=False, max_length=20
    )
    note = WordsField(
        label=pgettext_lazy("assessment", "Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AdoptForm(forms.Form):
    """The act by which a plan is adopted."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    basis = WordsField(label=_("Number and title of the act"), max_length=200)
