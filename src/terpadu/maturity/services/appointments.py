"""Who does what: appointments, assessors handed out in bulk, indicators handed to units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu.kernel.timers import timer_set
from terpadu.maturity.enums import LocusState, Role
from terpadu.maturity.errors import IndicatorUnknown, LastOfTeam, OwnAgency, RoleTaken
from terpadu.maturity.events import AgenciesHanded, Appointed, TasksHanded
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Appointment, Locus, Round, Task
from terpadu.maturity.policies import (
    ANSWERING,
    SUBMITTING,
    check_independent,
    check_national_team,
    check_role,
    check_state,
)
from terpadu.maturity.rules.distribution import NobodyIndependent, distribute
from terpadu.maturity.selectors.agencies import own_codes

TASK_REMINDER = "maturity.task_reminder"
MORNING = time(8)
REMIND_UNIT_BEFORE = timedelta(days=2)
BY_NATIONAL_TEAM = frozenset({Role.ASSESSOR, Role.NATIONAL_TEAM, Role.COORDINATOR})


@transaction.atomic
def appointment_create(
    measured: Round,
    *,
    role: Role,
    person_id: UUID,
    agency_code: str,
    locus: Locus | None = None,
    unit: str = "",
    by: Actor,
) -> Appointment:
    """Appoint a person.

    agency_code: where the person comes from. unit: of a respondent. The national team appoints assessors and
    coordinators; a coordinator the others of the agency. Raises NotAllowed, OwnAgency, RoleTaken.
    """
    if locus is None or role in BY_NATIONAL_TEAM:
        check_national_team(by, measured=measured)
    else:
        check_role(by, locus=locus, roles=SUBMITTING | {Role.NATIONAL_TEAM})
    if role == Role.ASSESSOR and locus is not None:
        check_independent(agency_code, locus=locus)
    row = Appointment(
        round=measured, locus=locus, role=role, person_id=person_id, agency_code=agency_code, unit=unit
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise RoleTaken(role=role) from None
    audit.record(
        "maturity.appointed", by=by, about_kind="appointment", about_id=row.id, facts={"role": str(role)}
    )
    emit(Appointed(row.id, measured.id, locus.id if locus else None, person_id, role.value))
    return row


@transaction.atomic
def appointment_end(appointment: Appointment, *, by: Actor) -> None:
    """End an appointment; what the person has done stays. Raises NotAllowed, LastOfTeam."""
    if appointment.locus is None or appointment.role in BY_NATIONAL_TEAM:
        check_national_team(by, measured=appointment.round)
    else:
        check_role(by, locus=appointment.locus, roles=SUBMITTING | {Role.NATIONAL_TEAM})
    if appointment.role == Role.NATIONAL_TEAM:
        team = appointment.round.appointments.select_for_update().filter(role=Role.NATIONAL_TEAM)
        if len(team) == 1:
            raise LastOfTeam()
    audit.record("maturity.appointment_ended", by=by, about_kind="appointment", about_id=appointment.id)
    appointment.delete()


@transaction.atomic
def assessors_distribute(measured: Round, *, assessors: Mapping[UUID, str], each: int = 2, by: Actor) -> int:
    """Hand every agency without assessors to `each` of them, evenly, never their own agency.

    assessors: home agency by person. Returns how many agencies were handed out. Raises OwnAgency when too few
    independent assessors are there, NotAllowed.
    """
    check_national_team(by, measured=measured)
    taken = Appointment.objects.filter(round=measured, role=Role.ASSESSOR).values("locus")
    loci = {row.agency_code: row for row in measured.loci.exclude(pk__in=taken).order_by("agency_code")}
    homes = {str(person): home for person, home in assessors.items()}
    try:
        given = distribute(own_codes(loci.values()), assessors=homes, each=each)
    except NobodyIndependent as error:
        raise OwnAgency(agency=error.agency) from None
    rows = [
        Appointment(
            round=measured,
            locus=loci[code],
            role=Role.ASSESSOR,
            person_id=UUID(person),
            agency_code=homes[person],
        )
        for code, persons in given.items()
        for person in persons
    ]
    Appointment.objects.bulk_create(rows)
    for person, count in Counter(row.person_id for row in rows).items():
        emit(AgenciesHanded(uuid7(), person, measured.year, count))
    audit.record(
        "maturity.assessors_distributed",
        by=by,
        about_kind="round",
        about_id=measured.id,
        facts={"agencies": len(given), "appointments": len(rows)},
    )
    return len(given)


@transaction.atomic
def tasks_assign(
    locus: Locus,
    *,
    indicators: Collection[str],
    unit: str,
    due_on: date,
    person_id: UUID | None = None,
    by: Actor,
) -> int:
    """Hand indicators to a unit (or one person of it), replacing whoever had them; return how many.

    due_on: day by which the unit answers; its respondents are told now, and reminded two mornings before. Raises IndicatorUnknown, NotAllowed, WrongState.
    """
    check_role(by, locus=locus, roles=ANSWERING)
    check_state(locus, LocusState.OPEN)
    known = instrument_get(locus.round.instrument_code).indicators
    if unknown := [number for number in indicators if number not in known]:
        raise IndicatorUnknown(indicator=unknown[0])
    rows = [
        Task(locus=locus, indicator=number, unit=unit, person_id=person_id, due_on=due_on)
        for number in dict.fromkeys(indicators)
    ]
    Task.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["locus", "indicator"],
        update_fields=["unit", "person_id", "due_on"],
    )
    audit.record(
        "maturity.tasks_assigned", by=by, about_kind="locus", about_id=locus.id, facts={"count": len(rows)}
    )
    emit(TasksHanded(uuid7(), locus.id, locus.round.year, unit, person_id, len(rows), due_on))
    remind_at = datetime.combine(due_on, MORNING, tzinfo=JAKARTA) - REMIND_UNIT_BEFORE
    if remind_at > now():
        timer_set(TASK_REMINDER, key=f"{locus.id}:{due_on}", due_at=remind_at)
    return len(rows)
