"""A complaint about a case: one tap from its page, what is wrong in the citizen's own words."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.casework.errors import ComplaintClosed, ComplaintOpen
from terpadu.casework.public import case_get, complaint_make, complaint_withdraw
from terpadu.identity.public import acting_allowed, current_actor, signed_in_required
from terpadu.kernel.ui.fields import WordsField


class ComplaintForm(forms.Form):
    """What is wrong, in at least ten characters."""

    text = WordsField(
        label=gettext_lazy("What is wrong?"),
        help_text=gettext_lazy("In your own words: what happened, and what you expect."),
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": gettext_lazy("Write what is wrong."),
            "min_length": gettext_lazy("Write at least ten characters, so that it can be understood."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@acting_allowed
def complain(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Take a complaint about a case."""
    actor = current_actor(request)
    found = case_get(case_id, by=actor)
    if found.submitted_at is None:
        return redirect("portal:case", case_id)
    form = ComplaintForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _make(request, case_id, form.cleaned_data["text"])
        return redirect("portal:case", case_id)
    return render(request, "portal/complaint.html", {"case": found, "form": form})


def _make(request: HttpRequest, case_id: UUID, text: str) -> None:
    try:
        complaint_make(case_id, text=text, by=current_actor(request))
    except ComplaintOpen as error:
        messages.warning(request, error.in_words)
        return
    messages.success(request, _("Your complaint is received. You find the answer here and in your messages."))


@require_POST
@signed_in_required
@acting_allowed
def withdraw(request: HttpRequest, case_id: UUID, complaint_id: UUID) -> HttpResponse:
    """Take a complaint back."""
    try:
        complaint_withdraw(complaint_id, by=current_actor(request))
        messages.success(request, _("Your complaint is withdrawn."))
    except ComplaintClosed as error:
        messages.warning(request, str(error.title))
    return redirect("portal:case", case_id)
