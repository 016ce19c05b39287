"""Mandates: given and accepted, ended by either side, and every use written where both can read it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from terpadu.identity.enums import MandateEnd, MandateKind
from terpadu.identity.errors import MandateCodeRefused, MandateInvalid, MandateUnknown, TooManyTries
from terpadu.identity.events import ActedFor, MandateBegun, MandateEnded
from terpadu.identity.models import Mandate, MandateUse, Person
from terpadu.identity.rules.accounts import names_match, tidy_name
from terpadu.identity.rules.mandates import are_services_allowed, is_period_allowed
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services import codes, tries
from terpadu.identity.services.catalogue import service_names
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu.kernel.timers import timer_cancel, timer_set

OFFER = "mandate_offer"
OFFER_LENGTH = 10
EXPIRE = "identity.mandate_expire"
BY_LAW = (MandateKind.PARENT, MandateKind.GUARDIAN)


def mandate_offer(
    subject_id: UUID, *, actor_name: str, services: Collection[str], until: datetime, by: Actor
) -> tuple[UUID, str]:
    """Offer a mandate to somebody by name; returns it with the code that the person hands over themselves.

    Nobody's NIK is asked, so nobody learns who has an account. services: identifiers, or ["*"].
    Raises MandateInvalid without a name, for unknown services, an end in the past or more than a year ahead.
    """
    limits = assurance_limits().representation
    if not tidy_name(actor_name) or not is_period_allowed(until, now=now(), longest=limits.longest):
        raise MandateInvalid()
    return _offer(
        subject_id,
        kind=MandateKind.GIVEN,
        services=services,
        valid_until=until,
        lapses_at=now() + timedelta(days=limits.offer_days),
        actor_name=tidy_name(actor_name),
        by=by,
    )


def help_offer(subject_id: UUID, *, services: Collection[str], by: Actor) -> tuple[UUID, str]:
    """Let an officer help with named services for two hours; returns the code that the person tells the officer.

    Raises MandateInvalid.
    """
    return _offer(
        subject_id,
        kind=MandateKind.ASSISTED,
        services=services,
        valid_until=None,
        lapses_at=now() + timedelta(minutes=assurance_limits().counter.ticket_minutes),
        actor_name="",
        by=by,
    )


@transaction.atomic
def _offer(
    subject_id: UUID,
    *,
    kind: MandateKind,
    services: Collection[str],
    valid_until: datetime | None,
    lapses_at: datetime,
    actor_name: str,
    by: Actor,
) -> tuple[UUID, str]:
    if not are_services_allowed(services, known=service_names()):
        raise MandateInvalid()
    code = codes.code_draw(OFFER_LENGTH)
    row = Mandate.objects.create(
        kind=kind,
        subject_id=subject_id,
        services=sorted(set(services)),
        valid_until=valid_until,
        code_hash=codes.code_hash(code, context=OFFER),
        code_expires_at=lapses_at,
        actor_name=actor_name,
    )
    audit.record("identity.mandate_offered", by=by, about_kind="mandate", about_id=row.id)
    return row.id, code


def mandate_accept(typed: str, *, by: Actor, visit: Visit) -> UUID:
    """Take up a mandate by its code. Returns the mandate.

    A given mandate needs a person with the name that the giver wrote, help at a counter an officer.
    Raises MandateCodeRefused for all else, TooManyTries for one network that keeps guessing.
    """
    if not tries.try_take(tries.TYPED_CODE, visit.network):
        raise TooManyTries(limit="typed_code")
    mandate_id = _accept(typed, by=by)
    tries.try_give_back(tries.TYPED_CODE, visit.network)
    return mandate_id


@transaction.atomic
def _accept(typed: str, *, by: Actor) -> UUID:
    found = codes.code_hash(typed, context=OFFER) or "-"
    row = Mandate.objects.select_for_update().filter(code_hash=found, started_at__isnull=True).first()
    if row is None or row.ended_at or row.code_expires_at is None or row.code_expires_at <= now():
        raise MandateCodeRefused(reason="code")
    if by.person_id is None or by.person_id == row.subject_id or not _is_meant(row, by):
        raise MandateCodeRefused(reason="person")
    if row.kind == MandateKind.ASSISTED:
        row.officer_id, row.agency_code = by.person_id, by.agency
        minutes = assurance_limits().representation.assisted_minutes
        row.valid_until = now() + timedelta(minutes=minutes)
    row.actor_id, row.code_hash = by.person_id, ""
    mandate_begin(row, by=by)
    return row.id


def _is_meant(row: Mandate, by: Actor) -> bool:
    if row.kind == MandateKind.ASSISTED:
        return by.kind == "officer"
    if by.kind != "person" or by.person_id is None or by.represented_id is not None:
        return False
    name = Person.objects.values_list("name", flat=True).get(pk=by.person_id)
    return names_match(name, row.actor_name)


@transaction.atomic
def help_begin(subject_id: UUID, *, services: Collection[str], by: Actor) -> UUID:
    """Begin help at a counter to which the person has just agreed on their phone. by: the officer. Returns the mandate."""
    minutes = assurance_limits().representation.assisted_minutes
    row = Mandate(
        kind=MandateKind.ASSISTED,
        subject_id=subject_id,
        actor_id=by.person_id,
        services=sorted(set(services)),
        valid_until=now() + timedelta(minutes=minutes),
        officer_id=by.person_id,
        agency_code=by.agency,
    )
    mandate_begin(row, by=by)
    return row.id


def mandate_begin(row: Mandate, *, by: Actor) -> None:
    """Put a complete mandate into force and tell both sides; must be called inside a transaction."""
    if row.subject_id is None or row.actor_id is None:
        raise MandateInvalid()
    row.started_at = now()
    row.save()
    facts = {"kind": row.kind, "actor": str(row.actor_id), "subject": str(row.subject_id)}
    audit.record("identity.mandate_begun", by=by, about_kind="mandate", about_id=row.id, facts=facts)
    if row.valid_until:
        timer_set(EXPIRE, key=str(row.id), due_at=row.valid_until)
    emit(MandateBegun(row.id, row.kind, row.subject_id, row.actor_id, tuple(row.services), row.valid_until))


@transaction.atomic
def mandate_end(mandate_id: UUID, *, by: Actor) -> None:
    """End a mandate, or take an offer or request back: either side can, at any time.

    A child does not end what law gives parents and guardians. Raises MandateUnknown then, for others, and for one that
    has ended.
    """
    row = Mandate.objects.select_for_update().filter(pk=mandate_id, ended_at__isnull=True).first()
    if row is None or by.person_id not in (row.subject_id, row.actor_id):
        raise MandateUnknown()
    is_subject = by.person_id == row.subject_id
    if is_subject and row.kind in BY_LAW:
        raise MandateUnknown(reason="by law")
    mandate_close(row, end=MandateEnd.WITHDRAWN if is_subject else MandateEnd.RENOUNCED, by=by)


def mandate_close(row: Mandate, *, end: MandateEnd, by: Actor) -> None:
    """End a mandate whose row is held, and tell both sides if it was in force."""
    row.ended_at, row.end, row.ended_by, row.code_hash = now(), end, by.person_id, ""
    row.save(update_fields=["ended_at", "end", "ended_by", "code_hash"])
    timer_cancel(EXPIRE, key=str(row.id))
    facts = {"end": end.value}
    audit.record("identity.mandate_ended", by=by, about_kind="mandate", about_id=row.id, facts=facts)
    if row.started_at and row.subject_id and row.actor_id:
        emit(MandateEnded(row.id, row.kind, row.subject_id, row.actor_id, end.value, row.ended_at))


@transaction.atomic
def mandate_expire(mandate_id: UUID) -> None:
    """Note the end of a mandate whose time is over."""
    row = Mandate.objects.select_for_update().filter(pk=mandate_id, ended_at__isnull=True).first()
    if row is None or row.valid_until is None or row.valid_until > now():
        return
    end = MandateEnd.OF_AGE if row.kind == MandateKind.PARENT else MandateEnd.EXPIRED
    mandate_close(row, end=end, by=Actor.system("mandates"))


@transaction.atomic
def use_record(*, action: str, service_id: str, reference: str = "", by: Actor) -> None:
    """Write down what somebody did for another, where both can read it, and tell the represented person.

    Does nothing for somebody who acts for themselves. action: such as "case_submitted". reference: such as a case number.
    """
    if by.mandate_id is None or by.represented_id is None or by.person_id is None:
        return
    row = MandateUse.objects.create(
        mandate_id=by.mandate_id, action=action, service_id=service_id, reference=reference
    )
    emit(
        ActedFor(
            use_id=row.id,
            mandate_id=by.mandate_id,
            subject_id=by.represented_id,
            actor_id=by.person_id,
            action=action,
            service_id=service_id,
            reference=reference,
            at=row.at,
        )
    )
