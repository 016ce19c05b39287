"""Work pages of appointments: the people of a round, and those of one agency."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.public import account_holder_find
from terpadu.kernel.errors import DomainError, NotFound
from terpadu.maturity.enums import Role, RoundState
from terpadu.maturity.errors import AgencyNotInRound, LastOfTeam
from terpadu.maturity.models import Appointment, Locus, Round
from terpadu.maturity.policies import SUBMITTING, check_national_team
from terpadu.maturity.selectors import people, work
from terpadu.maturity.services.appointments import appointment_create, appointment_end
from terpadu.maturity.web.access import actor_of, member_page, seen_locus
from terpadu.maturity.web.preparation_forms import AgencyAppointForm, RoundAppointForm
from terpadu.maturity.web.stage_views import FORM_METHODS, refused
from terpadu.maturity.web.work_views import locus_context

OF_A_ROUND = (Role.NATIONAL_TEAM, Role.COORDINATOR, Role.ASSESSOR)
OF_AN_AGENCY = (Role.RESPONSIBLE, Role.ENTRY_OPERATOR, Role.RESPONDENT)


@require_http_methods(FORM_METHODS)
@member_page
def round_people(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show the national team and the assessors; by POST appoint one of them, or an agency's coordinator."""
    measured = work.round_get(round_id)
    check_national_team(actor_of(request), measured=measured)
    form, status = RoundAppointForm(request.POST or None, roles=OF_A_ROUND), 200
    if request.method == "POST" and form.is_valid():
        try:
            _appoint(request, form, measured=measured, locus=_measured_agency(measured, form))
            return redirect("maturity:round_people", measured.id)
        except DomainError as error:
            status = refused(form, error)
    context = {
        "area": "officer",
        "measured": measured,
        "form": form,
        "members": people.people_of_round(measured),
        "without": people.without_coordinator(measured),
        "names": measured.loci.order_by("agency_name").values_list("agency_name", flat=True),
        "may_appoint": measured.state != RoundState.PUBLISHED,
    }
    return render(
        request, "maturity/work_people.html", context, status=422 if form.errors and status == 200 else status
    )


@require_http_methods(FORM_METHODS)
@member_page
def agency_people(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Show who works on an agency; by POST appoint somebody of it."""
    locus, roles = seen_locus(request, locus_id)
    form, status = AgencyAppointForm(request.POST or None, roles=OF_AN_AGENCY), 200
    if request.method == "POST" and form.is_valid():
        try:
            _appoint(request, form, measured=locus.round, locus=locus)
            return redirect("maturity:agency_people", locus.id)
        except DomainError as error:
            status = refused(form, error)
    context = {
        **locus_context(locus, roles),
        "form": form,
        "members": people.people_of_agency(locus),
        "may_appoint": bool(roles & (SUBMITTING | {Role.NATIONAL_TEAM}))
        and locus.round.state != RoundState.PUBLISHED,
        "ends": tuple(Role) if Role.NATIONAL_TEAM in roles else OF_AN_AGENCY,
    }
    return render(
        request, "maturity/work_people.html", context, status=422 if form.errors and status == 200 else status
    )


@require_POST
@member_page
def appointment_remove(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """End an appointment; what the person has done stays."""
    row = Appointment.objects.select_related("round", "locus__round").filter(pk=appointment_id).first()
    if row is None:
        raise NotFound()
    try:
        appointment_end(row, by=actor_of(request))
        messages.success(request, _("The appointment has ended. What the person has done stays."))
    except LastOfTeam as error:
        messages.error(request, error.in_words)
    if row.locus is None or Role(row.role) in OF_A_ROUND:
        return redirect("maturity:round_people", row.round_id)
    return redirect("maturity:agency_people", row.locus.id)


def _measured_agency(measured: Round, form: RoundAppointForm) -> Locus | None:
    """Return the agency that the form names, None for the national team. Raises AgencyNotInRound."""
    if form.cleaned_data["role"] == Role.NATIONAL_TEAM:
        return None
    name = form.cleaned_data["agency"].strip()
    locus = measured.loci.select_related("round").filter(agency_name__iexact=name).first()
    if locus is None:
        raise AgencyNotInRound()
    return locus


def _appoint(
    request: HttpRequest, form: RoundAppointForm | AgencyAppointForm, *, measured: Round, locus: Locus | None
) -> None:
    given, by = form.cleaned_data, actor_of(request)
    role = Role(given["role"])
    person_id = account_holder_find(nik=given["nik"], name=given["name"], by=by)
    home = given.get("home", "") if role == Role.ASSESSOR else locus.agency_code if locus else ""
    appointment_create(
        measured,
        role=role,
        person_id=person_id,
        agency_code=home,
        locus=locus,
        unit=given.get("unit", "").strip() if role == Role.RESPONDENT else "",
        by=by,
    )
    messages.success(request, _("Appointed. The person finds a message in their inbox."))
