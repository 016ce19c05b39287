"""Purposes for officers: what their agency asks and is asked, with drafting, submitting, approving and holding back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.exchange.enums import PurposeState
from terpadu.exchange.errors import PurposeClosed, PurposeInvalid, PurposeUnknown
from terpadu.exchange.rules.purposes import Action
from terpadu.exchange.selectors.purpose_forms import purpose_templates, risk_questions
from terpadu.exchange.selectors.purposes import PurposeView, contracts_naming, purpose_get, purpose_list
from terpadu.exchange.selectors.registry import interface_list, peer_list
from terpadu.exchange.services.purposes import (
    purpose_approve,
    purpose_change,
    purpose_draft,
    purpose_move,
    purpose_submit,
)
from terpadu.exchange.web.disclosure_forms import OBJECTIONS
from terpadu.exchange.web.forms import (
    PurposeForm,
    ReasonForm,
    initial_from_content,
    initial_from_template,
)
from terpadu.exchange.web.words import disclosure_words, full_name_of, text_of
from terpadu.identity.public import current_actor, current_position, officer_required
from terpadu.kernel.formats import language

TAGS = {"active": "ok", "waiting": "wait", "draft": "info", "suspended": "late", "rejected": "late"}
DONE = {
    "submit": gettext_lazy("The purpose was submitted. The other agency has been told."),
    "approve": gettext_lazy("The purpose is active. Contracts may stand on it now."),
    "reject": gettext_lazy("The purpose was rejected."),
    "suspend": gettext_lazy("The purpose is suspended. Calls that stand on it are refused within seconds."),
    "resume": gettext_lazy("Your agency no longer holds the purpose back."),
    "archive": gettext_lazy("The purpose was archived."),
}
PLAIN: dict[str, Action] = {"lanjutkan": "resume", "arsipkan": "archive"}
WITH_REASON: dict[str, Action] = {"tolak": "reject", "tangguhkan": "suspend"}


@require_safe
@officer_required()
def overview(request: HttpRequest) -> HttpResponse:
    """Show the purposes of the officer's agency: those that wait for it first."""
    code = current_position(request).agency.code
    chosen = request.GET.get("keadaan", "")
    found = purpose_list(code)
    states = [
        (state.value, state.label) for state in PurposeState if any(one.state == state for one in found)
    ]
    rows = [purpose_row(one, code) for one in found if not chosen or one.state == chosen]
    context = {
        "waiting": [row for row in rows if row["awaits_us"]],
        "rows": [row for row in rows if not row["awaits_us"]],
        "states": states,
        "chosen": chosen,
        "total": len(found),
        "templates": [(key, _words(one.title.id, one.title.en)) for key, one in purpose_templates().items()],
    }
    return render(request, "exchange/purposes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def new(request: HttpRequest) -> HttpResponse:
    """Draft a purpose, from a template or from nothing."""
    template = purpose_templates().get(request.GET.get("dari", ""))
    form = PurposeForm(request.POST or None, services=_services(), initial=initial_from_template(template))
    if request.method == "POST" and form.is_valid():
        try:
            consumer = current_position(request).agency.code
            view = purpose_draft(consumer, form.words(), by=current_actor(request))
        except PurposeInvalid as error:
            form.add_error(None, _fault(error))
        else:
            messages.success(request, _("The draft is kept. Submit it when it is complete."))
            return redirect("exchange:purpose_page", view.id)
    context = {"form": form, "title": _("New purpose"), "action": _("Keep as a draft")}
    return render(request, "exchange/purpose_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def change(request: HttpRequest, purpose_id: UUID) -> HttpResponse:
    """Change a draft; what was written for one that a colleague has submitted meanwhile stays to be copied."""
    view = _seen(request, purpose_id)
    is_open = "change" in view.actions_for(current_position(request).agency.code)
    if not is_open and request.method != "POST":
        raise PurposeClosed(state=view.state)
    initial = initial_from_content(view.content, provider=view.provider.code)
    form = PurposeForm(request.POST or None, services=_services(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            purpose_change(purpose_id, form.words(), by=current_actor(request))
        except PurposeInvalid as error:
            form.add_error(None, _fault(error))
        except PurposeClosed as error:
            is_open = _closed(form, error)
        else:
            messages.success(request, _("The draft is kept. Submit it when it is complete."))
            return redirect("exchange:purpose_page", purpose_id)
    context = {"form": form, "title": _("Change the draft"), "action": _("Keep as a draft"), "purpose": view}
    context["is_closed"] = not is_open
    return render(request, "exchange/purpose_form.html", context, status=200 if is_open else 409)


@require_safe
@officer_required()
def page(request: HttpRequest, purpose_id: UUID) -> HttpResponse:
    """Show one purpose, and what the officer's agency may do with it."""
    view = _seen(request, purpose_id)
    code = current_position(request).agency.code
    answers = {answer.question: answer.answer for answer in view.content.risk}
    questions = [
        (_words(one.text.id, one.text.en), one.article, answers.get(one.code, "")) for one in risk_questions()
    ]
    context = purpose_row(view, code) | {
        "content": view.content,
        "questions": questions,
        "actions": view.actions_for(code),
        "can_propose": view.state == PurposeState.ACTIVE and view.consumer.code == code,
        "contracts": contracts_naming(purpose_id),
        "history": view.changed_at,
    }
    return render(request, "exchange/purpose.html", context)


@require_POST
@officer_required()
def submit(request: HttpRequest, purpose_id: UUID) -> HttpResponse:
    """Submit a draft."""
    try:
        view = purpose_submit(purpose_id, by=current_actor(request))
    except PurposeInvalid as error:
        messages.error(request, _fault(error))
    else:
        messages.success(request, DONE["approve" if view.state == "active" else "submit"])
    return redirect("exchange:purpose_page", purpose_id)


@require_POST
@officer_required()
def approve(request: HttpRequest, purpose_id: UUID) -> HttpResponse:
    """Approve a purpose for the provider."""
    purpose_approve(purpose_id, by=current_actor(request))
    messages.success(request, DONE["approve"])
    return redirect("exchange:purpose_page", purpose_id)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def move(request: HttpRequest, purpose_id: UUID, verb: str) -> HttpResponse:
    """Reject or suspend with a reason; lift a suspension; archive after a confirmation."""
    view = _seen(request, purpose_id)
    action, code = WITH_REASON.get(verb) or PLAIN.get(verb), current_position(request).agency.code
    form = ReasonForm(request.POST or None) if verb in WITH_REASON else None
    is_open = action in view.actions_for(code)
    if action is None or (not is_open and not (form and form.is_bound)):
        raise PurposeClosed(state=view.state)
    if request.method == "POST" and (form is None or form.is_valid()):
        reason = form.cleaned_data["reason"] if form is not None else ""
        try:
            purpose_move(purpose_id, action, reason=reason, by=current_actor(request))
            messages.success(request, DONE[action])
            return redirect("exchange:purpose_page", purpose_id)
        except PurposeClosed as error:
            if form is None:
                raise
            is_open = _closed(form, error)
    context = purpose_row(view, code) | {"form": form, "verb": action, "is_closed": not is_open}
    return render(request, "exchange/purpose_move.html", context, status=200 if is_open else 409)


def _closed(form: PurposeForm | ReasonForm, error: PurposeClosed) -> bool:
    """Say that somebody else was faster; the form stays, to be copied from. Return False: nothing can be sent any more."""
    kept = _("What you wrote is kept here to copy.")
    form.add_error(None, f"{error.in_words} {kept}")
    return False


def _seen(request: HttpRequest, purpose_id: UUID) -> PurposeView:
    """Return a purpose that the officer may see: a draft is its own agency's alone."""
    view = purpose_get(purpose_id)
    side = view.side_of(current_position(request).agency.code)
    if side is None or (view.state == "draft" and side != "consumer"):
        raise PurposeUnknown()
    return view


def purpose_row(view: PurposeView, agency_code: str) -> dict[str, object]:
    """Return what a card of a purpose shows to an officer of an agency."""
    return {
        "purpose": view,
        "text": text_of(view.content.text),
        "tag": TAGS.get(view.state, "info"),
        "is_ours": view.consumer.code == agency_code,
        "awaits_us": view.state == "waiting" and view.provider.code == agency_code,
        "consumer": full_name_of(view.consumer),
        "provider": full_name_of(view.provider),
        "disclosure": disclosure_words(view.content.disclosure),
    }


def _services() -> list[tuple[str, str]]:
    names = {peer.agency.peer_id: peer.agency for peer in peer_list()}
    return [
        (f"{names[one.peer_id].code}/{one.name}", f"{names[one.peer_id].short_name}: {one.title}")
        for one in interface_list()
    ]


def _fault(error: PurposeInvalid) -> str:
    if error.facts.get("reason") == "purpose.duplicate":
        return _("Your agency has a purpose with this code at this agency already. Choose another code.")
    return f"{OBJECTIONS.get(str(error.facts.get('reason')), error.title)} {error.next_step}"


def _words(text_id: str, text_en: str) -> str:
    return text_en if language() == "en" else text_id
