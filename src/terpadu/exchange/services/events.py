"""Events published by agencies, kept by the carrier, and read by those who pull them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from pydantic import JsonValue

from terpadu.directory.public import private_file_write
from terpadu.exchange.adapters.carriers import KEPT, Carried, CarrierAway
from terpadu.exchange.adapters.chosen_carrier import carrier
from terpadu.exchange.errors import EventRefused, EventsUnavailable, InterfaceUnknown
from terpadu.exchange.events import EventReceived
from terpadu.exchange.models import Contract, EventSubscription, Grant, HeldEvent, Interface
from terpadu.exchange.rules.events import Room, is_pseudonym, names_a_person
from terpadu.exchange.rules.interfaces import Operation
from terpadu.exchange.selectors.places import events_key_path
from terpadu.exchange.selectors.registry import interface_row, interface_view
from terpadu.exchange.services.callers import Caller
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu_wire.cloudevents import CloudEvent, read_event
from terpadu_wire.errors import ContractError, EventError
from terpadu_wire.properties import parse_properties

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 100
_LOOK_AHEAD = 500
_HEAD = "update exchange_eventsubscription set head = greatest(head, %s) where topic = %s"


@dataclass(frozen=True)
class Pulled:
    """What a pull gives. events: CloudEvents. next: where the next pull goes on."""

    events: list[JsonValue]
    next: int


def event_publish(raw: bytes, *, caller: Caller) -> int:
    """Keep an event of one of the caller's topics for all who may have it; return its place. The same id again is one.

    raw: a CloudEvent in structured JSON, its person by pseudonym; it is passed on as it is. caller: who signed it.
    Raises EventRefused, EventsUnavailable.
    """
    event = _read(raw)
    if event.peer_id != caller.peer_id:
        raise EventRefused(reason="event.other_source")
    _check_thin(event, has_data=_may_have_data(event))
    topic = topic_name(event.peer_id, event.service, event.type)
    try:
        # Before the event and whatever becomes of it: a carrier may keep it and not be heard to confirm it.
        _subscribe(event, topic)
        with transaction.atomic():
            known = list(EventSubscription.objects.select_for_update().filter(topic=topic).order_by("id"))
            _move_to_this_carrier(topic, known)
            kept = carrier().append(topic, event_id=event.id, body=raw)
            _check_same(event, kept)
            with connection.cursor() as cursor:
                cursor.execute(_HEAD, [kept.sequence, topic])
    except CarrierAway as error:
        raise EventsUnavailable(reason="event.unavailable") from error
    return kept.sequence


def events_pull(service: str, path: str, *, grant_hash: str, after: int, limit: int) -> Pulled:
    """Return the events of a topic behind a place, for whoever calls under a grant.

    service: "<peer id>/<name>"; path: of the operation that is the topic. after: `next` of the last pull, 0 at first.
    limit: 1 to MOST_AT_ONCE, fewer where they are large; where an event is about a person one at a time is given, so that each is an exchange of its
    own in that person's trail. Events from before the contract are not given.
    Raises EventRefused, EventsUnavailable, InterfaceUnknown.
    """
    operation = _operation_at(service, path)
    grant = Grant.objects.select_related("contract").filter(grant_hash=grant_hash).first()
    peer_id, _, name = service.partition("/")
    if grant is None or (grant.provider, grant.service) != (peer_id, name):
        raise EventRefused(reason="contract.none")
    topic = topic_name(peer_id, name, operation.topic)
    most = min(limit, MOST_AT_ONCE) if _is_about_nobody(grant, operation) else 1
    since = grant.contract.not_before
    place, room = after, Room()
    found: list[Carried] = []
    for carried in _carried(topic, after=after, limit=_LOOK_AHEAD):
        is_due = carried.carried_at >= since
        if is_due and (len(found) == most or not room.takes(carried.body.decode())):
            break
        place = carried.sequence
        found += [carried] if is_due else []
    return Pulled([orjson.loads(one.body) for one in found], place)


@transaction.atomic
def event_receive(raw: bytes, *, peer_id: str) -> None:
    """Take an event that an agency's gateway brought to the platform as a subscriber. Emits EventReceived.

    peer_id: the agency, whose event it must be. Raises EventRefused.
    """
    event = _read(raw)
    if event.peer_id != peer_id:
        raise EventRefused(reason="event.other_source")
    emit(
        EventReceived(
            event_id=event.id, peer_id=event.peer_id, service=event.service, type=event.type, key=event.key
        )
    )


def events_prune() -> None:
    """Forget events that are too old to be pulled, and those held up so long under contracts that are over.

    Raises EventsUnavailable.
    """
    served = EventSubscription.objects.agreed(now()).values("pk")
    HeldEvent.objects.filter(held_at__lt=now() - KEPT).exclude(subscription__in=served).delete()
    try:
        carrier().prune()
    except CarrierAway as error:
        raise EventsUnavailable(reason="event.unavailable") from error


def events_key_ensure() -> Path:
    """Return the file of the key with which inways come to the control plane for events; made at first use."""
    path = events_key_path()
    if not path.exists():
        private_file_write(path, secrets.token_urlsafe(32).encode())
    return path


def topic_name(peer_id: str, service: str, type_: str) -> str:
    """Return how a topic is called: whose, of which interface, of which type."""
    return f"{peer_id}/{service}/{type_}"


def _read(raw: bytes) -> CloudEvent:
    try:
        return read_event(raw)
    except EventError as error:
        raise EventRefused(reason=error.code, place=error.reason) from error


def _may_have_data(event: CloudEvent) -> bool:
    """Tell whether events of a topic may carry data. One query, without the interface's document."""
    rows = Interface.objects.filter(peer__agency__peer_id=event.peer_id, name=event.service)
    operations = rows.values_list("operations", flat=True).first() or ()
    found = next((one for one in operations if one.get("topic") == event.type), None)
    if found is None:
        what = f"no interface {event.service} of yours has an operation with this type as x-topic"
        raise EventRefused(reason="event.other_topic", place=what)
    return bool(found.get("has_data"))


def _check_thin(event: CloudEvent, *, has_data: bool) -> None:
    """An event is a notice: who wants to know more fetches it, with a purpose, as data of that very reading."""
    if event.subject and not is_pseudonym(event.subject):
        raise EventRefused(reason="event.names_a_person")
    if names_a_person(orjson.dumps(event.members).decode()):
        raise EventRefused(reason="event.names_a_person")
    if not has_data and not event.members.keys().isdisjoint({"data", "data_base64"}):
        raise EventRefused(reason="event.not_thin")


def _check_same(event: CloudEvent, kept: Carried) -> None:
    """An id stands for one event: what comes again says the same, but for its time, which senders set anew."""
    if orjson.loads(kept.body) | {"time": None} != event.members | {"time": None}:
        raise EventRefused(reason="event.other_content")


def _subscribe(event: CloudEvent, topic: str) -> None:
    """Let every contract that takes this topic have it from this event on. One query when all have it already."""
    wanted = {"service": event.service, "type": event.type}
    grants = Grant.objects.filter(
        ~Exists(EventSubscription.objects.filter(grant=OuterRef("pk"), topic=topic)),
        consumer=event.peer_id,
        properties__operations__contains=[{"topic": wanted}],
        contract__in=Contract.objects.in_force(now()),
    )
    fresh = [
        (grant, one["id"])
        for grant in grants
        for one in grant.properties["operations"]
        if one.get("topic") == wanted
    ]
    if fresh:
        head, name = carrier().head(topic), carrier().name
        rows = [
            EventSubscription(
                grant=grant, operation=operation, topic=topic, carrier=name, cursor=head, head=head
            )
            for grant, operation in fresh
        ]
        EventSubscription.objects.bulk_create(rows, ignore_conflicts=True)


def _move_to_this_carrier(topic: str, subscribed: Iterable[EventSubscription]) -> None:
    """Let subscriptions go on with this carrier when the installation had another; what that still has is told."""
    left = [one for one in subscribed if one.carrier != carrier().name]
    if not left:
        return
    head = carrier().head(topic)
    for row in left:
        if row.cursor < row.head:
            log.error("events_left_behind", topic=topic, carrier=row.carrier, after=row.cursor)
    ids = [row.pk for row in left]
    EventSubscription.objects.filter(pk__in=ids).update(
        carrier=carrier().name, cursor=head, head=head, lease=None, leased_until=None
    )


def _operation_at(service: str, path: str) -> Operation:
    view = interface_view(interface_row(service))
    found = next((one for one in view.operations if one.topic and one.path == path), None)
    if found is None:
        raise InterfaceUnknown(service=service, path=path)
    return found


def _is_about_nobody(grant: Grant, operation: Operation) -> bool:
    try:
        properties = parse_properties(grant.properties)
    except ContractError as error:
        raise EventRefused(reason=error.code) from error
    rule = next((one for one in properties.operations if one.id == operation.id), None)
    return rule is not None and properties.subject_of(rule) is None


def _carried(topic: str, *, after: int, limit: int) -> Iterator[Carried]:
    try:
        yield from carrier().read(topic, after=after, limit=limit)
    except CarrierAway as error:
        raise EventsUnavailable(reason="event.unavailable") from error
