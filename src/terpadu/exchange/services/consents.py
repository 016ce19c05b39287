"""Consents: an agency asks, the person gives or refuses, and may withdraw at any time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from terpadu.directory.public import agency_by_peer
from terpadu.exchange.enums import ConsentState
from terpadu.exchange.errors import ConsentClosed, ConsentUnknown, ContractUnknown
from terpadu.exchange.events import ConsentAsked
from terpadu.exchange.models import Consent, Grant
from terpadu.exchange.policies import check_acts_for, check_is_person
from terpadu.exchange.selectors.consents import ConsentView, consent_of_person
from terpadu.exchange.selectors.places import consent_url
from terpadu.exchange.services.snapshots import group_key
from terpadu.identity.public import check_sharing, is_sharing_limited, subject_pseudonym
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu_wire.consents import ConsentArtefact, ConsentStatus, sign_consent, sign_consent_status
from terpadu_wire.properties import parse_properties


@transaction.atomic
def consent_ask(person_id: UUID, *, grant_hash: str, until: datetime, by: Actor) -> ConsentView:
    """Ask a person for their consent to what a grant reads; asking twice is asking once.

    grant_hash: grant of a contract that demands consent. until: when the consent would end by itself.
    Raises ContractUnknown, NotAllowed when the officer is not of the agency that reads, ProcessingLimited when the person
    has had the use of their data limited.
    """
    grant = Grant.objects.filter(grant_hash=grant_hash).first()
    if grant is None:
        raise ContractUnknown()
    reader = grant.delegator or grant.consumer
    check_acts_for(agency_by_peer(reader).code, by=by)
    check_sharing(person_id)
    row, is_new = Consent.objects.get_or_create(
        person_id=person_id,
        grant_hash=grant_hash,
        state__in=(ConsentState.ASKED, ConsentState.GIVEN),
        defaults={
            "state": ConsentState.ASKED,
            "subject": subject_pseudonym(person_id),
            "consumer": reader,
            "provider": grant.provider,
            "service": grant.service,
            "purpose": grant.purpose,
            "fields": _fields(grant),
            "until": until,
        },
    )
    if is_new:
        emit(
            ConsentAsked(
                consent_id=str(row.id), person_id=str(person_id), consumer=reader, until=until.isoformat()
            )
        )
        audit.record("exchange.consent_asked", by=by, about_kind="consent", about_id=row.id)
    return consent_of_person(person_id, row.id)


def consent_give(consent_id: UUID, *, by: Actor) -> ConsentView:
    """Give the consent that was asked for. Raises ConsentUnknown, ConsentClosed, NotAllowed, ProcessingLimited."""
    check_sharing(check_is_person(by))
    return _answer(consent_id, ConsentState.GIVEN, came_from=ConsentState.ASKED, by=by)


def consent_refuse(consent_id: UUID, *, by: Actor) -> ConsentView:
    """Refuse the consent that was asked for. Raises as `consent_give`."""
    return _answer(consent_id, ConsentState.REFUSED, came_from=ConsentState.ASKED, by=by)


def consent_withdraw(consent_id: UUID, *, by: Actor) -> ConsentView:
    """Withdraw a consent; gateways refuse within a minute. Raises as `consent_give`."""
    return _answer(consent_id, ConsentState.WITHDRAWN, came_from=ConsentState.GIVEN, by=by)


def consent_artefact(person_id: UUID, *, grant_hash: str) -> str:
    """Return the signed artefact of a person's consent to a grant, "" when there is none that holds now or all of them rest."""
    if is_sharing_limited(person_id):
        return ""
    row = (
        Consent.objects.filter(
            person_id=person_id, grant_hash=grant_hash, state=ConsentState.GIVEN, until__gt=now()
        )
        .order_by("-given_at")
        .first()
    )
    if row is None or row.given_at is None:
        return ""
    artefact = ConsentArtefact(
        id=str(row.id),
        subject=row.subject,
        consumer=row.consumer,
        provider=row.provider,
        service=row.service,
        purpose=row.purpose,
        fields=tuple(row.fields),
        issued_at=int(row.given_at.timestamp()),
        expires_at=int(row.until.timestamp()),
        revocation_url=consent_url(row.id),
    )
    return sign_consent(artefact, key=group_key())


def consent_word(consent_id: UUID) -> str:
    """Return the signed word on whether a consent holds now; an unknown one counts as withdrawn, and so does one that rests
    because the person has had the use of their data limited.
    """
    row = Consent.objects.filter(pk=consent_id).first()
    moment = now()
    holds = row is not None and row.state == ConsentState.GIVEN and row.until > moment
    holds = holds and row is not None and not is_sharing_limited(row.person_id)
    status = ConsentStatus(str(consent_id), "given" if holds else "withdrawn", int(moment.timestamp()))
    return sign_consent_status(status, key=group_key())


@transaction.atomic
def _answer(consent_id: UUID, state: ConsentState, *, came_from: ConsentState, by: Actor) -> ConsentView:
    person_id = check_is_person(by)
    row = Consent.objects.select_for_update().filter(pk=consent_id, person_id=person_id).first()
    if row is None:
        raise ConsentUnknown()
    if row.state != came_from:
        raise ConsentClosed(state=row.state)
    row.state = state
    if state == ConsentState.GIVEN:
        row.given_at = now()
    else:
        row.ended_at = now()
    row.save(update_fields=["state", "given_at", "ended_at"])
    audit.record(
        "exchange.consent_answered", by=by, about_kind="consent", about_id=row.id, facts={"state": state}
    )
    return consent_of_person(person_id, row.id)


def _fields(grant: Grant) -> list[str]:
    operations = parse_properties(grant.properties).operations
    return sorted({pointer for operation in operations for pointer in operation.fields.passing})
