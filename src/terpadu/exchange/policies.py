"""Who may act for an agency on the exchange."""

from __future__ import annotations

from uuid import UUID

from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed


def check_acts_for(agency_code: str, *, by: Actor) -> None:
    """Let the system and officers of the agency pass. Raises NotAllowed for anyone else."""
    if by.kind == "system" or (by.kind == "officer" and by.agency == agency_code):
        return
    raise NotAllowed(agency=agency_code)


def check_is_person(by: Actor) -> UUID:
    """Return which person acts for themselves. Raises NotAllowed for officers, the system and nobody."""
    if by.kind == "person" and by.person_id is not None:
        return by.person_id
    raise NotAllowed()
