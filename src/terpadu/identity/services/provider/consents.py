"""Consent: asked claim by claim, kept with every version, withdrawn at any time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from terpadu.identity.events import ConsentChanged
from terpadu.identity.models import Consent
from terpadu.identity.policies.sharing import check_sharing
from terpadu.identity.rules.provider.claims import ClaimUse, digest_of_question, wanted_claims
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.requests import Ask
from terpadu.identity.selectors.provider.clients import ClientView, client_get
from terpadu.identity.selectors.provider.login_path import open_consent
from terpadu.identity.services.provider.authorizations import Agreed, authorizations_revoke
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit


@dataclass(frozen=True)
class Question:
    """What a person is asked: claims with their purposes, data shares, whether access may outlast the sign-in."""

    uses: tuple[ClaimUse, ...]
    details: tuple[dict[str, Any], ...]
    scope: tuple[str, ...]
    in_id_token: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Names this very question; a changed one has another."""
        return digest_of_question(self.uses, list(self.details), self.scope)

    @property
    def shares(self) -> bool:
        """Whether anything about the person is given away, beside that it is them again."""
        return bool(self.uses or self.details)

    @property
    def is_lasting(self) -> bool:
        """Whether access goes on after the person has signed out."""
        return "offline_access" in self.scope


def question_of(ask: Ask, *, client: ClientView) -> Question:
    """Return what a request asks of a person."""
    uses = client.uses()
    wanted = wanted_claims(ask.scope, ask.claims, allowed=uses)
    return Question(
        uses=tuple(uses[claim] for claim in wanted.claims),
        details=tuple(dict(one) for one in ask.details),
        scope=ask.scope,
        in_id_token=wanted.in_id_token,
    )


def consent_find(person_id: UUID, *, client: ClientView, question: Question) -> Agreed | None:
    """Return the consent in force to exactly this question, or None. One query."""
    found = open_consent(person_id, client_pk=client.id, asked=question.digest, at=now())
    return Agreed(found[0], tuple(found[1])) if found else None


@transaction.atomic
def consent_give(
    person_id: UUID, *, client: ClientView, question: Question, ticked: Collection[str], by: Actor
) -> Agreed:
    """Store a person's answer as the next version; essential claims are part of it whatever was ticked.

    Raises ProcessingLimited when it would share data whose use the person has had limited.
    """
    if question.shares:
        check_sharing(person_id)
    last = Consent.objects.select_for_update().filter(person_id=person_id, client_id=client.id)
    earlier = last.order_by("-version").first()
    if earlier and earlier.ended_at is None:
        Consent.objects.filter(pk=earlier.pk).update(ended_at=now(), ended_reason="replaced")
    given = [use.claim for use in question.uses if use.is_essential or use.claim in ticked]
    row = Consent.objects.create(
        person_id=person_id,
        client_id=client.id,
        version=earlier.version + 1 if earlier else 1,
        scope=" ".join(question.scope),
        claims=given,
        refused=[use.claim for use in question.uses if use.claim not in given],
        details=list(question.details),
        asked=question.digest,
        expires_at=now() + LIFETIMES.consent,
    )
    _tell(row, client, change="changed" if earlier else "given", by=by)
    return Agreed(row.id, tuple(given))


@transaction.atomic
def consent_withdraw(person_id: UUID, *, client_id: str, by: Actor) -> bool:
    """End a person's consent to a client and all its tokens; returns whether there was one. Raises ClientUnknown."""
    client = client_get(client_id)
    rows = Consent.objects.select_for_update().filter(
        person_id=person_id, client_id=client.id, ended_at__isnull=True
    )
    row = rows.first()
    authorizations_revoke(person_id, client_pk=client.id, reason="consent withdrawn", by=by)
    if row is None:
        return False
    Consent.objects.filter(pk=row.pk).update(ended_at=now(), ended_reason="withdrawn")
    _tell(row, client, change="withdrawn", by=by)
    return True


def _tell(row: Consent, client: ClientView, *, change: str, by: Actor) -> None:
    facts: dict[str, audit.Fact] = {
        "client": client.client_id,
        "version": row.version,
        "change": change,
        "claims": ",".join(row.claims),
    }
    audit.record("identity.consent_changed", by=by, about_kind="person", about_id=row.person_id, facts=facts)
    emit(
        ConsentChanged(
            row.person_id, client.client_id, client.agency_code, row.version, change, tuple(row.claims), now()
        )
    )
