"""Envelopes of a SOAP service passed through as they are, for programs that speak SOAP already."""

import base64
from dataclasses import dataclass
from typing import Any

from zeep.exceptions import Error as ZeepError
from zeep.wsdl.bindings.soap import SoapBinding
from zeep.wsdl.utils import etree_to_string
from zeep.wsse.username import UsernameToken

from terpadu_doors.config import SoapDoor
from terpadu_doors.desk import Question, Reply
from terpadu_doors.fetching import Fetched, Fetcher
from terpadu_doors.problems import DoorProblem
from terpadu_doors.secrets import read_secret
from terpadu_doors.wsdl import parse_envelope
from terpadu_wire.envelopes import (
    SOAP_12,
    SOAP_PATH,
    Envelope,
    action_headers,
    envelope_type,
    media_type_of,
    read_envelope,
)
from terpadu_wire.errors import EnvelopeError

_SECURITY = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}Security"
_SIGN_IN_FAULTS = ("Authentication", "SecurityToken")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a port: its operation, its element and that of its answer as ``{namespace}name``, its SOAPAction.

    is_qualified: whether the elements inside stand in a namespace.
    """

    operation: str
    element: str
    answer: str
    action: str
    is_qualified: bool

    @property
    def path(self) -> str:
        """Address of the message below the door."""
        return f"{SOAP_PATH}/{self.element.rpartition('}')[2]}"


def messages_of(binding: SoapBinding) -> dict[str, Message]:
    """Return the messages of a port that are one element each, by the name of their operation."""
    found = {}
    for name in binding.all():
        operation = binding.get(name)
        asked, given = _element(operation.input), _element(operation.output)
        if asked and given:
            body = operation.input.body
            found[name] = Message(name, asked, given, str(operation.soapaction or ""), _is_qualified(body))
    return found


class EnvelopeDesk:
    """The part of a SOAP door that passes envelopes.

    Args:
        door: its configuration.
        binding: the WSDL's port.
        fetcher: calls the service.
    """

    def __init__(self, door: SoapDoor, binding: SoapBinding, fetcher: Fetcher) -> None:
        self._door = door
        self._fetcher = fetcher
        known = messages_of(binding)
        self._messages = {known[name].path: known[name] for name in door.envelopes if name in known}

    def answer(self, question: Question) -> Reply:
        """Return the service's envelope, a fault too. Raises DoorProblem."""
        message = self._messages.get(question.path)
        if message is None:
            raise DoorProblem("door.operation_unknown")
        if question.method != "POST":
            raise DoorProblem("door.method_refused")
        body = self._signed_in(question.body, _read(question, message))
        media_type = media_type_of(question.headers["content-type"])
        fetched = self._fetcher.send(
            "POST",
            self._door.address_url,
            headers={**action_headers(message.action, media_type), **basic_sign_in(self._door)},
            body=body,
            seconds=self._door.seconds,
        )
        return self._reply(fetched)

    def _signed_in(self, raw: bytes, envelope: Envelope) -> bytes:
        """Return an envelope with what signs in to the service; one that signs in by itself stays as it is, bit by bit."""
        root = parse_envelope(raw)
        if next(root.iter(_SECURITY), None) is not None:
            if self._door.client_security == "refuse":
                raise DoorProblem("door.security_refused")
            return raw
        if self._door.wsse_file is None:
            return raw
        try:
            signed, _ = sign_in_token(self._door).apply(root, {})
            text: bytes = etree_to_string(signed)
        except (ZeepError, ValueError, TypeError) as error:
            raise DoorProblem("door.body_invalid", f"{envelope.name} cannot be signed in") from error
        return text

    def _reply(self, fetched: Fetched) -> Reply:
        if fetched.status in (401, 403):
            raise DoorProblem("door.sign_in_failed")
        content_type = fetched.headers.get("content-type", "")
        try:
            envelope = read_envelope(fetched.body, is_request=False)
        except EnvelopeError as error:
            code = "door.system_failed" if fetched.status >= 400 else "door.answer_garbled"
            raise DoorProblem(code, f"the service answered {fetched.status}: {error.reason}") from error
        if fetched.status != 200 and not envelope.is_fault:
            raise DoorProblem("door.system_failed", f"the service answered {fetched.status} without a fault")
        if envelope.is_fault and self._signs_in and _is_about_sign_in(envelope):
            raise DoorProblem("door.sign_in_failed", "the service's fault is about the door's own sign-in")
        media_type = media_type_of(content_type) or envelope.media_type
        return Reply(fetched.status, {"content-type": envelope_type(media_type)}, fetched.body)

    @property
    def _signs_in(self) -> bool:
        return self._door.wsse_file is not None or self._door.basic_file is not None


def sign_in_token(door: SoapDoor) -> UsernameToken:
    """Return the WS-Security token by which a door signs in to its service; the door has a file for it."""
    user, _, password = read_secret(door.wsse_file).partition(":") if door.wsse_file else ("", "", "")
    return UsernameToken(user, password, use_digest=door.wsse_digest)


def basic_sign_in(door: SoapDoor) -> dict[str, str]:
    """Return the header by which a door signs in to its service over HTTP, none when it does not."""
    if door.basic_file is None:
        return {}
    pair = base64.b64encode(read_secret(door.basic_file).encode()).decode("ascii")
    return {"authorization": f"Basic {pair}"}


def _read(question: Question, message: Message) -> Envelope:
    media_type = media_type_of(question.headers.get("content-type", ""))
    if not media_type:
        raise DoorProblem("door.media_type", "an envelope travels as text/xml or application/soap+xml")
    try:
        envelope = read_envelope(question.body, is_request=True)
    except EnvelopeError as error:
        raise DoorProblem("door.body_invalid", error.reason) from error
    if envelope.media_type != media_type or envelope.element != message.element:
        raise DoorProblem("door.body_invalid", "the envelope holds another message than the address names")
    if set(envelope.actions) - {"", message.action}:
        raise DoorProblem("door.body_invalid", "the envelope names another action than the WSDL")
    return envelope


def _is_about_sign_in(envelope: Envelope) -> bool:
    texts = [envelope.message.findtext("faultcode") or ""]
    texts += [one.text or "" for one in envelope.message.iter(f"{{{SOAP_12}}}Value")]
    return any(word in text for text in texts for word in _SIGN_IN_FAULTS)


def _element(message: Any) -> str:
    """Return the element that a message is, "" when it has several parts or none."""
    body = getattr(message, "body", None)
    if body is None or getattr(message, "_is_body_wrapped", False):
        return ""
    return str(body.qname)


def _is_qualified(body: Any) -> bool:
    inside = getattr(body.type, "elements", None) or []
    return not inside or bool(getattr(inside[0][1], "qname", None) and inside[0][1].qname.namespace)
