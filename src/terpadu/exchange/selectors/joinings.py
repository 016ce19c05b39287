"""Who asks to join, where the operator wants four eyes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.directory.public import AgencyView, agency_by_peer
from terpadu.exchange.enums import JoiningState
from terpadu.exchange.errors.disclosure import JoiningUnknown
from terpadu.exchange.models import JoiningRequest
from terpadu.identity.public import person_many


@dataclass(frozen=True)
class JoiningView:
    """An agency's wish to join. asked_by, decided_by: persons' names, "" for nobody yet. certificate: PEM, "" for none.

    keeps_key: whether the key stays with the agency.
    """

    id: UUID
    agency: AgencyView
    state: str
    state_label: str
    asked_by: str
    asked_by_id: UUID
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    keeps_key: bool
    certificate: str


def joinings(*, limit: int = 100) -> list[JoiningView]:
    """Return who asks to join: those that wait first, then the newest. Two queries and one for each agency."""
    rows = JoiningRequest.objects.select_related("agency").order_by("-asked_at", "-id")[:limit]
    return _views(sorted(rows, key=lambda row: row.state != JoiningState.WAITING))


def joining_get(request_id: UUID) -> JoiningView:
    """Return one wish to join. Raises JoiningUnknown."""
    rows = JoiningRequest.objects.select_related("agency").filter(pk=request_id)
    found = _views(rows)
    if not found:
        raise JoiningUnknown()
    return found[0]


def joining_of(agency_id: UUID) -> JoiningView | None:
    """Return an agency's newest wish to join, None when it never had one."""
    rows = JoiningRequest.objects.select_related("agency").filter(agency_id=agency_id)
    return next(iter(_views(rows.order_by("-asked_at", "-id")[:1])), None)


def _views(rows: Iterable[JoiningRequest]) -> list[JoiningView]:
    found = list(rows)
    persons = {one for row in found for one in (row.asked_by, row.decided_by) if one is not None}
    names = {one: view.name for one, view in person_many(persons).items()}
    return [
        JoiningView(
            id=row.id,
            agency=agency_by_peer(row.agency.peer_id),
            state=row.state,
            state_label=str(JoiningState(row.state).label),
            asked_by=names[row.asked_by],
            asked_by_id=row.asked_by,
            asked_at=row.asked_at,
            decided_by=names[row.decided_by] if row.decided_by else "",
            decided_at=row.decided_at,
            reason=row.reason,
            keeps_key=bool(row.certificate_request),
            certificate=row.certificate,
        )
        for row in found
    ]
