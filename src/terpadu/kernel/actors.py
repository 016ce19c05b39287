"""Who acts: a person for themselves, an officer in a position, or a part of the system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["person", "officer", "system"]


@dataclass(frozen=True)
class Actor:
    """Name the one on whose behalf a service runs.

    kind: "person" (acts for themselves), "officer" (acts in a position of an agency) or "system" (a process).
    person_id: the natural person; None only for a system.
    agency: code of the agency an officer acts for, else "".
    position: identifier of the officer's position, or the name of the process.
    """

    kind: ActorKind
    person_id: UUID | None = None
    agency: str = ""
    position: str = ""

    def __post_init__(self) -> None:
        if (self.person_id is None) != (self.kind == "system"):
            raise ValueError("an actor is a person or a system, never both and never neither")

    @classmethod
    def person(cls, person_id: UUID) -> Actor:
        """Return the actor for a person who acts for themselves."""
        return cls(kind="person", person_id=person_id)

    @classmethod
    def officer(cls, person_id: UUID, *, agency: str, position: str) -> Actor:
        """Return the actor for a civil servant in a position of an agency."""
        return cls(kind="officer", person_id=person_id, agency=agency, position=position)

    @classmethod
    def system(cls, process: str) -> Actor:
        """Return the actor for a process, such as "worker"."""
        return cls(kind="system", position=process)

    @property
    def label(self) -> str:
        """A short form without personal data, for audit rows and logs."""
        return f"{self.kind}:{self.position or self.person_id}"
