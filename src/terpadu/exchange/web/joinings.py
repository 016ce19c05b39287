"""For operators: who asks to join, where joining needs four eyes; and the certificate that an agency fetches then."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.exchange.enums import OPERATOR, JoiningState
from terpadu.exchange.errors.disclosure import JoiningClosed, JoiningUnknown
from terpadu.exchange.policies import check_operates
from terpadu.exchange.selectors.joinings import JoiningView, joining_get, joinings
from terpadu.exchange.services.joining import joining_decide
from terpadu.exchange.web.joining_forms import RefusalForm
from terpadu.identity.public import (
    current_actor,
    current_person,
    current_position,
    officer_required,
    own_session_required,
)
from terpadu.kernel.errors import DomainError

TAGS = {JoiningState.WAITING: "wait", JoiningState.APPROVED: "ok", JoiningState.REFUSED: "late"}
VERBS = {"setujui": True, "tolak": False}


@require_safe
@officer_required(OPERATOR)
@own_session_required
def overview(request: HttpRequest) -> HttpResponse:
    """Show who asks to join, and what the operator may decide."""
    check_operates(current_actor(request))
    rows = [_row(request, one) for one in joinings()]
    return render(request, "exchange/joinings.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required(OPERATOR)
@own_session_required
def decide(request: HttpRequest, request_id: UUID, verb: str) -> HttpResponse:
    """Approve or refuse, after a page that says what follows; to refuse needs a reason."""
    check_operates(current_actor(request))
    view = joining_get(request_id)
    if verb not in VERBS or (view.state != JoiningState.WAITING and request.method != "POST"):
        raise JoiningClosed()
    is_approved, status = VERBS[verb], 200
    form = RefusalForm(request.POST if request.method == "POST" else None, needs_reason=not is_approved)
    if form.is_bound and form.is_valid():
        try:
            reason = form.cleaned_data.get("reason", "")
            joining_decide(request_id, is_approved=is_approved, reason=reason, by=current_actor(request))
        except DomainError as error:
            form.add_error(None, error.in_words)
            status = error.http_status
        else:
            messages.success(request, _("The agency has joined.") if is_approved else _("Refused."))
            return redirect("exchange:joinings")
    context = {"view": view, "form": form, "is_approved": is_approved}
    return render(request, "exchange/joining_decide.html", context, status=status)


@require_safe
@officer_required()
def certificate(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Give the certificate that was issued for an agency's own key, to its officers and to the operator."""
    position, view = current_position(request), joining_get(request_id)
    if position.agency.code != view.agency.code:
        check_operates(current_actor(request))
    if not view.certificate:
        raise JoiningUnknown()
    disposition = f'attachment; filename="{view.agency.peer_id}.pem"'
    return HttpResponse(
        view.certificate,
        content_type="application/x-pem-file",
        headers={"Content-Disposition": disposition},
    )


def _row(request: HttpRequest, view: JoiningView) -> dict[str, object]:
    waits = view.state == JoiningState.WAITING
    return {
        "view": view,
        "tag": TAGS[JoiningState(view.state)],
        "may_decide": waits and view.asked_by_id != current_person(request),
        "is_own": waits and view.asked_by_id == current_person(request),
    }
