"""Who may do what in a round. `check_…` raises; the kernel's NotAllowed does not even tell that something exists."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.maturity.enums import LocusState, Role, RoundState
from terpadu.maturity.errors import AnswerTooLate, OwnAgency, WrongState
from terpadu.maturity.models import Appointment, Locus, Round, Task
from terpadu.maturity.selectors.agencies import own_codes

ANSWERING = frozenset({Role.COORDINATOR, Role.RESPONSIBLE, Role.ENTRY_OPERATOR})
SUBMITTING = frozenset({Role.COORDINATOR, Role.RESPONSIBLE})
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
    """Let only the national team pass (of the round, or of any round when none is given). Raises NotAllowed."""
    if by.kind == "system":
        return
    rows = Appointment.objects.filter(role=Role.NATIONAL_TEAM, person_id=person_of(by))
    if not (rows.filter(round=measured) if measured else rows).exists():
        raise NotAllowed()


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
    units = Appointment.objects.filter(locus=locus, role=Role.RESPONDENT, person_id=person_of(by))
    mine = Q(person_id=person_of(by)) | Q(person_id__isnull=True, unit__in=units.values("unit"))
    return Task.objects.filter(mine, locus=locus, indicator=indicator).exists()


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
    """Let only appointed assessors pass, never those of the agency itself. Raises NotAllowed, OwnAgency, WrongState."""
    check_role(by, locus=locus, roles=[Role.ASSESSOR])
    check_independent(by.agency, locus=locus)
    home = Appointment.objects.filter(locus=locus, role=Role.ASSESSOR)
    home = home.filter(person_id=by.person_id) if by.person_id else home.none()
    for code in home.values_list("agency_code", flat=True):
        check_independent(code, locus=locus)
    check_state(locus, LocusState.SUBMITTED, LocusState.ANNOUNCED)


def check_independent(agency_code: str, *, locus: Locus) -> None:
    """Refuse an assessor who comes from the agency, or from an office or district of it. Raises OwnAgency."""
    if agency_code in own_codes([locus])[locus.agency_code]:
        raise OwnAgency(agency=agency_code)


def check_state(locus: Locus, *states: LocusState) -> None:
    """Let only loci in one of the states of a running round pass. Raises WrongState."""
    if locus.round.state != RoundState.RUNNING or locus.state not in states:
        raise WrongState(round_state=locus.round.state, locus_state=locus.state)
