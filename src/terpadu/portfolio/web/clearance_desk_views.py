"""The pages of those who judge: inbox, completeness, reviews, decision, appeal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.directory.public import position_list
from terpadu.identity.public import holders_of, person_many, signed_in_required
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import DomainError, NotAllowed, NotFound
from terpadu.portfolio.clearance_wording import explain_fault
from terpadu.portfolio.enums import DecisionKind, Desk, Opinion, Part, RequestAction, RequestKind
from terpadu.portfolio.errors import (
    ChangedMeanwhile,
    DecisionRefused,
    RequestIncomplete,
    SamePerson,
    StepRefused,
)
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import ClearanceRequest, DeskReview
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.rules.clearance.decisions import ALLOWED, POSITIVE, default_decision, months_after
from terpadu.portfolio.rules.clearance.states import next_standing
from terpadu.portfolio.selectors.clearance.dossiers import request_get, waiting_for
from terpadu.portfolio.selectors.clearance.parts import desks_of, positions_of
from terpadu.portfolio.services.clearance.appeals import (
    appeal_dismiss,
    appeal_file,
    appeal_retract,
    appeal_uphold,
)
from terpadu.portfolio.services.clearance.decisions import DecisionValues, decision_take
from terpadu.portfolio.services.clearance.flow import standing_of
from terpadu.portfolio.services.clearance.reviews import (
    comment_add,
    review_delegate,
    review_give,
    review_take,
)
from terpadu.portfolio.services.clearance.screening import latest_report, named_of
from terpadu.portfolio.services.clearance.submission import request_accept, request_return
from terpadu.portfolio.web.access import current_actor
from terpadu.portfolio.web.clearance_forms import (
    AppealForm,
    CommentForm,
    DecisionForm,
    ReviewForm,
    WordsForm,
    take_faults,
)
from terpadu.portfolio.web.clearance_presenters import TAGS, desk_named, dossier_of, is_judge
from terpadu.portfolio.web.clearance_request_views import draw_dossier, frame
from terpadu.portfolio.web.conflicts import say_changed, say_moved_on

Answer = HttpResponse


@signed_in_required
@require_safe
def inbox(request: HttpRequest) -> Answer:
    """Show what waits for the offices that one fills, most urgent first."""
    context = frame(request, place="inbox")
    found = waiting_for(context["positions"])
    context["items"] = [
        {
            "one": one,
            "tag": TAGS[one.row.state],
            "due": one.review.due_at if one.review else one.row.due_at,
            "is_late": bool((due := one.review.due_at if one.review else one.row.due_at) and due < now()),
        }
        for one in found
    ]
    return render(request, "portfolio/clearance/inbox.html", context)


@signed_in_required
@require_POST
def accept(request: HttpRequest, request_id: UUID) -> Answer:
    """Find a request complete."""
    try:
        request_accept(request_id, by=current_actor(request))
        messages.success(request, _("Complete. The overlap report is being made."))
    except StepRefused as error:
        messages.info(request, f"{error.title}")
    return redirect("portfolio:clearance_request", request_id)


@signed_in_required
@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, request_id: UUID) -> Answer:
    """Return a request to be completed, saying what is missing."""
    row, is_open = _for(request, request_id, Part.SECRETARIAT, RequestAction.RETURN)
    label = _("What is missing?")
    form = WordsForm(request.POST or None, label=label, hint=_("The proposer reads this."))
    if form.is_valid():
        try:
            request_return(row.id, reason=form.cleaned_data["text"], by=current_actor(request))
            messages.success(request, _("The request is returned to the proposer."))
            return redirect("portfolio:clearance_inbox")
        except StepRefused:
            say_moved_on(form, row)
        except RequestIncomplete as error:
            _text_faults(form, error)
    words = {"title": _("Return to be completed"), "action_text": _("Return it"), "is_closed": not is_open}
    return _words(request, row, form, words)


@signed_in_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, request_id: UUID, desk: str) -> Answer:
    """Give a desk's opinion beside the request and its overlap report."""
    row, found, review_row = _desk(request, request_id, desk)
    form = ReviewForm(request.POST or None)
    if form.is_valid():
        try:
            data = form.cleaned_data
            review_give(
                row.id,
                desk=found,
                opinion=Opinion(data["opinion"]),
                text=data["text"],
                conditions=data["conditions"],
                by=current_actor(request),
            )
            messages.success(request, _("Your desk's opinion is given."))
            return redirect("portfolio:clearance_inbox")
        except RequestIncomplete as error:
            take_faults(form, error.faults)
        except DomainError as error:
            _or_raise(form, error)
    context = {"form": form, "desk": found, "review": review_row, "colleagues": _colleagues(request, row)}
    return _beside(request, row, "portfolio/clearance/review.html", context, form=form)


@signed_in_required
@require_POST
def take(request: HttpRequest, request_id: UUID, desk: str) -> Answer:
    """Say that one works on a review."""
    _row, found, _review = _desk(request, request_id, desk)
    review_take(request_id, desk=found, by=current_actor(request))
    messages.success(request, _("Your colleagues see that you work on it."))
    return redirect("portfolio:clearance_review", request_id, desk)


@signed_in_required
@require_POST
def delegate(request: HttpRequest, request_id: UUID, desk: str) -> Answer:
    """Hand a review to a colleague."""
    _row, found, _review = _desk(request, request_id, desk)
    try:
        to = UUID(request.POST.get("to", ""))
    except ValueError:
        messages.error(request, _("Choose a colleague."))
        return redirect("portfolio:clearance_review", request_id, desk)
    review_delegate(request_id, desk=found, to=to, by=current_actor(request))
    messages.success(request, _("The review is handed over."))
    return redirect("portfolio:clearance_inbox")


@signed_in_required
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, request_id: UUID) -> Answer:
    """Take the decision, in the first instance or on appeal. The form opens with the default: reuse of the best candidate."""
    row, parts = request_get(request_id, by=current_actor(request))
    is_appeal = Part.APPEAL in parts and (row.state == "appealed" or Part.DECIDER not in parts)
    if not is_appeal and Part.DECIDER not in parts:
        raise NotAllowed()
    is_open = row.state == ("appealed" if is_appeal else "decision")
    if not is_open and request.method != "POST":
        raise StepRefused(state=row.state, action="decide")
    kinds = [kind for kind in ALLOWED[RequestKind(row.kind)] if not is_appeal or kind in POSITIVE]
    form = DecisionForm(request.POST or None, kinds=kinds, initial=_default(row, is_appeal=is_appeal))
    if form.is_valid():
        try:
            _decide(request, row, form, is_appeal=is_appeal)
            messages.success(request, _("The decision is taken. Its signed letter is being made."))
            return redirect("portfolio:clearance_request", row.id)
        except DecisionRefused as error:
            take_faults(form, error.faults)
        except SamePerson as error:
            form.add_error(None, error.in_words)
        except (StepRefused, ChangedMeanwhile) as error:
            is_open = _moved(request, form, row, error)
    context = {"form": form, "is_appeal": is_appeal, "rules": regulation(), "is_closed": not is_open}
    return _beside(request, row, "portfolio/clearance/decide.html", context, form=form)


def _moved(request: HttpRequest, form: DecisionForm, row: ClearanceRequest, error: DomainError) -> bool:
    """Say that somebody else was faster; tell whether the decision can still be taken, now that its request was read again."""
    fresh, _parts = request_get(row.id, by=current_actor(request))
    if fresh.state == row.state == "decision":
        say_changed(form, error, version=fresh.version, stored={})
        return True
    say_moved_on(form, fresh)
    return False


def _decide(request: HttpRequest, row: ClearanceRequest, form: DecisionForm, *, is_appeal: bool) -> None:
    data = form.cleaned_data
    values = DecisionValues(
        kind=DecisionKind(data["kind"]),
        reason=data["reason"],
        target=data["target"],
        conditions=data["conditions"],
        why_not_reuse=data["why_not_reuse"],
        expires_on=data["expires_on"],
    )
    if is_appeal:
        appeal_uphold(row.id, values=values, by=current_actor(request))
    else:
        decision_take(row.id, values=values, version=data["version"], by=current_actor(request))


def _default(row: ClearanceRequest, *, is_appeal: bool) -> dict[str, Any]:
    report = latest_report(row)
    named = named_of(report.candidates) if report else []
    kind, target = default_decision(RequestKind(row.kind), named, strong=regulation().strong_score)
    expires = months_after(today(), regulation().usual_months)
    return {
        "version": row.version,
        "kind": "" if is_appeal else kind.value,
        "target": target,
        "expires_on": expires,
    }


@signed_in_required
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, request_id: UUID) -> Answer:
    """File an appeal against the decision or against findings of its report."""
    row, is_open = _for(request, request_id, Part.PROPOSER, RequestAction.APPEAL)
    report = latest_report(row)
    candidates = (
        [(one["code"], f"{one['code']} {one['name']}") for one in report.candidates] if report else []
    )
    form = AppealForm(request.POST or None, candidates=candidates)
    if form.is_valid():
        try:
            contested = tuple(form.cleaned_data.get("contested", ()))
            appeal_file(
                row.id, grounds=form.cleaned_data["grounds"], contested=contested, by=current_actor(request)
            )
            messages.success(
                request, _("Your appeal is filed. Somebody else than the first decider judges it.")
            )
            return redirect("portfolio:clearance_request", row.id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
        except DomainError as error:
            _or_raise(form, error)
    context = {**frame(request, place="mine"), "row": row, "form": form, "rules": regulation()}
    context["is_closed"] = not is_open
    return render(request, "portfolio/clearance/appeal.html", context, status=422 if form.errors else 200)


@signed_in_required
@require_POST
def retract(request: HttpRequest, request_id: UUID) -> Answer:
    """Take an appeal back."""
    appeal_retract(request_id, by=current_actor(request))
    messages.success(request, _("The appeal is taken back; the decision stands."))
    return redirect("portfolio:clearance_request", request_id)


@signed_in_required
@require_http_methods(["GET", "POST"])
def dismiss(request: HttpRequest, request_id: UUID) -> Answer:
    """Let the decision stand, with reasons."""
    row, is_open = _for(request, request_id, Part.APPEAL, RequestAction.DISMISS)
    form = WordsForm(request.POST or None, label=_("Reasons"), hint=_("The proposer reads this."))
    if form.is_valid():
        try:
            appeal_dismiss(row.id, reason=form.cleaned_data["text"], by=current_actor(request))
            messages.success(request, _("The appeal is dismissed; the decision stands."))
            return redirect("portfolio:clearance_inbox")
        except StepRefused:
            say_moved_on(form, row)
        except DecisionRefused as error:
            _text_faults(form, error)
        except SamePerson as error:
            form.add_error(None, error.in_words)
    words = {"title": _("Dismiss the appeal"), "action_text": _("Dismiss it"), "is_closed": not is_open}
    return _words(request, row, form, words)


@signed_in_required
@require_http_methods(["GET", "POST"])
def comment(request: HttpRequest, request_id: UUID) -> Answer:
    """Say something about a request; what cannot be taken stays in its box."""
    if request.method == "GET":
        return redirect("portfolio:clearance_request", request_id)
    by = current_actor(request)
    _row, parts = request_get(request_id, by=by)
    form = CommentForm(request.POST, may_hide=is_judge(parts, positions_of(by)))
    if form.is_valid():
        data = form.cleaned_data
        try:
            comment_add(request_id, text=data["text"], is_internal=data.get("is_internal", False), by=by)
            messages.success(request, _("Your comment is added."))
            return redirect("portfolio:clearance_request", request_id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
    return draw_dossier(request, request_id, comment=form)


def _for(
    request: HttpRequest, request_id: UUID, part: Part, action: RequestAction
) -> tuple[ClearanceRequest, bool]:
    """Return a request for somebody with a part in it, and whether this can still be done; what was typed is never sent away.

    Raises NotAllowed, and StepRefused when somebody opens the page of a request that has moved on.
    """
    row, parts = request_get(request_id, by=current_actor(request))
    if part not in parts:
        raise NotAllowed()
    is_open = next_standing(standing_of(row), action, part=part) is not None
    if not is_open and request.method != "POST":
        raise StepRefused(state=row.state, action=action.value)
    return row, is_open


def _desk(request: HttpRequest, request_id: UUID, name: str) -> tuple[ClearanceRequest, Desk, DeskReview]:
    row, _parts = request_get(request_id, by=current_actor(request))
    desk = desk_named(name)
    if desk is None or desk not in desks_of(positions_of(current_actor(request)), row):
        raise NotAllowed()
    review_row = row.reviews.filter(desk=desk).first()
    if review_row is None:
        raise NotFound()
    return row, desk, review_row


def _colleagues(request: HttpRequest, row: ClearanceRequest) -> list[tuple[str, str]]:
    """Return who else works in the agencies of the one who looks."""
    positions = positions_of(current_actor(request))
    found: set[UUID] = set()
    for code in {one.agency.code for one in positions.held}:
        for kind in {one.kind for one in position_list(code)}:
            found |= set(holders_of(kind, code, on=today()))
    people = person_many(one for one in found if one not in (row.created_by, positions.person_id))
    return sorted(((str(key), view.name) for key, view in people.items()), key=lambda one: one[1])


def _beside(
    request: HttpRequest, row: ClearanceRequest, template: str, context: dict[str, Any], *, form: Any
) -> Answer:
    """Draw a form beside everything that the request says."""
    _same, parts = request_get(row.id, by=current_actor(request))
    shown = frame(request, place="inbox")
    shown |= dossier_of(row, parts=parts, positions=shown["positions"]) | context
    return render(request, template, shown, status=422 if form.errors else 200)


def _words(request: HttpRequest, row: ClearanceRequest, form: WordsForm, words: dict[str, Any]) -> Answer:
    context = {**frame(request, place="inbox"), "row": row, "form": form, **words}
    return render(request, "portfolio/clearance/words.html", context, status=422 if form.errors else 200)


def _text_faults(form: WordsForm, error: RequestIncomplete | DecisionRefused) -> None:
    for fault in error.faults:
        if isinstance(fault, Fault):
            form.add_error("text", explain_fault(fault))


def _or_raise(form: Any, error: DomainError) -> None:
    """Say on the form what has happened meanwhile; what must not be known stays unknown."""
    if error.http_status == 404:
        raise error
    form.add_error(None, error.in_words)
