"""Who may do what in a round. `check_…` raises; the kernel's NotAllowed does not even tell that something exists."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from terpadu.identity.public import assignments_of
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotAllowed
from terpadu.maturity.enums import LocusState, Role, RoundState
from terpadu.maturity.errors import AnswerTooLate, OwnAgency, WrongState
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Appointment, Locus, Round, Task
from terpadu.maturity.rules.instrument import Stage
from terpadu.maturity.selectors.agencies import own_codes

ANSWERING = frozenset({Role.COORDINATOR, Role.RESPONSIBLE, Role.ENTRY_OPERATOR})
SUBMITTING = frozenset({Role.COORDINATOR, Role.RESPONSIBLE})
LEADING_POSITION = "tim_nasional_evaluasi"  # which position opens rounds is fixed by no text: assumed
OF_THE_AGENCY = ANSWERING | {Role.RESPONDENT}


def roles_of(by: Actor, *, locus: Locus) -> frozenset[Role]:
    """Return the roles of an actor for one agency of a round, the national team's included. One query."""
    if by.person_id is None:
        return frozenset(Role)
    here = Q(locus=locus) | Q(locus__isnull=True, round_id=locus.round_id)
    found = Appointment.objects.filter(here, person_id=person_of(by)).values_list("role", flat=True)
    return frozenset(Role(role) for role in found)


def person_of(by: Actor) -> UUID:
    """Return the person who acts. Raises NotAllowed for the system."""
    if by.person_id is None:
        raise NotAllowed()
    return by.person_id


def check_national_team(by: Actor, *, measured: Round | None = None) -> None:
    """Let only the national team of a round pass; when none is given, whoever may open one. Raises NotAllowed."""
    if by.kind == "system":
        return
    if measured is None:
        is_let = may_open_rounds(person_of(by))
    else:
        rows = Appointment.objects.filter(role=Role.NATIONAL_TEAM, person_id=person_of(by))
        is_let = rows.filter(round=measured).exists()
    if not is_let:
        raise NotAllowed()


def may_open_rounds(person_id: UUID) -> bool:
    """Tell whether a person may open a round: was in the national team of one, or holds the position today."""
    rows = Appointment.objects.filter(role=Role.NATIONAL_TEAM, person_id=person_id)
    held = {one.position.kind for one in assignments_of(person_id, on=today())}
    return LEADING_POSITION in held or rows.exists()


def check_role(by: Actor, *, locus: Locus, roles: Collection[Role]) -> None:
    """Let only those pass who have one of the roles for the agency. Raises NotAllowed. One query."""
    if not roles_of(by, locus=locus) & frozenset(roles):
        raise NotAllowed()


def check_can_see(by: Actor, *, locus: Locus) -> None:
    """Let only those pass who have any role for the agency. Raises NotAllowed."""
    check_role(by, locus=locus, roles=Role)


def can_answer(by: Actor, *, locus: Locus, indicator: str) -> bool:
    """Tell whether an actor may answer an indicator: coordinator, person in charge, entry operator, or its respondent.

    A respondent may answer what was handed to them by name or to their unit.
    """
    roles = roles_of(by, locus=locus)
    if roles & ANSWERING:
        return True
    if Role.RESPONDENT not in roles:
        return False
    return indicator in _tasks_of(by, locus=locus)


def open_to(by: Actor, *, locus: Locus, stage: Stage) -> frozenset[str]:
    """Return the indicators that an actor may work on at a stage now. At most three queries."""
    every = frozenset(instrument_get(locus.round.instrument_code).indicators)
    roles = roles_of(by, locus=locus)
    if stage.by != "agency":
        is_on = locus.state in (LocusState.SUBMITTED, LocusState.ANNOUNCED)
        return every if is_on and Role.ASSESSOR in roles else frozenset()
    if locus.state != LocusState.OPEN or now() > locus.round.self_due_at:
        return frozenset()
    if roles & ANSWERING:
        return every
    return frozenset(_tasks_of(by, locus=locus)) if Role.RESPONDENT in roles else frozenset()


def _tasks_of(by: Actor, *, locus: Locus) -> list[str]:
    """Return the indicators handed to a respondent by name or to their unit. One query."""
    units = Appointment.objects.filter(locus=locus, role=Role.RESPONDENT, person_id=person_of(by))
    mine = Q(person_id=person_of(by)) | Q(person_id__isnull=True, unit__in=units.values("unit"))
    return list(Task.objects.filter(mine, locus=locus).values_list("indicator", flat=True))


def check_can_answer(by: Actor, *, locus: Locus, indicator: str) -> None:
    """Let an answer through only from who may give it, while the self-assessment runs.

    Raises NotAllowed, WrongState after submission or before the round runs, AnswerTooLate after the deadline.
    """
    if not can_answer(by, locus=locus, indicator=indicator):
        raise NotAllowed()
    check_state(locus, LocusState.OPEN)
    if now() > locus.round.self_due_at:
        raise AnswerTooLate(indicator=indicator)


def check_can_assess(by: Actor, *, locus: Locus) -> None:
    """Let only appointed assessors pass, never those of the agency itself. Raises NotAllowed, OwnAgency, WrongState.

    An assessor is of every agency named at the appointment or in which they hold a position today.
    """
    check_role(by, locus=locus, roles=[Role.ASSESSOR])
    homes = {by.agency} if by.person_id is None else {by.agency, *_homes_of(by.person_id, locus=locus)}
    for code in sorted(homes - {""}):
        check_independent(code, locus=locus)
    check_state(locus, LocusState.SUBMITTED, LocusState.ANNOUNCED)


def _homes_of(person_id: UUID, *, locus: Locus) -> set[str]:
    appointed = Appointment.objects.filter(locus=locus, role=Role.ASSESSOR, person_id=person_id)
    held = {one.position.agency.code for one in assignments_of(person_id, on=today())}
    return held | set(appointed.values_list("agency_code", flat=True))


def check_independent(agency_code: str, *, locus: Locus) -> None:
    """Refuse an assessor who comes from the agency, or from an office or district of it. Raises OwnAgency."""
    if agency_code in own_codes([locus])[locus.agency_code]:
        raise OwnAgency(agency=agency_code)


def check_state(locus: Locus, *states: LocusState) -> None:
    """Let only loci in one of the states of a running round pass. Raises WrongState."""
    if locus.round.state != RoundState.RUNNING or locus.state not in states:
        raise WrongState(round_state=locus.round.state, locus_state=locus.state)
