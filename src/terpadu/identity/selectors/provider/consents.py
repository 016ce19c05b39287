"""Consents and authorizations as people see them: who knows me, what they were given, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from terpadu.identity.models import Authorization, Consent
from terpadu.identity.rules.provider.claims import ClaimUse


@dataclass(frozen=True)
class ConsentView:
    """One version of a consent. claims and refused: codes. ended_reason: "" while in force."""

    id: UUID
    client_id: str
    client_name: str
    client_name_en: str
    agency_code: str
    agency_name: str
    version: int
    claims: tuple[str, ...]
    refused: tuple[str, ...]
    uses: tuple[ClaimUse, ...]
    details: tuple[dict[str, Any], ...]
    given_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_reason: str


@dataclass(frozen=True)
class AuthorizationView:
    """One sign-in of a person to a client. actor_id: who acted when it was somebody else."""

    id: UUID
    client_id: str
    client_name: str
    client_name_en: str
    agency_name: str
    at: datetime
    acr: str
    claims: tuple[str, ...]
    actor_id: UUID | None
    revoked_at: datetime | None


def consents_of(person_id: UUID) -> list[ConsentView]:
    """Return the consents in force of a person, newest first. One query."""
    rows = Consent.objects.in_force().filter(person_id=person_id).select_related("client__agency")
    return [_view(row) for row in rows.order_by("-given_at")]


def consent_history(person_id: UUID, *, client_id: str) -> list[ConsentView]:
    """Return every version of a person's consent to a client, newest first. One query."""
    rows = Consent.objects.filter(person_id=person_id, client__client_id=client_id)
    return [_view(row) for row in rows.select_related("client__agency").order_by("-version")]


def authorizations_of(person_id: UUID, *, limit: int = 50) -> list[AuthorizationView]:
    """Return the latest sign-ins of a person to clients, newest first. One query."""
    rows = Authorization.objects.filter(person_id=person_id).select_related("client__agency")
    return [
        AuthorizationView(
            id=row.id,
            client_id=row.client.client_id,
            client_name=row.client.name,
            client_name_en=row.client.name_en,
            agency_name=row.client.agency.short_name,
            at=row.created_at,
            acr=row.acr,
            claims=tuple(row.claims),
            actor_id=row.actor_person_id,
            revoked_at=row.revoked_at,
        )
        for row in rows.order_by("-created_at")[:limit]
    ]


def _view(row: Consent) -> ConsentView:
    return ConsentView(
        id=row.id,
        client_id=row.client.client_id,
        client_name=row.client.name,
        client_name_en=row.client.name_en,
        agency_code=row.client.agency.code,
        agency_name=row.client.agency.short_name,
        version=row.version,
        claims=tuple(row.claims),
        refused=tuple(row.refused),
        uses=tuple(ClaimUse(**use) for use in row.client.claim_uses),
        details=tuple(row.details),
        given_at=row.given_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
    )
