"""A person's consents: what they are asked for, what they gave, and what has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.enums import ConsentState
from terpadu.exchange.errors import ConsentUnknown
from terpadu.exchange.models import Consent, Grant
from terpadu.kernel.clock import now
from terpadu_wire.properties import Properties, Text, parse_properties


@dataclass(frozen=True)
class ConsentView:
    """A consent. data_items: what may be read, in words. holds: whether it is given and has not ended."""

    id: UUID
    grant_hash: str
    consumer: AgencyView
    provider: AgencyView
    purpose_text: Text
    legal_basis: str
    retention: str
    data_items: tuple[Text, ...]
    state: str
    asked_at: datetime
    given_at: datetime | None
    ended_at: datetime | None
    until: datetime

    @property
    def holds(self) -> bool:
        """Whether it is given and has not ended."""
        return self.state == ConsentState.GIVEN and self.until > now()

    @property
    def state_label(self) -> str:
        """The state in the language in force."""
        return str(ConsentState(self.state).label)


def consents_of_person(person_id: UUID) -> list[ConsentView]:
    """Return a person's consents, newest first. Three queries."""
    return _views(list(Consent.objects.filter(person_id=person_id).order_by("-asked_at", "-id")))


def consent_of_person(person_id: UUID, consent_id: UUID) -> ConsentView:
    """Return one of a person's own consents. Raises ConsentUnknown."""
    found = _views(list(Consent.objects.filter(person_id=person_id, pk=consent_id)))
    if not found:
        raise ConsentUnknown()
    return found[0]


def _views(rows: list[Consent]) -> list[ConsentView]:
    agencies = {agency.peer_id: agency for agency in agency_list()}
    hashes = {row.grant_hash for row in rows}
    rules = {
        grant.grant_hash: parse_properties(grant.properties)
        for grant in Grant.objects.filter(grant_hash__in=hashes)
    }
    return [_view(row, agencies, rules[row.grant_hash]) for row in rows]


def _view(row: Consent, agencies: dict[str, AgencyView], rules: Properties) -> ConsentView:
    words = [
        operation.data_items.get(pointer, Text(pointer, pointer))
        for operation in rules.operations
        for pointer in operation.fields.passing
    ]
    return ConsentView(
        id=row.id,
        grant_hash=row.grant_hash,
        consumer=agencies[row.consumer],
        provider=agencies[row.provider],
        purpose_text=rules.purpose.text,
        legal_basis=rules.purpose.legal_basis,
        retention=rules.purpose.retention,
        data_items=tuple(dict.fromkeys(words)),
        state=row.state,
        asked_at=row.asked_at,
        given_at=row.given_at,
        ended_at=row.ended_at,
        until=row.until,
    )
