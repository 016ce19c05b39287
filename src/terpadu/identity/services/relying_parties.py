"""Services that know a person: where they signed in with this account, what was given, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.identity.selectors.provider.consents import ConsentView, authorizations_of, consents_of
from terpadu.identity.services.provider.consents import consent_withdraw
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotFound
from terpadu.kernel.formats import language


@dataclass(frozen=True)
class RelyingPartyView:
    """A service where a person signs in with this account. claims: codes of what it was given."""

    client_id: str
    name: str
    agency_name: str
    claims: tuple[str, ...]
    since: datetime
    last_used_at: datetime | None


def relying_parties_for(person_id: UUID) -> list[RelyingPartyView]:
    """Return the services that know a person, newest consent first. Two queries."""
    last_used: dict[str, datetime] = {}
    for one in authorizations_of(person_id, limit=500):
        last_used.setdefault(one.client_id, one.at)
    return [_view(consent, last_used.get(consent.client_id)) for consent in consents_of(person_id)]


def relying_party_withdraw(person_id: UUID, *, client_id: str, by: Actor) -> None:
    """End a person's consent to a service, with all its tokens. Raises NotFound for a service that does not know them."""
    if client_id not in {party.client_id for party in relying_parties_for(person_id)}:
        raise NotFound()
    consent_withdraw(person_id, client_id=client_id, by=by)


def relying_parties_close(person_id: UUID, *, by: Actor) -> None:
    """End all consents of a person, such as one whose account is deleted."""
    for consent in consents_of(person_id):
        consent_withdraw(person_id, client_id=consent.client_id, by=by)


def _view(consent: ConsentView, last_used_at: datetime | None) -> RelyingPartyView:
    is_english = language() == "en" and bool(consent.client_name_en)
    return RelyingPartyView(
        client_id=consent.client_id,
        name=consent.client_name_en if is_english else consent.client_name,
        agency_name=consent.agency_name,
        claims=consent.claims,
        since=consent.given_at,
        last_used_at=last_used_at,
    )
