"""Who was appointed to what in a round, with the names of the persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from terpadu.directory.public import agency_list
from terpadu.identity.public import person_many
from terpadu.maturity.enums import Role
from terpadu.maturity.models import Appointment, Locus, Round

ORDER = (
    Role.NATIONAL_TEAM,
    Role.COORDINATOR,
    Role.RESPONSIBLE,
    Role.ENTRY_OPERATOR,
    Role.RESPONDENT,
    Role.ASSESSOR,
)


@dataclass(frozen=True)
class Member:
    """One appointment. place: the measured agency, "" for the national team. home: the agency the person comes from, or ""."""

    id: UUID
    name: str
    role: Role
    place: str
    home: str
    unit: str


def people_of_agency(locus: Locus) -> list[Member]:
    """Return the people of an agency and its assessors, by role and name. Three queries."""
    return _members(locus.appointments.select_related("locus"))


def people_of_round(measured: Round) -> list[Member]:
    """Return the national team and every assessor of a round, by role, name and agency. Three queries."""
    rows = measured.appointments.filter(role__in=[Role.NATIONAL_TEAM, Role.ASSESSOR])
    return _members(rows.select_related("locus"))


def without_coordinator(measured: Round) -> list[Locus]:
    """Return the agencies of a round that have no coordinator, by name. One query."""
    led = Appointment.objects.filter(round=measured, role=Role.COORDINATOR).values("locus")
    return list(measured.loci.exclude(pk__in=led).order_by("agency_name"))


def _members(rows: Iterable[Appointment]) -> list[Member]:
    found = list(rows)
    names = person_many(row.person_id for row in found)
    agencies = {one.code: one.short_name for one in agency_list()}
    members = [
        Member(
            id=row.id,
            name=names[row.person_id].name if row.person_id in names else "–",
            role=Role(row.role),
            place=row.locus.agency_name if row.locus else "",
            home=agencies.get(row.agency_code, ""),
            unit=row.unit,
        )
        for row in found
    ]
    return sorted(members, key=lambda one: (ORDER.index(one.role), one.name, one.place))
