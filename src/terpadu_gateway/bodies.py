"""What a request's body must be before it may pass: JSON, a SOAP message, an event of the topic, the name of an open interaction."""

from typing import NamedTuple

from pydantic import JsonValue

from terpadu_gateway.envelopes import answered_value, message_value
from terpadu_gateway.idempotency import HEADER
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_wire.cloudevents import MAX_EVENT, MEDIA_TYPE, event_of
from terpadu_wire.envelopes import envelope_type, media_type_of
from terpadu_wire.errors import EventError, JsonError
from terpadu_wire.fields import values_at
from terpadu_wire.policy import Decision, Facts
from terpadu_wire.properties import Operation, Topic
from terpadu_wire.signing import STREAM
from terpadu_wire.strict_json import parse_json
from terpadu_wire.transactions import is_transaction_id


class Body(NamedTuple):
    """A request's body: its JSON value (None when it passes unread), and the interaction that it names, "" for none."""

    value: JsonValue
    interaction: str


def read_request(decision: Decision, facts: Facts, incoming: Incoming) -> Body:
    """Return the body of a request that a contract allows, checked as its operation demands.

    Raises:
        Refusal: ``gateway.body_too_large``, ``json.*``, ``soap.*``, ``event.*`` or ``interaction.missing``.
    """
    operation = decision.operation
    uploads = operation is not None and operation.upload
    if incoming.upload is not None and not uploads:
        raise Refusal("gateway.body_too_large", "the contract does not open this operation for larger ones")
    if uploads:
        _check_upload(incoming)
        return Body(None, "")
    if operation is not None and operation.soap is not None:
        return Body(message_value(operation.soap, decision, incoming), "")
    try:
        value = parse_json(incoming.body) if incoming.body else None
    except JsonError as error:
        raise Refusal(error.code, error.reason) from error
    if operation is not None and operation.topic is not None:
        _check_event(operation.topic, facts, incoming, value)
    return Body(value, _interaction(operation, value))


def answer_value(decision: Decision, body: bytes) -> JsonValue:
    """Return what an answer says, None when it is empty or a SOAP fault.

    Raises:
        Refusal: ``json.*`` or ``system.not_soap``.
    """
    if decision.soap is not None:
        return answered_value(decision, body)
    try:
        return parse_json(body) if body else None
    except JsonError as error:
        raise Refusal(error.code, error.reason) from error


def content_type_of(operation: Operation | None, incoming: Incoming) -> str:
    """Return the content type under which an application's body goes on to the provider's gateway."""
    if incoming.upload is not None:
        return STREAM
    if not incoming.body:
        return ""
    if operation is not None and operation.topic is not None:
        return MEDIA_TYPE
    given = incoming.headers.get("content-type", "")
    if operation is not None and operation.upload:
        return given or "application/octet-stream"
    if operation is not None and operation.soap is not None:
        return envelope_type(media_type_of(given))
    return "application/json"


def _check_upload(incoming: Incoming) -> None:
    """An upload that may be sent again must name its digest, or nobody could tell whether it is the same."""
    headers = incoming.headers
    if incoming.upload is not None and headers.get(HEADER) and not headers.get("content-digest"):
        raise Refusal("gateway.header_refused", "a large body with an Idempotency-Key needs Content-Digest")


def _check_event(topic: Topic, facts: Facts, incoming: Incoming, value: JsonValue) -> None:
    if len(incoming.body) > MAX_EVENT:
        raise Refusal("event.too_large")
    if not isinstance(value, dict):
        raise Refusal("event.invalid", "an event is a JSON object")
    try:
        event = event_of(value)
    except EventError as error:
        raise Refusal(error.code, error.reason) from error
    if (event.peer_id, event.service) != (facts.consumer, topic.service):
        raise Refusal("event.other_source")
    if event.type != topic.type:
        raise Refusal("event.other_topic")
    # By this key whoever receives notices that an event comes again.
    if incoming.headers.get(HEADER) != event.id:
        raise Refusal("event.other_key")


def _interaction(operation: Operation | None, value: JsonValue) -> str:
    if operation is None or operation.interaction is None:
        return ""
    found = [one for one in values_at(value, operation.interaction) if isinstance(one, str)]
    if len(found) != 1 or not is_transaction_id(found[0]):
        raise Refusal("interaction.missing", f"its id belongs at {operation.interaction}")
    return found[0]
