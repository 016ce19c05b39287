"""Events on their way to subscribers: given to publishers' gateways in batches, and what became of each."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from terpadu.directory.public import agency_by_peer
from terpadu.exchange.adapters.carriers import Carried, CarrierAway
from terpadu.exchange.adapters.chosen_carrier import carrier
from terpadu.exchange.errors import EventRefused, EventsUnavailable, HeldEventUnknown
from terpadu.exchange.models import EventSubscription, Gateway, HeldEvent
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.rules.events import (
    BEHIND,
    TRIES_OF_ALL,
    Outcome,
    Room,
    all_failed,
    needs_a_person,
    wait_after,
)
from terpadu.exchange.services.callers import Caller
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu_wire.cloudevents import key_of
from terpadu_wire.records import GatewayName

LEASE = timedelta(seconds=60)
"""How long a gateway may have a batch in hand; after that another may get it, and events may come twice."""
MOST_BATCHES = 16
MOST_EVENTS = 100


class _Ended(BaseModel):
    """How one event ended; see `rules.events.Outcome`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sequence: Annotated[int, Field(gt=0, lt=2**63)]
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,60}$")] = ""
    retry_after: Annotated[int, Field(ge=0, le=8 * 86_400)] = 0


class _Done(BaseModel):
    """A batch that a gateway is done with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lease: UUID
    outcomes: Annotated[list[_Ended], Field(max_length=2 * MOST_EVENTS)]


class _Ask(BaseModel):
    """What a gateway sends: its name, what it is done with, and whether it wants more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gateway: GatewayName
    done: Annotated[list[_Done], Field(max_length=MOST_BATCHES)] = []
    want: bool = True


@dataclass(frozen=True)
class Batch:
    """Events for one subscriber, in order. consumer, provider: who pushes to whom. events: (place, key, CloudEvent)."""

    lease: str
    consumer: str
    provider: str
    service: str
    method: str
    path: str
    grant_hash: str
    purpose: str
    events: list[tuple[int, str, str]]


def deliveries_give(body: bytes, *, caller: Caller) -> list[dict[str, JsonValue]]:
    """Take note of what a gateway has delivered, and return the batches that it is to deliver next.

    body: JSON as `_Ask` has it. caller: the peer that signed it; the gateway must act for it.
    Raises EventRefused, EventsUnavailable.
    """
    try:
        ask = _Ask.model_validate_json(body)
    except ValidationError as error:
        raise EventRefused(reason="deliveries.malformed") from error
    gateway = Gateway.objects.filter(name=ask.gateway).first()
    if gateway is None or caller.peer_id not in gateway.peer_ids:
        raise EventRefused(reason="deliveries.other_gateway")
    try:
        for done in ask.done:
            _settle(done, gateway.peer_ids)
        return [asdict(batch) for batch in (_lease(gateway.peer_ids) if ask.want else ())]
    except CarrierAway as error:
        raise EventsUnavailable(reason="event.unavailable") from error


@transaction.atomic
def held_event_retry(held_id: UUID, *, by: Actor) -> None:
    """Let an event that is held up be tried again now. Raises HeldEventUnknown, NotAllowed."""
    row = _held_row(held_id, by=by)
    row.due_at, row.stopped_at, row.tries = now(), None, 0
    row.save(update_fields=["due_at", "stopped_at", "tries"])
    audit.record("exchange.event_retried", by=by, about_kind="held_event", about_id=row.id)


@transaction.atomic
def held_events_retry(subscription_id: UUID, *, by: Actor) -> None:
    """Let all that a subscriber did not take be tried again now, in order. Raises HeldEventUnknown, NotAllowed."""
    row = EventSubscription.objects.select_related("grant").filter(pk=subscription_id).first()
    if row is None:
        raise HeldEventUnknown
    check_acts_for(agency_by_peer(row.grant.consumer).code, by=by)
    count = HeldEvent.objects.filter(subscription=row).update(due_at=now(), stopped_at=None, tries=0)
    EventSubscription.objects.filter(pk=row.pk).update(paused_until=None, tries=0)
    facts: dict[str, str | int] = {
        "topic": row.topic,
        "subscriber": row.grant.provider,
        "events": count,
    }
    audit.record(
        "exchange.events_retried", by=by, about_kind="event_subscription", about_id=row.id, facts=facts
    )


@transaction.atomic
def held_event_drop(held_id: UUID, *, reason: str, by: Actor) -> None:
    """Give an event up for this subscriber; those behind it go on. Raises HeldEventUnknown, NotAllowed."""
    row = _held_row(held_id, by=by)
    facts = {"event": row.event_id, "topic": row.subscription.topic, "code": row.code, "reason": reason[:300]}
    audit.record("exchange.event_dropped", by=by, about_kind="held_event", about_id=row.id, facts=facts)
    row.delete()


def _held_row(held_id: UUID, *, by: Actor) -> HeldEvent:
    rows = HeldEvent.objects.select_related("subscription__grant").select_for_update(of=("self",))
    row = rows.filter(pk=held_id).first()
    if row is None:
        raise HeldEventUnknown
    check_acts_for(agency_by_peer(row.subscription.grant.consumer).code, by=by)
    return row


@transaction.atomic
def _lease(peer_ids: Sequence[str]) -> list[Batch]:
    moment = now()
    due = HeldEvent.objects.filter(subscription=OuterRef("pk"), due_at__lte=moment, stopped_at__isnull=True)
    rows = (
        EventSubscription.objects.agreed(moment)
        .of_active_purpose()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("grant")
        .filter(grant__consumer__in=peer_ids)
        .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=moment))
        .filter(Q(paused_until__isnull=True) | Q(paused_until__lte=moment))
        .filter(Q(cursor__lt=F("head")) | Exists(due))
        .order_by("cursor", "id")[
            :MOST_BATCHES
        ]  # who is farthest behind comes first, so that all have their turn
    )
    room = Room()
    return [batch for row in rows if (batch := _batch(row, room)).events]


def _batch(row: EventSubscription, room: Room) -> Batch:
    """Return the events that a subscription gets next: the first of each key that is due again, then new ones."""
    retried = [one for one in _due_again(row) if room.takes(one.body)]
    waits = row.cursor < row.head and not room.is_full
    read = carrier().read(row.topic, after=row.cursor, limit=MOST_EVENTS) if waits else []
    fresh = [one for one in read if room.takes(one.body.decode())]
    row.lease, row.leased_until = uuid7(), now() + LEASE
    row.lease_upto = fresh[-1].sequence if fresh else row.cursor
    sent = _not_behind(row, fresh)
    if not (retried or sent):
        row.cursor, row.lease, row.leased_until = row.lease_upto, None, None
    row.save(update_fields=["lease", "leased_until", "lease_upto", "cursor"])
    grant = row.grant
    rule = next(one for one in grant.properties["operations"] if one["id"] == row.operation)
    events = [(one.sequence, one.key, one.body) for one in retried]
    return Batch(
        lease=str(row.lease),
        consumer=grant.consumer,
        provider=grant.provider,
        service=grant.service,
        method=rule["method"],
        path=rule["path"],
        grant_hash=grant.grant_hash,
        purpose=grant.purpose,
        events=events + [(one.sequence, _key(one.body), one.body.decode()) for one in sent],
    )


def _due_again(row: EventSubscription) -> list[HeldEvent]:
    before = HeldEvent.objects.filter(
        subscription=row, key=OuterRef("key"), sequence__lt=OuterRef("sequence")
    )
    due = HeldEvent.objects.filter(subscription=row, due_at__lte=now(), stopped_at__isnull=True)
    return list(due.filter(~Exists(before)).order_by("sequence")[:MOST_EVENTS])


def _not_behind(row: EventSubscription, fresh: Iterable[Carried]) -> list[Carried]:
    """Return the new events of keys of which nothing is held up; hold the others up behind what is."""
    held = set(HeldEvent.objects.filter(subscription=row).values_list("key", flat=True))
    behind = [one for one in fresh if _key(one.body) in held]
    _hold(row, [(one, Outcome(one.sequence, BEHIND)) for one in behind])
    return [one for one in fresh if _key(one.body) not in held]


@transaction.atomic
def _settle(done: _Done, peer_ids: Sequence[str]) -> None:
    """Move a subscription on by what became of its batch; a batch that was not taken back in time no longer counts."""
    row = (
        EventSubscription.objects.select_for_update(of=("self",))
        .filter(lease=done.lease, grant__consumer__in=peer_ids)
        .first()
    )
    if row is None:
        return
    outcomes = [Outcome(one.sequence, one.code, one.retry_after) for one in done.outcomes]
    again = {one.sequence: one for one in _held_of(row, outcomes)}
    for one in outcomes:
        if one.sequence in again:
            _settle_again(again[one.sequence], one)
    fresh = [one for one in outcomes if one.sequence not in again and row.cursor < one.sequence]
    _settle_fresh(row, fresh)
    row.lease = row.leased_until = None
    row.save()


def _settle_fresh(row: EventSubscription, fresh: list[Outcome]) -> None:
    if all_failed(fresh) and row.tries < TRIES_OF_ALL:
        row.tries += 1
        longest = max(one.retry_after for one in fresh)
        row.paused_until, row.code = now() + wait_after(row.tries, retry_after=longest), fresh[0].code
        return
    failed = {one.sequence: one for one in fresh if one.code}
    if failed:
        known = carrier().read(row.topic, after=row.cursor, limit=2 * MOST_EVENTS)
        _hold(row, [(one, failed[one.sequence]) for one in known if one.sequence in failed])
    row.tries, row.paused_until, row.code = 0, None, ""
    row.cursor = max(row.cursor, row.lease_upto)


def _settle_again(held: HeldEvent, outcome: Outcome) -> None:
    if not outcome.code:
        held.delete()
        HeldEvent.objects.filter(subscription=held.subscription_id, key=held.key, code=BEHIND).update(
            due_at=now()
        )
        return
    held.tries += 1
    held.code = outcome.code
    held.due_at = now() + _wait(held.tries, outcome)
    held.stopped_at = now() if needs_a_person(outcome.code, held.tries) else None
    held.save(update_fields=["tries", "code", "due_at", "stopped_at"])


def _hold(row: EventSubscription, failed: Iterable[tuple[Carried, Outcome]]) -> None:
    rows = [
        HeldEvent(
            subscription=row,
            sequence=carried.sequence,
            event_id=orjson.loads(carried.body)["id"],
            key=_key(carried.body),
            body=carried.body.decode(),
            tries=0 if outcome.code == BEHIND else 1,
            code=outcome.code,
            due_at=now() if outcome.code == BEHIND else now() + _wait(1, outcome),
            stopped_at=now() if needs_a_person(outcome.code, 1) else None,
        )
        for carried, outcome in failed
    ]
    HeldEvent.objects.bulk_create(rows, ignore_conflicts=True)


def _held_of(row: EventSubscription, outcomes: Iterable[Outcome]) -> QuerySet[HeldEvent]:
    return HeldEvent.objects.filter(subscription=row, sequence__in=[one.sequence for one in outcomes])


def _wait(tries: int, outcome: Outcome) -> timedelta:
    luck = random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
    return wait_after(tries, retry_after=outcome.retry_after, luck=luck)


def _key(body: bytes) -> str:
    return hashlib.sha256(key_of(orjson.loads(body)).encode()).hexdigest()
