"""Events on the wire: CloudEvents 1.0 in structured JSON, read strictly.

An event of the toll road names its ``source`` as ``urn:terpadu:<peer id>:<service>``, its ``type`` as the topic is called, and the
person it is about, if anybody, by pseudonym in ``subject``. Events of one ``partitionkey`` (without one: of one subject)
stay in order.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from terpadu_wire.errors import EventError, JsonError
from terpadu_wire.strict_json import parse_json

MEDIA_TYPE = "application/cloudevents+json"
MAX_EVENT = 64 << 10
"""Most bytes of an event; every intermediary of CloudEvents carries that much (CloudEvents 1.0, "Size Limits")."""
_REQUIRED = ("id", "source", "specversion", "type")
_NAME = re.compile(r"[a-z0-9]{1,40}")
_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_SOURCE = re.compile(r"urn:terpadu:([A-Za-z0-9._-]{1,20}):([A-Za-z0-9._-]{1,100})")
_URI = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~%-]+")
_MEDIA = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( *; *[^\x00-\x1f\x7f]+)?")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_MAX_TEXT = 1000
_MAX_INTEGER = 2**31


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """An event that keeps the rules.

    ``peer_id`` and ``service`` are its source; ``members`` is the whole JSON object. ``key`` orders it: events of one key
    stay in order.
    """

    id: str
    peer_id: str
    service: str
    type: str
    subject: str
    key: str
    members: dict[str, JsonValue]


def read_event(raw: bytes) -> CloudEvent:
    """Return the event in a structured JSON message.

    Raises:
        EventError: ``event.too_large`` or ``event.invalid``; it is no CloudEvent 1.0, or no event of the toll road.
    """
    if len(raw) > MAX_EVENT:
        raise EventError("event.too_large", "an event has at most 64 KiB")
    try:
        members = parse_json(raw)
    except JsonError as error:
        raise EventError("event.invalid", error.reason) from error
    if not isinstance(members, dict):
        raise EventError("event.invalid", "an event is a JSON object")
    return event_of(members)


def event_of(members: dict[str, JsonValue]) -> CloudEvent:
    """Return the event that a JSON object is. Raises EventError as :func:`read_event`."""
    _check(members)
    source = _SOURCE.fullmatch(str(members["source"]))
    if source is None:
        raise EventError("event.invalid", "source is urn:terpadu:<peer id>:<service>")
    if _ID.fullmatch(str(members["id"])) is None:
        raise EventError("event.invalid", "id is 1 to 100 letters, digits or . _ : -")
    event_id, subject = str(members["id"]), str(members.get("subject") or "")
    return CloudEvent(event_id, source[1], source[2], str(members["type"]), subject, key_of(members), members)


def key_of(members: dict[str, JsonValue]) -> str:
    """Return what orders an event: events of one key stay in order."""
    return str(members.get("partitionkey") or members.get("subject") or members["id"])


def source_of(peer_id: str, service: str) -> str:
    """Return the source of a service's events."""
    return f"urn:terpadu:{peer_id}:{service}"


def _check(members: dict[str, JsonValue]) -> None:
    """Hold an object against CloudEvents 1.0: context attributes, extensions, and at most one form of data."""
    if members.get("specversion") != "1.0":
        raise EventError("event.invalid", "specversion is 1.0")
    if {"data", "data_base64"} <= members.keys():
        raise EventError("event.invalid", "an event has data or data_base64, not both")
    if not isinstance(members.get("data_base64", ""), str):
        raise EventError("event.invalid", "data_base64 is a text")
    for name in _REQUIRED:
        if not isinstance(members.get(name), str):
            raise EventError("event.invalid", f"{name} is missing")
    for name, value in members.items():
        if name not in ("data", "data_base64") and value is not None:
            _check_attribute(name, value)


def _check_attribute(name: str, value: JsonValue) -> None:
    if _NAME.fullmatch(name) is None:
        raise EventError("event.invalid", "names of attributes are lower-case letters and digits")
    if isinstance(value, bool):
        fits = name not in (*_REQUIRED, *_OPTIONAL)
    elif isinstance(value, int):
        fits = name not in (*_REQUIRED, *_OPTIONAL) and -_MAX_INTEGER <= value < _MAX_INTEGER
    else:
        fits = isinstance(value, str) and _is_text(value) and _FORMS.get(name, _is_text)(value)
    if not fits:
        raise EventError("event.invalid", f"{name} is malformed")


def _is_text(value: str) -> bool:
    return 0 < len(value) <= _MAX_TEXT and _UNPRINTABLE.search(value) is None


def _is_uri(value: str) -> bool:
    return _URI.fullmatch(value) is not None


def _is_moment(value: str) -> bool:
    """Tell whether a text is a moment of RFC 3339."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return moment.tzinfo is not None and value[10:11] in ("T", "t", " ")


def _is_media_type(value: str) -> bool:
    return _MEDIA.fullmatch(value) is not None


_OPTIONAL = ("datacontenttype", "dataschema", "subject", "time")
_FORMS = {
    "source": _is_uri,
    "dataschema": _is_uri,
    "time": _is_moment,
    "datacontenttype": _is_media_type,
}
