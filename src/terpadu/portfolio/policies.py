"""Who may do what in the portfolio, by the position a person holds today. Positions are those of the directory."""

from __future__ import annotations

from dataclasses import dataclass

from terpadu.identity.public import assignments_of
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.errors import NotAllowed

MANAGER = "pengelola_aplikasi"
NATIONAL_TEAM = "tim_koordinasi_spbe"


@dataclass(frozen=True)
class Access:
    """What somebody may see and write. agencies: codes of those whose applications they manage."""

    is_national: bool = False
    agencies: frozenset[str] = frozenset()

    @property
    def is_member(self) -> bool:
        """Whether the work pages are for them at all."""
        return self.is_national or bool(self.agencies)

    def sees_internal(self, agency_code: str) -> bool:
        """Tell whether they see the confidential fields of an agency's records."""
        return self.is_national or agency_code in self.agencies

    def writes(self, agency_code: str) -> bool:
        """Tell whether they write an agency's records."""
        return self.is_national or agency_code in self.agencies


PUBLIC = Access()
EVERYTHING = Access(is_national=True)


def access_of(by: Actor | None) -> Access:
    """Return what an actor may see and write; a part of the system everything, nobody the public part. One query."""
    if by is None or by.person_id is None:
        return EVERYTHING if by is not None else PUBLIC
    held = assignments_of(by.person_id, on=today())
    kinds = {one.position.kind for one in held}
    managed = {one.position.agency.code for one in held if one.position.kind == MANAGER}
    return Access(is_national=NATIONAL_TEAM in kinds, agencies=frozenset(managed))


def is_national_team(by: Actor | None) -> bool:
    """Tell whether an actor belongs to the national coordination team."""
    return access_of(by).is_national


def managed_agencies(by: Actor | None) -> frozenset[str]:
    """Return the codes of the agencies whose applications an actor manages."""
    return access_of(by).agencies


def check_writes(by: Actor, *, agency_code: str) -> None:
    """Let only those pass who may write an agency's records ("": lists of all agencies). Raises NotAllowed."""
    if not access_of(by).writes(agency_code):
        raise NotAllowed()
