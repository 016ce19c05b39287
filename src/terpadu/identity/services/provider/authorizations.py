"""Authorizations: given with a code, revoked with everything that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from terpadu.identity.models import Authorization
from terpadu.identity.rules.provider.assurance import Level
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.requests import Ask
from terpadu.identity.services.provider.secrets import digest_of, new_handle
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.database.rows import Columns

BY = Actor.system("provider")
_MARK = "update identity_authorization set code_used_at = %s, jkt = %s where id = %s"


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


@dataclass(frozen=True)
class CodeHolder:
    """The authorization of a code, locked. has_account: whether the account of who gave it is open."""

    row: Authorization
    has_account: bool


def code_find(code: str, *, client_pk: UUID) -> CodeHolder | None:
    """Lock and return the authorization of a client's code, or None; must be called inside a transaction. One query."""
    sql, columns = _by_code()
    with connection.cursor() as cursor:
        cursor.execute(sql, (digest_of(code), client_pk))
        found = cursor.fetchone()
    return CodeHolder(columns.read(found[1:]), has_account=found[0]) if found else None


@cache
def _by_code() -> tuple[str, Columns[Authorization]]:
    columns = Columns(Authorization)
    has_account = (
        "exists (select 1 from identity_account c"
        " where c.person_id = coalesce(a.actor_person_id, a.person_id) and c.is_active)"
    )
    sql = (
        f"select {has_account}, {columns.of('a')} from identity_authorization a"  # noqa: S608 - names of our own columns
        " where a.code_digest = %s and a.client_id = %s for update of a"
    )
    return sql, columns


def code_mark(row: Authorization, *, jkt: str) -> None:
    """Mark a code as used, and remember the key of its tokens. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, (now(), jkt, row.id))


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
