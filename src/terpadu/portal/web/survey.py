"""The nine questions of the satisfaction survey on the page of a decided case; each is one tap, none must be answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from terpadu.casework.errors import SurveyNotOpen
from terpadu.casework.public import Questionnaire, case_get, survey_answer, survey_get
from terpadu.identity.public import acting_allowed, current_actor, signed_in_required
from terpadu.kernel.formats import language


class SurveyForm(forms.Form):
    """The questions of a survey in its order; one answer at least."""

    def __init__(self, data: Any = None, *, questionnaire: Questionnaire) -> None:
        super().__init__(data=data)
        lang = language()
        for element in questionnaire.elements:
            words = [(str(score), text[lang]) for score, text in enumerate(element.answers, 1)]
            self.fields[element.key] = forms.ChoiceField(
                label=element.question[lang], choices=words, widget=forms.RadioSelect, required=False
            )

    def clean(self) -> dict[str, Any]:
        """Refuse an answer without any score."""
        if not self.errors and not any(self.cleaned_data.values()):
            raise forms.ValidationError(_("Choose an answer to at least one question, or go back."))
        return self.cleaned_data

    def scores(self) -> dict[str, int]:
        """Return the scores that were given, by element."""
        return {key: int(score) for key, score in self.cleaned_data.items() if score}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@acting_allowed
def survey(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask how it went, once; what is answered is counted without the person."""
    actor = current_actor(request)
    questionnaire = survey_get(case_id, by=actor)
    if questionnaire is None:
        messages.info(request, f"{SurveyNotOpen.title} {SurveyNotOpen.next_step}")
        return redirect("portal:case", case_id)
    form = SurveyForm(request.POST if request.method == "POST" else None, questionnaire=questionnaire)
    if form.is_valid():
        survey_answer(case_id, scores=form.scores(), by=actor)
        messages.success(
            request, _("Thank you. Your answers are counted; nobody can see that they are yours.")
        )
        return redirect("portal:case", case_id)
    context = {"form": form, "case": case_get(case_id, by=actor), "survey": questionnaire}
    return render(request, "portal/survey.html", context)
