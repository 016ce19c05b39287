"""Reads of requests between two devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.directory.public import position_get
from terpadu.identity.enums import CrossDeviceKind, CrossDeviceState
from terpadu.identity.models import CrossDeviceRequest, Person
from terpadu.identity.rules.codes import choices_for
from terpadu.kernel.clock import now


@dataclass(frozen=True)
class RequestView:
    """A request as both screens see it. asker: name and position of the officer, "" for one's own other device.

    items: what is asked for: data to share, or services to be helped with. choices: three numbers, one of them right.
    """

    id: UUID
    kind: str
    kind_label: str
    state: str
    number: int
    choices: tuple[int, ...]
    network: str
    device: str
    officer_name: str
    position_title: str
    agency_name: str
    agency_code: str
    purpose: str
    items: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    is_expired: bool

    @property
    def is_waiting(self) -> bool:
        """Whether a phone can still answer."""
        return self.state == CrossDeviceState.WAITING and not self.is_expired


def request_view(row: CrossDeviceRequest) -> RequestView:
    """Return a request. Two queries for one at a counter."""
    name = title = agency = ""
    if row.officer_id:
        name = Person.objects.values_list("name", flat=True).filter(pk=row.officer_id).first() or ""
        position = position_get(row.position_id)
        title, agency = position.title, position.agency.name
    return RequestView(
        id=row.id,
        kind=row.kind,
        kind_label=str(CrossDeviceKind(row.kind).label),
        state=row.state,
        number=row.number,
        choices=choices_for(row.number, seed=row.id.int),
        network=row.network,
        device=row.device,
        officer_name=name,
        position_title=title,
        agency_name=agency,
        agency_code=row.agency_code,
        purpose=row.purpose,
        items=tuple(row.items),
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        is_expired=row.expires_at <= now(),
    )


def requests_answered_by(person_id: UUID) -> list[RequestView]:
    """Return what a person agreed to at counters, newest first, at most 20."""
    rows = CrossDeviceRequest.objects.filter(person_id=person_id, officer_id__isnull=False)
    rows = rows.exclude(state=CrossDeviceState.REFUSED).order_by("-created_at")
    return [request_view(row) for row in rows[:20]]
