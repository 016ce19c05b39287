"""SOAP messages on their way through a gateway: which operation they are, what they say, and refusals in their own form."""

from xml.sax.saxutils import escape

from pydantic import JsonValue

from terpadu_gateway.answers import Answer
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_wire.envelopes import (
    MEDIA_TYPES,
    SOAP_11,
    SOAP_PATH,
    Envelope,
    action_of,
    enclose,
    envelope_type,
    media_type_of,
    read_envelope,
)
from terpadu_wire.errors import EnvelopeError
from terpadu_wire.policy import Decision
from terpadu_wire.problems import Problem
from terpadu_wire.properties import Soap


def operation_path(incoming: Incoming, path: str) -> str:
    """Return the path of the operation that a request is: a SOAP client has one address for all, its message tells which.

    Raises:
        Refusal: ``soap.*``; an envelope cannot be read. ``gateway.body_too_large``.
    """
    if path != SOAP_PATH or not media_type_of(incoming.headers.get("content-type", "")):
        return path
    if incoming.upload is not None:
        raise Refusal("gateway.body_too_large", "an envelope is read, so it has at most 1 MB")
    return f"{SOAP_PATH}/{_read(incoming.body).name}"


def message_value(soap: Soap, decision: Decision, incoming: Incoming) -> JsonValue:
    """Return what a request's message says, after checking that it is the operation's.

    Raises:
        Refusal: ``soap.invalid``, ``soap.other_message``, ``soap.other_action`` or ``soap.reply_elsewhere``.
    """
    content_type = incoming.headers.get("content-type", "")
    envelope = _read(incoming.body)
    if envelope.media_type != media_type_of(content_type):
        raise Refusal("soap.invalid", f"an envelope of this version travels as {envelope.media_type}")
    if envelope.element != soap.element:
        raise Refusal("soap.other_message")
    named = action_of(content_type, incoming.headers.get("soapaction", ""))
    if {named, *envelope.actions} - {"", soap.action}:
        raise Refusal("soap.other_action")
    return envelope.value(_pointers(decision))


def answered_value(decision: Decision, raw: bytes) -> JsonValue:
    """Return what a system's message says; None for a fault.

    Raises:
        Refusal: ``system.not_soap``.
    """
    try:
        envelope = read_envelope(raw, is_request=False)
    except EnvelopeError as error:
        raise Refusal("system.not_soap", error.reason) from error
    return None if envelope.is_fault else envelope.value(_pointers(decision))


def is_fault(content_type: str, raw: bytes) -> bool:
    """Say whether an answer is a SOAP fault."""
    try:
        return bool(media_type_of(content_type)) and read_envelope(raw, is_request=False).is_fault
    except EnvelopeError:
        return False


def fault_answer(problem: Problem, media_type: str) -> Answer:
    """Return a problem as a SOAP fault, which a SOAP client understands; its headers say the same as ever."""
    is_callers = problem.http_status < 500
    space = MEDIA_TYPES[media_type]
    told = f"{problem.kind.title}: {problem.detail}".rstrip(": ")
    members = {"code": problem.code, "side": problem.kind.side or problem.side}
    members |= {"transactionId": problem.transaction_id, "retryAfter": str(problem.retry_after or "")}
    inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in members.items() if text)
    detail = f'<problem xmlns="urn:terpadu:problem">{inside}</problem>'
    fault = _fault_11 if space == SOAP_11 else _fault_12
    text = fault(escape(told), detail, is_callers=is_callers)
    body = enclose(f"<soap:Fault>{text}</soap:Fault>", media_type=media_type)
    status = 400 if is_callers and space != SOAP_11 else 500
    return Answer(status, {**problem.headers(), "content-type": envelope_type(media_type)}, body)


def _fault_11(text: str, detail: str, *, is_callers: bool) -> str:
    code = "Client" if is_callers else "Server"
    return f"<faultcode>soap:{code}</faultcode><faultstring>{text}</faultstring><detail>{detail}</detail>"


def _fault_12(text: str, detail: str, *, is_callers: bool) -> str:
    code = "Sender" if is_callers else "Receiver"
    return (
        f"<soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason><soap:Detail>{detail}</soap:Detail>'
    )


def _read(raw: bytes) -> Envelope:
    try:
        return read_envelope(raw, is_request=True)
    except EnvelopeError as error:
        raise Refusal(error.code, error.reason) from error


def _pointers(decision: Decision) -> tuple[str, ...]:
    rule = decision.subject
    return (rule.pointer, rule.match_pointer or "") if rule is not None else ()
