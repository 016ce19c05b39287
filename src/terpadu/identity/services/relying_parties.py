"""Services that know a person: told by the OpenID Provider, which registers here how to list and how to withdraw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotFound


@dataclass(frozen=True)
class RelyingPartyView:
    """A service where a person signs in with this account. claims: what it was given, in words."""

    client_id: str
    name: str
    agency_name: str
    claims: tuple[str, ...]
    since: datetime
    last_used_at: datetime | None


ListParties = Callable[[UUID], list[RelyingPartyView]]
Withdraw = Callable[[UUID, str, Actor], None]

_registered: list[tuple[ListParties, Withdraw]] = []


def register_relying_parties(parties: ListParties, *, withdraw: Withdraw) -> None:
    """Name how a person's relying parties are listed, and how the consent to one is withdrawn (person, client, by)."""
    _registered[:] = [(parties, withdraw)]


def relying_parties_for(person_id: UUID) -> list[RelyingPartyView]:
    """Return the services that know a person; empty when there is no provider."""
    return _registered[0][0](person_id) if _registered else []


def relying_party_withdraw(person_id: UUID, *, client_id: str, by: Actor) -> None:
    """End a person's consent to a service, with all its tokens. Raises NotFound for a service that does not know them."""
    if client_id not in {party.client_id for party in relying_parties_for(person_id)}:
        raise NotFound()
    _registered[0][1](person_id, client_id, by)
