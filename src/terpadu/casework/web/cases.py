"""One case on the desk: look, decide, ask for changes, reject, hand over. Everything works without JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.casework.enums import Action
from terpadu.casework.errors import ActionNotPossible, CaseMoved, CaseTaken, FourEyes, OwnCase, SubjectUnclear
from terpadu.casework.services.acting import case_act, case_hand_over, case_release, case_take
from terpadu.casework.services.desk import DeskView, colleagues_of, desk_open
from terpadu.casework.services.reads import attachment_open
from terpadu.casework.web.forms import HandOverForm, SendBackForm, WordsForm
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.identity.public import current_actor, current_position, officer_required
from terpadu.kernel.errors import DomainError, NotAllowed, NotFound

SOFT_ERRORS = (ActionNotPossible, CaseMoved, CaseTaken, FourEyes, OwnAccountNeeded, OwnCase, SubjectUnclear)
"""What can happen between looking and pressing: told on the case's page, or beside the words that were written."""


@require_safe
@officer_required()
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show a case: decision on top, check list, evidence with its source, history."""
    return render(request, "casework/case.html", {"case": _desk(request, case_id)})


def _desk(request: HttpRequest, case_id: UUID, *, full: bool = True) -> DeskView:
    kind = current_position(request).kind
    return desk_open(case_id, by=current_actor(request), position_kind=kind, full=full)


@require_POST
@officer_required()
def take(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Hold the case."""
    try:
        case_take(case_id, by=current_actor(request))
    except SOFT_ERRORS as error:
        messages.warning(request, error.in_words)
    return redirect("casework:case", case_id)


@require_POST
@officer_required()
def release(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Give the case back to the queue."""
    try:
        case_release(case_id, by=current_actor(request))
    except SOFT_ERRORS as error:
        messages.warning(request, error.in_words)
        return redirect("casework:case", case_id)
    messages.success(request, _("The case is back in the queue."))
    return redirect("casework:queue")


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def hand_over(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Give the case to a colleague."""
    actor, desk = current_actor(request), _desk(request, case_id, full=False)
    form = HandOverForm(_posted(request), colleagues=colleagues_of(case_id, by=actor))
    if form.is_valid():
        try:
            case_hand_over(case_id, to=UUID(form.cleaned_data["to"]), by=actor)
        except SOFT_ERRORS as error:
            messages.warning(request, error.in_words)
            return redirect("casework:case", case_id)
        messages.success(request, _("The case is handed over."))
        return redirect("casework:queue")
    return _draw_words(request, desk, form, title=_("Hand over to a colleague"), action_text=_("Hand over"))


@require_POST
@officer_required()
def decide(request: HttpRequest, case_id: UUID, action: str) -> HttpResponse:
    """Approve or sign."""
    if action not in (Action.APPROVE, Action.SIGN):
        raise NotFound(action=action)
    version = request.POST.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() else None
    try:
        return _act(request, case_id, action, version=seen)
    except SOFT_ERRORS as error:
        messages.warning(request, error.in_words)
        return redirect("casework:case", case_id)


def _act(
    request: HttpRequest, case_id: UUID, action: str, *, version: int | None, **words: Any
) -> HttpResponse:
    """Act on a case and go back to the queue. Raises SOFT_ERRORS and what else acting raises."""
    case_act(case_id, action, by=current_actor(request), version=version, **words)
    messages.success(request, _done_words(action))
    return redirect("casework:queue")


def _done_words(action: str) -> str:
    return {
        "approve": _("Approved. It goes to the head of office to be signed."),
        "sign": _("Signed. The document is being issued."),
        "send_back": _("Sent back. The clock stands still until the applicant answers."),
        "return": _("Returned to the verifier."),
        "reject": _("Rejected. The applicant is told why and how to object."),
    }[action]


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def send_back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask for changes: mark answers, write a message."""
    desk = _desk_for(request, case_id, Action.SEND_BACK)
    form = SendBackForm(_posted(request), sections=desk.sections, version=desk.version)
    title, action_text = _("Ask for changes"), _("Send back to the applicant")
    return _words(request, desk, form, "send_back", title=title, action_text=action_text)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def reject(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Reject with a reason."""
    desk = _desk_for(request, case_id, Action.REJECT)
    form = WordsForm(
        _posted(request),
        version=desk.version,
        label=_("Reason, as the applicant will read it"),
        hint=_("Name the condition that is not met. How to object is added by itself."),
    )
    title, action_text = _("Reject the application"), _("Reject")
    return _words(request, desk, form, "reject", title=title, action_text=action_text)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def give_back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Return a case to the verifier with a word to the colleague."""
    desk = _desk_for(request, case_id, Action.RETURN)
    form = WordsForm(
        _posted(request),
        version=desk.version,
        label=_("What should the verifier look at again?"),
        hint=_("Your colleague reads this; the applicant does not."),
    )
    title, action_text = _("Return to the verifier"), _("Return")
    return _words(request, desk, form, "return", title=title, action_text=action_text)


def _desk_for(request: HttpRequest, case_id: UUID, action: Action) -> DeskView:
    """Return the case for a page that asks for words; what was written already is never sent away.

    Raises OwnAccountNeeded; CaseMoved and NotAllowed when somebody opens the page of what cannot be done.
    """
    desk = _desk(request, case_id, full=False)
    if desk.asks_own_account:
        raise OwnAccountNeeded()
    if request.method == "POST":
        return desk
    if not desk.actions and not desk.blocked:
        raise CaseMoved(state=desk.state.value)
    if action not in desk.actions:
        raise NotAllowed()
    return desk


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _words(
    request: HttpRequest, desk: DeskView, form: WordsForm, action: str, *, title: str, action_text: str
) -> HttpResponse:
    """Act with the words of a form; they stay on the page, to be copied, when the case has moved on."""
    refusal: DomainError | None = None
    if form.is_valid():
        words, version = form.words(), form.cleaned_data["version"]
        try:
            if not desk.actions and not desk.blocked:
                raise CaseMoved(state=desk.state.value)
            return _act(request, desk.case_id, action, version=version, **words)
        except SOFT_ERRORS as error:
            kept = _("What you wrote is kept here to copy.")
            form.add_error(None, f"{error.in_words} {kept}")
            refusal = error
    return _draw_words(request, desk, form, title=title, action_text=action_text, refusal=refusal)


def _draw_words(
    request: HttpRequest,
    desk: DeskView,
    form: Form,
    *,
    title: str,
    action_text: str,
    refusal: DomainError | None = None,
) -> HttpResponse:
    context = {"case": desk, "form": form, "title": title, "action_text": action_text, "refusal": refusal}
    return render(request, "casework/words.html", context, status=refusal.http_status if refusal else 200)


@require_safe
@officer_required()
def attachment(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """Show an uploaded file, cut off from everything else: nothing in it runs."""
    found = attachment_open(attachment_id, by=current_actor(request))
    response = HttpResponse(found.content, content_type=found.attachment.content_type)
    ending = found.attachment.file_name.rpartition(".")[2]
    response["Content-Disposition"] = f'inline; filename="{found.attachment.field_id}.{ending}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
