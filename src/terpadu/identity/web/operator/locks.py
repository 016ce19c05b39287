"""Locks of accounts: asked for by one operator, decided by another, and undone in the same way."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from terpadu.identity.enums import SignalKind
from terpadu.identity.errors.operator import LockRefused
from terpadu.identity.policies.access import current_actor, current_person
from terpadu.identity.selectors.accounts import person_find_by_nik
from terpadu.identity.selectors.locks import locks_open, locks_over
from terpadu.identity.services import locks
from terpadu.identity.web.operator.forms import LockForm
from terpadu.identity.web.operator.guard import operator_page, operator_required
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@operator_required
def locks_page(request: HttpRequest) -> HttpResponse:
    """List the locks; by POST ask for one, or take the next step of one that is there."""
    answer = request.POST.get("answer", "")
    initial = {"who": request.GET.get("orang", ""), "signal": request.GET.get("jenis", "")}
    form = LockForm(request.POST if answer == "lock" else None, initial=initial)
    status, fault = 200, None
    if request.method == "POST" and (answer != "lock" or form.is_valid()):
        try:
            messages.success(request, _act(request, answer, form, by=current_actor(request)))
        except DomainError as error:
            status, fault = error.http_status, error
            if answer == "lock":
                form.refuse(error)
        else:
            return HttpResponseRedirect(reverse("identity:operator_locks"))
    context = {
        "open": locks_open(),
        "over": locks_over(),
        "form": form,
        "fault": None if answer == "lock" else fault,
        "operator_id": current_person(request),
    }
    return operator_page(request, "locks", context, status=422 if form.errors and status == 200 else status)


def _act(request: HttpRequest, answer: str, form: LockForm, *, by: Actor) -> str:
    if answer == "lock":
        return _ask(form, by=by)
    lock_id = _uuid(request.POST.get("lock", ""))
    if answer == "unlock":
        locks.unlock_ask(lock_id, reason=request.POST.get("reason", ""), by=by)
        return _("Asked for. The account stays locked until another operator agrees.")
    if answer == "confirm":
        locks.lock_confirm(lock_id, by=by)
        return _("Locked. Sessions and tokens have ended, and the person is told.")
    if answer == "refuse":
        locks.lock_refuse(lock_id, by=by)
        return _("Not locked.")
    locks.unlock_confirm(lock_id, by=by)
    return _("Unlocked. The person is told, and signs in anew.")


def _ask(form: LockForm, *, by: Actor) -> str:
    said = form.cleaned_data
    who = said["who"]
    person_id = who if isinstance(who, UUID) else person_find_by_nik(who)
    if person_id is None:
        raise LockRefused(reason="no account")
    signal = SignalKind(said["signal"]) if said["signal"] else None
    locks.lock_ask(person_id, reason=said["reason"], signal=signal, by=by)
    return _("Asked for. Another operator decides; nothing has changed for the person yet.")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise LockRefused(reason="identifier") from None
