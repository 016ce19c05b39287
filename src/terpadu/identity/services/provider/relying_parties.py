"""The provider's clients as a person sees them, for the page of services that know them."""

from __future__ import annotations

from uuid import UUID

from terpadu.identity.selectors.provider.consents import authorizations_of, consents_of
from terpadu.identity.services.provider.consents import consent_withdraw
from terpadu.identity.services.relying_parties import RelyingPartyView
from terpadu.kernel.actors import Actor
from terpadu.kernel.formats import language


def parties_of(person_id: UUID) -> list[RelyingPartyView]:
    """Return the clients that hold a person's consent, newest first. Two queries."""
    used = {view.client_id: view.at for view in reversed(authorizations_of(person_id))}
    return [
        RelyingPartyView(
            client_id=view.client_id,
            name=view.client_name_en if language() == "en" and view.client_name_en else view.client_name,
            agency_name=view.agency_name,
            claims=view.claims,
            since=view.given_at,
            last_used_at=used.get(view.client_id),
        )
        for view in consents_of(person_id)
    ]


def party_withdraw(person_id: UUID, client_id: str, by: Actor) -> None:
    """End a person's consent to a client, with all its tokens."""
    consent_withdraw(person_id, client_id=client_id, by=by)


def parties_close(person_id: UUID) -> None:
    """End all consents of a person whose account is deleted."""
    for view in consents_of(person_id):
        consent_withdraw(person_id, client_id=view.client_id, by=Actor.system("rights"))
