"""Who may act for an agency on the exchange."""

from __future__ import annotations

from uuid import UUID

from terpadu.directory.public import PositionView, position_get
from terpadu.exchange.enums import OPERATOR, PLATFORM
from terpadu.exchange.selectors.disclosure_law import disclosure_law
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


def check_supervises(by: Actor) -> UUID:
    """Return which person acts as the supervisor. Raises NotAllowed for anyone else.

    The position counts in the agency that the law names alone: other agencies make positions of their own.
    """
    law = disclosure_law().supervisor
    return _check_holds(law.position, law.agency, by=by)


def check_operates(by: Actor) -> UUID:
    """Return which person acts as the operator of the exchange. Raises NotAllowed for anyone else."""
    return _check_holds(OPERATOR, PLATFORM, by=by)


def operates(position: PositionView) -> bool:
    """Tell whether it is the position in which somebody runs the exchange."""
    return (position.kind, position.agency.code) == (OPERATOR, PLATFORM)


def _check_holds(kind: str, agency_code: str, *, by: Actor) -> UUID:
    """Return which person acts in a kind of position of one agency. Raises NotAllowed. One query."""
    is_theirs = by.kind == "officer" and by.agency == agency_code
    if not is_theirs or by.person_id is None or position_get(UUID(by.position)).kind != kind:
        raise NotAllowed(agency=agency_code)
    return by.person_id
