"""Which part a person has in a request, by the positions held today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from terpadu.directory.public import PositionView, agency_list
from terpadu.identity.public import assignments_of, holders_of
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.enums import Desk, Part
from terpadu.portfolio.models import ClearanceRequest, DeskReview
from terpadu.portfolio.policies import MANAGER, NATIONAL_TEAM
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.rules.clearance.procedure import Office, Procedure, covers, holds_office


@dataclass(frozen=True)
class Positions:
    """What somebody holds today. is_system: a part of the platform, which may do what is nobody's to judge."""

    person_id: UUID | None
    held: tuple[PositionView, ...] = ()
    is_system: bool = False

    @property
    def is_national_team(self) -> bool:
        """Whether they belong to the national coordination team, who see everything."""
        return any(one.kind == NATIONAL_TEAM for one in self.held)

    @property
    def managed(self) -> tuple[PositionView, ...]:
        """The positions by which they propose for an agency."""
        return tuple(one for one in self.held if one.kind == MANAGER)

    def offices(self) -> frozenset[str]:
        """Return the parts and desks that they fill anywhere."""
        kinds = {one.kind for one in self.held}
        return frozenset(
            part
            for procedure in regulation().procedures
            for part, office in procedure.offices.items()
            if office.position in kinds
        )


def positions_of(by: Actor | None) -> Positions:
    """Return what an actor holds today. One query."""
    if by is None:
        return Positions(None)
    if by.person_id is None:
        return Positions(None, is_system=True)
    held = assignments_of(by.person_id, on=today())
    return Positions(by.person_id, tuple(one.position for one in held))


def procedure_of(row: ClearanceRequest) -> Procedure:
    """Return the procedure that a request goes by; for a draft the one of its agency's kind."""
    if row.procedure:
        return regulation().procedure(row.procedure)
    return regulation().procedure_for(row.agency.kind)


def holding(positions: Positions, office: Office, *, row: ClearanceRequest) -> PositionView | None:
    """Return the position by which somebody fills an office for a request."""
    for one in positions.held:
        if holds_office(
            office,
            position=one.kind,
            agency=one.agency.code,
            region=one.agency.region_code,
            for_agency=row.agency.code,
            for_region=row.agency.region_code,
        ):
            return one
    return None


def parts_of(positions: Positions, row: ClearanceRequest) -> frozenset[Part]:
    """Return the parts that somebody has in a request. Nobody judges what they proposed themselves."""
    if positions.is_system:
        return frozenset({Part.SYSTEM})
    found = {Part.PROPOSER} if proposes(positions, row.agency.code) else set()
    if positions.person_id == row.created_by:
        return frozenset(found)
    offices = procedure_of(row).offices
    for part in (Part.SECRETARIAT, Part.DECIDER, Part.APPEAL):
        if holding(positions, offices[part.value], row=row):
            found.add(part)
    return frozenset(found | ({Part.DESK} if desks_of(positions, row) else set()))


def proposes(positions: Positions, agency_code: str) -> bool:
    """Tell whether somebody proposes for an agency."""
    return any(one.agency.code == agency_code for one in positions.managed)


def desks_of(positions: Positions, row: ClearanceRequest) -> frozenset[Desk]:
    """Return the desks that somebody fills for a request, by office or because a review was handed to them."""
    offices = procedure_of(row).offices
    found = {
        desk for desk in Desk if desk.value in offices and holding(positions, offices[desk.value], row=row)
    }
    if positions.person_id and row.pk:
        handed = DeskReview.objects.filter(request=row, delegated_to=positions.person_id)
        found |= {Desk(desk) for desk in handed.values_list("desk", flat=True)}
    return frozenset(found)


def check_sees(positions: Positions, row: ClearanceRequest) -> frozenset[Part]:
    """Let only those pass who have a part in a request, or the national team; return their parts. Raises NotAllowed."""
    parts = parts_of(positions, row)
    if not parts and not positions.is_national_team:
        raise NotAllowed()
    if row.state == "draft" and not parts & {Part.PROPOSER, Part.SYSTEM}:
        raise NotAllowed()
    return parts


def office_holders(row: ClearanceRequest, part: str) -> list[UUID]:
    """Return who fills a part or desk for a request today."""
    office = procedure_of(row).offices.get(part)
    if office is None:
        return []
    codes = [office.agency] if office.agency else _local_agencies(row)
    found = [person for code in codes for person in holders_of(office.position, code, on=today())]
    return [person for person in dict.fromkeys(found) if person != row.created_by]


def managers_of(agency_codes: Iterable[str]) -> list[UUID]:
    """Return who manages the applications of agencies today."""
    found = [
        person for code in dict.fromkeys(agency_codes) for person in holders_of(MANAGER, code, on=today())
    ]
    return list(dict.fromkeys(found))


def _local_agencies(row: ClearanceRequest) -> list[str]:
    region = row.agency.region_code
    near = [one.code for one in agency_list() if covers(one.region_code, region)] if region else []
    return list(dict.fromkeys([row.agency.code, *near]))
