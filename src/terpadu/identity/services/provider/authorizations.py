"""Authorizations: given with a code, revoked with everything that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from terpadu.identity.models import Authorization
from terpadu.identity.rules.provider.assurance import Level
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.requests import Ask
from terpadu.identity.services.provider.secrets import digest_of, new_handle
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now

BY = Actor.system("provider")


@dataclass(frozen=True)
class Standing:
    """Who a browser stands for. actor_id: who acts when `person_id` is represented, with the mandate's reference."""

    person_id: UUID
    level: Level
    sign_in_id: UUID | None = None
    actor_id: UUID | None = None
    mandate: str = ""


@dataclass(frozen=True)
class Agreed:
    """A consent in force: its identifier and the claims that were given."""

    consent_id: UUID
    claims: tuple[str, ...]


def authorization_make(
    ask: Ask, *, client_pk: UUID, standing: Standing, consent: Agreed, in_id_token: Sequence[str]
) -> tuple[Authorization, str]:
    """Return what a person allowed, not stored yet, with its code, of which only the digest will be stored."""
    code, at = new_handle(), now()
    row = Authorization(
        client_id=client_pk,
        person_id=standing.person_id,
        actor_person_id=standing.actor_id,
        mandate=standing.mandate,
        consent_id=consent.consent_id,
        sign_in_id=standing.sign_in_id,
        scope=" ".join(ask.scope),
        claims=list(consent.claims),
        id_token_claims=[claim for claim in in_id_token if claim in consent.claims],
        details=_details(ask),
        verified_wish=_verified_wish(ask),
        resource=ask.resource,
        acr=standing.level.acr,
        amr=list(standing.level.amr),
        auth_time=standing.level.auth_time,
        nonce=ask.nonce,
        jkt=ask.dpop_jkt,
        code_digest=digest_of(code),
        code_challenge=ask.code_challenge,
        redirect_uri=ask.redirect_uri,
        code_expires_at=at + LIFETIMES.code,
        ends_at=at + LIFETIMES.refresh_token,
    )
    return row, code


def _details(ask: Ask) -> list[dict[str, Any]]:
    return [dict(one) for one in ask.details]


def _verified_wish(ask: Ask) -> dict[str, Any]:
    for part in ("userinfo", "id_token"):
        wish = ask.claims.get(part, {}).get("verified_claims")
        if isinstance(wish, dict):
            return dict(wish)
    return {}


@transaction.atomic
def authorization_revoke(row: Authorization, *, reason: str, by: Actor = BY) -> None:
    """End an authorization: its access tokens, its refresh tokens, its code. Does nothing when it has ended."""
    changed = Authorization.objects.filter(pk=row.pk, revoked_at__isnull=True).update(
        revoked_at=now(), revoked_reason=reason[:20]
    )
    if changed:
        facts = {"reason": reason}
        audit.record(
            "identity.authorization_revoked", by=by, about_kind="authorization", about_id=row.id, facts=facts
        )


@transaction.atomic
def authorizations_revoke(person_id: UUID, *, client_pk: UUID, reason: str, by: Actor) -> int:
    """End all authorizations of a person for a client; returns how many."""
    rows = Authorization.objects.filter(person_id=person_id, client_id=client_pk, revoked_at__isnull=True)
    count = rows.update(revoked_at=now(), revoked_reason=reason[:20])
    facts: dict[str, audit.Fact] = {"reason": reason, "count": count}
    audit.record(
        "identity.authorizations_revoked", by=by, about_kind="person", about_id=person_id, facts=facts
    )
    return count
