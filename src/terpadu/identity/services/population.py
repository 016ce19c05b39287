"""The population registry: who may ask it about a person or a family is registered here by a higher layer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from terpadu.identity.errors import FamilyUnavailable, PopulationUnavailable
from terpadu.identity.rules.mandates import FamilyMember
from terpadu.kernel.actors import Actor


@dataclass(frozen=True)
class PopulationAnswer:
    """What the population registry says about a claim. When `found` is False nothing else counts.

    name_matches, birth_matches: by the registry's own comparison. sex: "L" or "P", "" when not found.
    name: the registry's spelling of the name, "" when it does not give it.
    """

    found: bool
    alive: bool
    name_matches: bool
    birth_matches: bool
    sex: str
    name: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Whether the claim is about a living person with this name and date of birth."""
        return self.found and self.alive and self.name_matches and self.birth_matches


class PopulationCheck(Protocol):
    """Ask the population registry whether a NIK, a name and a date of birth belong together."""

    def __call__(self, nik: str, name: str, birth_on: date, *, by: Actor) -> PopulationAnswer:
        """Answer, or raise PopulationUnavailable when the registry is down, slow or makes no sense."""


_registered: list[PopulationCheck] = []


def register_population_check(check: PopulationCheck) -> None:
    """Name the function that asks the registry; the latest one counts. Call it from an app's `ready`."""
    _registered[:] = [check]


def population_check(nik: str, name: str, birth_on: date, *, by: Actor) -> PopulationAnswer:
    """Ask the registered check. Raises PopulationUnavailable, also when none is registered."""
    if not _registered:
        raise PopulationUnavailable(reason="no check is registered")
    return _registered[0](nik, name, birth_on, by=by)


class FamilyCheck(Protocol):
    """Ask the family registry who stands on a person's family card."""

    def __call__(self, person_id: UUID, *, by: Actor) -> tuple[FamilyMember, ...]:
        """Return the members with their parents, () when there is no card. Raises FamilyUnavailable when there is no answer."""


_families: list[FamilyCheck] = []


def register_family_check(check: FamilyCheck) -> None:
    """Name the function that asks for a family; the latest one counts. Call it from an app's `ready`."""
    _families[:] = [check]


def family_check(person_id: UUID, *, by: Actor) -> tuple[FamilyMember, ...]:
    """Ask for a person's family. Raises FamilyUnavailable, also when nobody can be asked."""
    if not _families:
        raise FamilyUnavailable(reason="no check is registered")
    return _families[0](person_id, by=by)
