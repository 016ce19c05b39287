"""An agency's people: who holds which position from when to when; and what its directory tells about them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.directory.public import position_list
from terpadu.identity.enums import ClientKind
from terpadu.identity.errors import ClientInvalid
from terpadu.identity.errors.officers import AssignmentUnknown, GroupUnknown
from terpadu.identity.policies.access import (
    current_actor,
    current_position,
    officer_required,
    own_session_required,
)
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.rules.scim_access import PREFIX, SCOPE
from terpadu.identity.selectors.officers import directory_of, officer_get, officers_of
from terpadu.identity.selectors.provider.clients import client_list
from terpadu.identity.services import assignments
from terpadu.identity.services.provider import clients
from terpadu.identity.services.provider.wire import endpoint_url, issuer
from terpadu.identity.web.agency.people_forms import AppointForm, DirectoryForm, EndForm
from terpadu.kernel.errors import DomainError

ADMINISTRATOR = "administrator_instansi"
"""The position that administers an agency's people. No text names it: assumed."""


@never_cache
@require_safe
@officer_required(ADMINISTRATOR)
@own_session_required
def people_page(request: HttpRequest) -> HttpResponse:
    """List who holds, will hold or lately held a position."""
    agency = current_position(request).agency
    context = {"officers": officers_of(agency.code), "agency": agency, "area": "officer", "tab": "people"}
    return render(request, "identity/agency/people.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(ADMINISTRATOR)
@own_session_required
def appoint_page(request: HttpRequest) -> HttpResponse:
    """Give somebody a position."""
    agency, status = current_position(request).agency, 200
    form = AppointForm(request.POST or None, positions=position_list(agency.code))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            assignments.officer_appoint(
                nik=said["nik"],
                name=said["name"],
                position_id=UUID(said["position"]),
                first_day=said["first_day"],
                last_day=said["last_day"],
                by=current_actor(request),
            )
        except DomainError as error:
            form.refuse(error)
            status = error.http_status
        else:
            messages.success(request, _("Given. The person sees it in their account."))
            return HttpResponseRedirect(reverse("identity:agency_people"))
    context = {"form": form, "agency": agency, "area": "officer"}
    status = 422 if form.errors and status == 200 else status
    return render(request, "identity/agency/appoint.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(ADMINISTRATOR)
@own_session_required
def end_page(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Let a position end: now, or after a day."""
    found = officer_get(assignment_id, agency_code=current_position(request).agency.code)
    if found is None:
        raise AssignmentUnknown()
    form, status = EndForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        try:
            last_day = form.cleaned_data["last_day"]
            assignments.assignment_end(assignment_id, last_day=last_day, by=current_actor(request))
        except DomainError as error:
            form.refuse(error)
            status = error.http_status
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("identity:agency_people"))
    context = {"form": form, "officer": found, "area": "officer"}
    status = 422 if form.errors and status == 200 else status
    return render(request, "identity/agency/officer_end.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(ADMINISTRATOR)
@own_session_required
def directory_page(request: HttpRequest) -> HttpResponse:
    """Show what the directory told and how it connects; by POST register the system that keeps it."""
    agency = current_position(request).agency
    form = DirectoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        draft = ClientDraft(kind=ClientKind.SYSTEM, name=said["name"], scopes=(SCOPE,), jwks=said["jwks"])
        try:
            made = clients.client_register(agency.code, draft, by=current_actor(request))
            clients.client_request_production(made.client.client_id, by=current_actor(request))
        except ClientInvalid as error:
            form.mark(error.faults)
        else:
            messages.success(request, _("Registered. It works after an operator's approval."))
            return HttpResponseRedirect(reverse("identity:agency_directory"))
    context = {
        "form": form,
        "agency": agency,
        "directory": directory_of(agency.code),
        "systems": [one for one in client_list(agency_code=agency.code) if SCOPE in one.scopes],
        "positions": position_list(agency.code),
        "address": f"{issuer()}{PREFIX}",
        "token_address": endpoint_url("token"),
        "scope": SCOPE,
        "area": "officer",
        "tab": "directory",
    }
    return render(request, "identity/agency/directory.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@officer_required(ADMINISTRATOR)
@own_session_required
def group_page(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Say which position the members of a group hold."""
    # Here, not above: SCIM's models take a second.
    from terpadu.identity.services.scim.groups import group_map

    chosen = request.POST.get("position", "")
    own = {str(one.id): one.id for one in position_list(current_position(request).agency.code)}
    if chosen and chosen not in own:
        raise GroupUnknown()
    group_map(group_id, position_id=own.get(chosen), by=current_actor(request))
    messages.success(request, _("Saved. The positions of its members follow now."))
    return HttpResponseRedirect(reverse("identity:agency_directory"))
