"""All clients: where each stands, stopped or let go on, exceptions with their end, and hosts that we may fetch from."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.directory.public import agency_get
from terpadu.identity.enums import ClientStage
from terpadu.identity.policies.access import current_actor
from terpadu.identity.selectors.provider.clients import (
    ClientView,
    client_get,
    client_list,
    fetch_hosts_of,
    logo_digest,
)
from terpadu.identity.services.provider import clients
from terpadu.identity.web.agency.forms import CLAIM_WORDS
from terpadu.identity.web.forms import ReasonForm, RefusableForm
from terpadu.identity.web.operator.forms import ExceptionForm, HostsForm
from terpadu.identity.web.operator.guard import operator_page, operator_required
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.errors import DomainError

PAGE_SIZE = 50
PLAIN = "exception"
STOPPED = "stopped"


@never_cache
@require_safe
@operator_required
def list_page(request: HttpRequest) -> HttpResponse:
    """List all clients, or those in a stage, stopped, by exception, or whose name or agency holds a word."""
    every = client_list()
    chosen, word = request.GET.get("tahap", ""), request.GET.get("cari", "").strip()[:80]
    found = [one for one in every if _is_in(one, chosen) and _holds(one, word)]
    choices = [("", _("All")), *ClientStage.choices, (STOPPED, _("Stopped")), (PLAIN, _("By exception"))]
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "filters": [(key, label, sum(_is_in(one, key) for one in every)) for key, label in choices],
        "chosen": chosen,
        "word": word,
        "today": today(),
    }
    return operator_page(request, "clients", context)


def _is_in(client: ClientView, chosen: str) -> bool:
    if chosen == STOPPED:
        return client.suspended_at is not None
    return client.is_plain if chosen == PLAIN else chosen in ("", client.stage)


def _holds(client: ClientView, word: str) -> bool:
    text = f"{client.name} {client.name_en} {client.agency_name} {client.client_id}"
    return word.casefold() in text.casefold()


@never_cache
@require_http_methods(["GET", "POST"])
@operator_required
def detail_page(request: HttpRequest, client_id: str) -> HttpResponse:
    """Show a client; by POST stop it, let it go on, grant an exception or end one."""
    answer = request.POST.get("answer", "")
    stop = ReasonForm(request.POST if answer == "stop" else None, prefix="stop")
    leave = ExceptionForm(request.POST if answer == "grant" else None, prefix="leave")
    bound: RefusableForm | None = stop if answer == "stop" else leave if answer == "grant" else None
    client = client_get(client_id)
    if request.method == "POST" and (bound is None or bound.is_valid()):
        try:
            messages.success(request, _act(client, answer, stop, leave, by=current_actor(request)))
        except DomainError as error:
            if bound is None:
                raise
            bound.refuse(error)
        else:
            return HttpResponseRedirect(reverse("identity:operator_client", args=[client_id]))
    context = {
        "client": client,
        "uses": [(CLAIM_WORDS[use.claim], use) for use in client.claim_uses],
        "logo": logo_digest(client),
        "stop": stop,
        "leave": leave,
        "form": bound,
        "is_over": client.is_plain and not client.is_usable(today()) and client.suspended_at is None,
    }
    return operator_page(request, "clients_detail", context, status=422 if bound and bound.errors else 200)


def _act(client: ClientView, answer: str, stop: ReasonForm, leave: ExceptionForm, *, by: Actor) -> str:
    if answer == "stop":
        clients.client_suspend(client.client_id, reason=stop.cleaned_data["reason"], by=by)
        return _("Stopped, in every process, from now on.")
    if answer == "resume":
        clients.client_resume(client.client_id, by=by)
        return _("It works again.")
    if answer == "grant":
        clients.client_exception_grant(client.client_id, **leave.cleaned_data, by=by)
        return _("The exception is granted. It ends by itself.")
    clients.client_exception_end(client.client_id, by=by)
    return _("The exception is over. Its secret no longer works.")


@never_cache
@require_http_methods(["GET", "POST"])
@operator_required
def hosts_page(request: HttpRequest, agency_code: str) -> HttpResponse:
    """Set from which hosts we may fetch for an agency's clients, and tell of sign-outs. Raises AgencyUnknown."""
    agency = agency_get(agency_code)
    initial = {"hosts": "\n".join(sorted(fetch_hosts_of(agency_code)))}
    form = HostsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        clients.fetch_hosts_set(agency_code, form.cleaned_data["hosts"], by=current_actor(request))
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("identity:operator_hosts", args=[agency_code]))
    users = [one for one in client_list(agency_code=agency_code) if one.stage != ClientStage.ENDED]
    context = {"agency": agency, "form": form, "clients": users}
    return operator_page(request, "clients_hosts", context, status=422 if form.errors else 200)
