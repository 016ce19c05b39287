"""The question to an agency why it read one's data (UU 27/2022 art. 5), from an entry of the trail."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from terpadu.exchange.public import trail_get
from terpadu.identity.public import current_actor, current_person, explanation_ask, signed_in_required
from terpadu.kernel.ui.fields import WordsField
from terpadu.portal.web.trail import cases_of, line_of


class WhyForm(forms.Form):
    """What a person wants to know about a reading, in at least ten characters."""

    words = WordsField(
        label=gettext_lazy("What do you want to know?"),
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": gettext_lazy("Write what you want to know."),
            "min_length": gettext_lazy("Write at least ten characters, so that it can be understood."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
def why(request: HttpRequest, transaction_id: UUID) -> HttpResponse:
    """Ask the agency that read the data why it did; it has to answer within the law's time."""
    person_id = current_person(request)
    entry = trail_get(person_id, transaction_id, cases=cases_of(person_id))
    if entry is None or not entry.reader_code:
        raise Http404
    form = WhyForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "portal/why.html", {"line": line_of(entry), "form": form})
    explanation_ask(
        person_id,
        agency_code=entry.reader_code,
        reference=str(transaction_id),
        words=form.cleaned_data["words"],
        by=current_actor(request),
    )
    messages.success(request, _("Your question is sent. The answer and its time limit stand below."))
    return redirect("identity:rights")
