"""Complaints at an office: the list, and one with its answer. Who complained is told once it is answered."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.casework.errors import ComplaintAboutYou, ComplaintClosed
from terpadu.casework.reference import complaint_rule_on
from terpadu.casework.services.complaint_views import complaint_list, complaint_open
from terpadu.casework.services.complaints import complaint_answer, complaint_take
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.identity.public import current_actor, current_position, officer_required
from terpadu.kernel.clock import today
from terpadu.kernel.ui.fields import WordsField

SOFT_ERRORS = (ComplaintAboutYou, ComplaintClosed, OwnAccountNeeded)
"""What can happen between looking and pressing: told on the complaint's page, where a written answer stays."""


class AnswerForm(forms.Form):
    """The answer as the applicant will read it."""

    text = WordsField(
        label=gettext_lazy("Answer, as the applicant will read it"),
        help_text=gettext_lazy("Say what you found, what you do about it, and until when."),
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": gettext_lazy("Write the answer."),
            "min_length": gettext_lazy("Write at least ten characters, so that it can be understood."),
        },
    )


@require_safe
@officer_required()
def complaints(request: HttpRequest) -> HttpResponse:
    """List the complaints that wait for this officer, the most urgent first, and those answered last."""
    position = current_position(request)
    waiting, closed = complaint_list(by=current_actor(request), position_kind=position.kind)
    context = {"waiting": waiting, "closed": closed, "position": position, "rule": complaint_rule_on(today())}
    return render(request, "casework/complaints.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def complaint(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """Show a complaint; by POST answer it."""
    form, status = AnswerForm(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        try:
            complaint_answer(complaint_id, text=form.cleaned_data["text"], by=current_actor(request))
            messages.success(
                request, _("Answered. The applicant has it in the inbox and on the application's page.")
            )
            return redirect("casework:complaints")
        except OwnAccountNeeded as error:  # whose page has no box to write in
            messages.warning(request, error.in_words)
            return redirect("casework:complaint", complaint_id)
        except SOFT_ERRORS as error:
            kept = _("What you wrote is kept here to copy.")
            form.add_error(None, f"{error.in_words} {kept}")
            status = error.http_status
    kind = current_position(request).kind
    desk = complaint_open(complaint_id, by=current_actor(request), position_kind=kind)
    is_open = not (desk.answer or desk.blocked or desk.row.closed_at)
    context = {"complaint": desk, "form": form, "is_open": is_open}
    return render(request, "casework/complaint.html", context, status=status)


@require_POST
@officer_required()
def take(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """Take a complaint in hand; the applicant sees that somebody works on it."""
    try:
        complaint_take(complaint_id, by=current_actor(request))
    except SOFT_ERRORS as error:
        messages.warning(request, error.in_words)
    return redirect("casework:complaint", complaint_id)
