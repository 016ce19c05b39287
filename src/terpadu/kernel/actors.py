"""Who acts: a person for themselves, an officer in a position, or a part of the system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

ActorKind = Literal["person", "officer", "system"]
ALL_SERVICES = "*"


@dataclass(frozen=True)
class Actor:
    """Name the one on whose behalf a service runs.

    kind: "person" (acts for themselves), "officer" (acts in a position of an agency) or "system" (a process).
    person_id: the natural person; None only for a system.
    agency: code of the agency an officer acts for, else "".
    position: identifier of the officer's position, or the name of the process.
    represented_id: the person for whom a person acts under a mandate; None when they act for themselves.
    mandate_id, services: that mandate, and the services it names ("*": all).
    by_agency_login: whether it is the agency's login that says who an officer is, and not their own account.
    """

    kind: ActorKind
    person_id: UUID | None = None
    agency: str = ""
    position: str = ""
    represented_id: UUID | None = None
    mandate_id: UUID | None = None
    services: tuple[str, ...] = ()
    by_agency_login: bool = False

    def __post_init__(self) -> None:
        if (self.person_id is None) != (self.kind == "system"):
            raise ValueError("an actor is a person or a system, never both and never neither")
        if self.represented_id is not None and (self.kind != "person" or self.mandate_id is None):
            raise ValueError("only a person with a mandate acts for another")

    @classmethod
    def person(cls, person_id: UUID) -> Actor:
        """Return the actor for a person who acts for themselves."""
        return cls(kind="person", person_id=person_id)

    @classmethod
    def officer(cls, person_id: UUID, *, agency: str, position: str, by_agency_login: bool = False) -> Actor:
        """Return the actor for a civil servant in a position of an agency."""
        return cls("officer", person_id, agency, position, by_agency_login=by_agency_login)

    @classmethod
    def system(cls, process: str) -> Actor:
        """Return the actor for a process, such as "worker"."""
        return cls(kind="system", position=process)

    def acting_for(self, person_id: UUID, *, mandate_id: UUID, services: tuple[str, ...]) -> Actor:
        """Return this person as the one who acts for another, within the services of a mandate."""
        return replace(self, represented_id=person_id, mandate_id=mandate_id, services=services)

    @property
    def principal_id(self) -> UUID | None:
        """Whose affair it is: the represented person, else the actor."""
        return self.represented_id or self.person_id

    def may_use(self, service_id: str) -> bool:
        """Tell whether a service lies within the mandate; without a mandate every service does."""
        return self.represented_id is None or bool({service_id, ALL_SERVICES} & set(self.services))

    @property
    def label(self) -> str:
        """A short form without personal data, for audit rows and logs."""
        return f"{self.kind}:{self.position or self.person_id}"
