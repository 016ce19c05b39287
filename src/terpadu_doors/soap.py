"""The SOAP door: an existing SOAP 1.1 or 1.2 service, asked and answering in JSON by its own WSDL, or in its own envelopes."""

import re
import threading
from collections.abc import Iterable
from functools import partial
from typing import Any

from lxml import etree
from pydantic import JsonValue
from zeep import Client, xsd
from zeep.exceptions import Error as ZeepError
from zeep.wsdl.bindings.soap import Soap12Binding, SoapBinding
from zeep.wsdl.messages import DocumentMessage
from zeep.wsdl.utils import etree_to_string
from zeep.xsd.context import XmlParserContext

from terpadu_doors.config import SoapDoor
from terpadu_doors.desk import JsonDesk, JsonObject, Question, Reply
from terpadu_doors.documents import Offer, closed_object, make_document
from terpadu_doors.envelopes import EnvelopeDesk, basic_sign_in, messages_of, sign_in_token
from terpadu_doors.fetching import Fetched, Fetcher
from terpadu_doors.problems import DescribeError, DoorProblem
from terpadu_doors.wsdl import make_client, parse_envelope, read_saved, soap_ports
from terpadu_doors.xsd_json import JsonTypes, to_json
from terpadu_wire.addresses import Network
from terpadu_wire.envelopes import SOAP_PATH

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_ENVELOPES = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")


class SoapProgram:
    """One SOAP door at work.

    Args:
        door: its configuration.
        allowed: private networks that the operator lets doors call.
    """

    def __init__(self, door: SoapDoor, *, allowed: Iterable[Network]) -> None:
        self._door = door
        self._fetcher = Fetcher(allowed)
        try:
            self._client = make_client(read_saved(door.wsdl_file))
            self._binding = soap_ports(self._client)[(door.service, door.port)]
            document = soap_document(door, self._binding)
        except (DescribeError, KeyError) as error:
            raise DoorProblem("door.unavailable", "the saved WSDL does not fit the configuration") from error
        # zeep keeps state while it writes and reads; the call in between runs without the lock.
        self._lock = threading.Lock()
        handlers = {name: partial(self._call, name) for name in door.operations}
        self._desk = JsonDesk(document, handlers)
        self._envelopes = EnvelopeDesk(door, self._binding, self._fetcher)

    def answer(self, question: Question) -> Reply:
        """Return the service's answer, as JSON or, below SOAP_PATH, as its envelope. Raises DoorProblem."""
        if question.path.startswith(f"{SOAP_PATH}/"):
            return self._envelopes.answer(question)
        return self._desk.answer(question)

    def close(self) -> None:
        """Close connections."""
        self._fetcher.close()

    def _call(self, name: str, asked: JsonObject) -> JsonValue:
        operation = self._binding.get(name)
        with self._lock:
            envelope, headers = self._write(name, asked)
        fetched = self._fetcher.send(
            "POST",
            self._door.address_url,
            headers={
                **headers,
                **basic_sign_in(self._door),
                "content-type": self._content_type(operation),
                "accept": "text/xml, application/soap+xml",
            },
            body=envelope,
            seconds=self._door.seconds,
        )
        body = _body_of(fetched, not_found=self._door.not_found)
        with self._lock:
            return _read(self._client, operation, body)

    def _write(self, name: str, asked: JsonObject) -> tuple[bytes, dict[str, str]]:
        try:
            message = self._binding.get(name).create(**asked)
            envelope, headers = message.content, dict(message.headers)
            if self._door.wsse_file is not None:
                envelope, headers = sign_in_token(self._door).apply(envelope, headers)
            raw: bytes = etree_to_string(envelope)
        except (ZeepError, ValueError, TypeError, AttributeError) as error:
            raise DoorProblem(
                "door.body_invalid", "the body cannot be written as the WSDL's message"
            ) from error
        return raw, {str(key): str(value) for key, value in headers.items()}

    def _content_type(self, operation: Any) -> str:
        if isinstance(self._binding, Soap12Binding):
            return f'application/soap+xml; charset=utf-8; action="{operation.soapaction}"'
        return "text/xml; charset=utf-8"


def soap_document(door: SoapDoor, binding: SoapBinding) -> JsonObject:
    """Return the OpenAPI document of a SOAP door.

    Raises:
        DescribeError: an operation cannot be carried in JSON.
    """
    types = JsonTypes()
    offers = [_offer(name, binding, types) for name in door.operations]
    offers += [_envelope_offer(name, binding, types) for name in door.envelopes]
    document = make_document(door.title or door.name, version="1", offers=offers)
    components = document["components"]
    schemas = components["schemas"] if isinstance(components, dict) else None
    if isinstance(schemas, dict):
        schemas.update(types.schemas)
    return document


def carried_operations(binding: SoapBinding) -> tuple[list[str], list[str]]:
    """Return the operations of a port that JSON can carry, and one line for each that it cannot."""
    carried, left = [], []
    for name in binding.all():
        try:
            _offer(name, binding, JsonTypes())
        except DescribeError as error:
            left.append(f"{name}: {error.text}")
        else:
            carried.append(name)
    return carried, left


def _offer(name: str, binding: SoapBinding, types: JsonTypes) -> Offer:
    operation = binding.get(name)
    request, answer = _body_type(operation.input), _body_type(operation.output)
    return Offer(
        name,
        f"/{name}",
        f"Operasi SOAP {name}",
        types.schema_of(request, is_answer=False) if request is not None else closed_object({}, required=[]),
        types.schema_of(answer, is_answer=True) if answer is not None else closed_object({}, required=[]),
    )


def _envelope_offer(name: str, binding: SoapBinding, types: JsonTypes) -> Offer:
    message = messages_of(binding)[name]
    try:
        _offer(name, binding, JsonTypes())
        described = _offer(name, binding, types)
        request, answer = described.request, described.answer
    except DescribeError:  # what JSON cannot carry passes as it is
        request, answer = {"type": "string"}, {"type": "string"}
    media_type = "application/soap+xml" if isinstance(binding, Soap12Binding) else "text/xml"
    soap: JsonObject = {
        "element": message.element,
        "action": message.action,
        "answer": message.answer,
        "qualified": message.is_qualified,
    }
    summary = f"Pesan SOAP {name}, diteruskan sebagai amplop"
    return Offer(f"soap.{name}", message.path, summary, request, answer, media_type, {"x-soap": soap})


def _body_type(message: Any) -> Any:
    """Return the type of a message's body, None when it is empty."""
    body = getattr(message, "body", None)
    if body is None:
        return None
    if getattr(message, "_is_body_wrapped", False) or not isinstance(body.type, xsd.ComplexType):
        raise DescribeError(
            "wsdl.style", "its body has several parts or a bare value; only wrapped messages are carried"
        )
    return body.type


def _read(client: Client, operation: Any, body: etree._Element) -> JsonValue:
    element = operation.output.body if operation.output is not None else None
    if element is None:
        return {}
    if len(body) == 0:
        raise DoorProblem("door.answer_garbled", "the answer's body is empty")
    if isinstance(operation.output, DocumentMessage) and body[0].tag != str(element.qname):
        raise DoorProblem("door.answer_garbled", "the answer is another message than the WSDL's")
    try:
        value = element.type.parse_xmlelement(
            body[0], client.wsdl.types, context=XmlParserContext(settings=client.settings)
        )
        return to_json(element.type, value, body[0])
    except (ZeepError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise DoorProblem("door.answer_garbled", "the answer is not the WSDL's message") from error


def _body_of(fetched: Fetched, *, not_found: Iterable[str]) -> etree._Element:
    """Return the body of a SOAP answer.

    Raises:
        DoorProblem: the answer is a fault, an HTTP error, or no SOAP.
    """
    if fetched.status in (401, 403):
        raise DoorProblem("door.sign_in_failed")
    essence = fetched.headers.get("content-type", "").partition(";")[0].strip().lower()
    if essence not in ("text/xml", "application/soap+xml", "application/xml"):
        code = "door.system_failed" if fetched.status >= 400 else "door.answer_garbled"
        raise DoorProblem(code, f"the service answered {fetched.status} without XML")
    root = parse_envelope(fetched.body)
    space = etree.QName(root).namespace
    body = root.find(f"{{{space}}}Body") if space in _ENVELOPES else None
    if body is None:
        raise DoorProblem("door.answer_garbled", "the answer is no SOAP envelope")
    fault = body.find(f"{{{space}}}Fault")
    if fault is not None:
        raise _problem_of(fault, space=str(space), not_found=set(not_found))
    if fetched.status != 200:
        raise DoorProblem("door.system_failed", f"the service answered {fetched.status} without a fault")
    return body


def _problem_of(fault: etree._Element, *, space: str, not_found: set[str]) -> DoorProblem:
    """Return the problem that a fault stands for; its text may name a person and stays behind."""
    codes = _codes_of(fault, space)
    shown = ", ".join(codes) or "no code"
    if not_found & set(codes):
        return DoorProblem("door.not_found")
    if any("Authentication" in code or "SecurityToken" in code for code in codes):
        return DoorProblem("door.sign_in_failed", f"the service's fault: {shown}")
    if codes and codes[0] in ("Client", "Sender"):
        return DoorProblem("door.system_refused", f"the service's fault: {shown}")
    return DoorProblem("door.system_failed", f"the service's fault: {shown}")


def _codes_of(fault: etree._Element, space: str) -> list[str]:
    """Return the codes of a SOAP 1.1 or 1.2 fault, the general one first, then names of its details."""
    texts = [fault.findtext("faultcode") or ""]
    texts += [one.text or "" for one in fault.iter(f"{{{space}}}Value")]
    details = [*fault.findall("detail"), *fault.findall(f"{{{space}}}Detail")]
    texts += [
        etree.QName(child).localname for detail in details for child in detail if isinstance(child.tag, str)
    ]
    found = (text.strip().rpartition(":")[2] for text in texts)
    return [part for text in found for part in text.split(".") if _CODE.fullmatch(part)][:6]
