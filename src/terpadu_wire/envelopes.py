"""SOAP envelopes, as far as an exchange must understand them: which message, about whom. The rest passes unread.

SOAP 1.1 and 1.2 in UTF-8, without document types and thus without entities, with one message in the body. What a
system might understand otherwise than we do is refused: a second message, another action, an answer sent elsewhere.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pydantic import JsonValue

from terpadu_wire.errors import EnvelopeError
from terpadu_wire.fields import Steps, split_pointer

SOAP_11, SOAP_12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
MEDIA_TYPES = {"text/xml": SOAP_11, "application/soap+xml": SOAP_12}
"""Namespace of the envelopes that travel under each media type."""
SOAP_PATH = "/soap"
"""Address below a service that takes every message; each message has its own below it, by the name of its element."""
MAX_DEPTH = 100

_ADDRESSING = ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing")
_ELSEWHERE = ("ReplyTo", "FaultTo")
_NOWHERE = ("/anonymous", "/none")
_DECLARED = re.compile(r"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_AMBIGUOUS = re.compile(rb"<!--|<!\[CDATA\[|<\?(?!xml\s)")
_ACTION = re.compile(r";\s*action\s*=\s*\"?([^\";]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that was read.

    Args:
        media_type: what it travels under, by its version.
        element: its message, as ``{namespace}name``.
        actions: what its WS-Addressing headers call the operation; mostly none.
        message: the message's element.
    """

    media_type: str
    element: str
    actions: tuple[str, ...]
    message: Any

    @property
    def name(self) -> str:
        """The message's name without its namespace."""
        return _local(self.element)

    @property
    def is_fault(self) -> bool:
        """Whether it is a fault and no answer."""
        return self.element == f"{{{MEDIA_TYPES[self.media_type]}}}Fault"

    def value(self, pointers: Iterable[str] = ()) -> JsonValue:
        """Return the message as JSON, for pointers to reach into.

        An element with elements inside is an object by their names without namespace, any other one its text. What
        stands there more than once is an array; so is what stands once where one of ``pointers`` has ``*`` after it.
        """
        steps = [split_pointer(pointer) for pointer in pointers]
        listed = {one[:at] for one in steps for at, step in enumerate(one) if step == "*"}
        return _value(self.message, (), listed)


def media_type_of(content_type: str) -> str:
    """Return the media type of an envelope out of a Content-Type header, "" for anything else."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence if essence in MEDIA_TYPES else ""


def action_of(content_type: str, soapaction: str) -> str:
    """Return the action that the headers of a SOAP request name, "" for none (SOAP 1.1: SOAPAction; 1.2: ``action``)."""
    found = _ACTION.search(content_type)
    return soapaction.strip().strip('"') or (found[1].strip() if found else "")


def envelope_type(media_type: str) -> str:
    """Return the Content-Type under which an envelope goes on; the action it names does not, the contract's counts."""
    return f"{media_type}; charset=utf-8"


def action_headers(action: str, media_type: str) -> dict[str, str]:
    """Return the headers by which a system knows what it is asked (SOAP 1.1, section 6.1.1; SOAP 1.2 part 2, section 6.5).

    Args:
        action: the operation's SOAPAction, "" for none.
        media_type: "text/xml" for SOAP 1.1, "application/soap+xml" for 1.2.
    """
    accept, sent_as = {"accept": media_type}, envelope_type(media_type)
    if MEDIA_TYPES[media_type] == SOAP_11:
        return accept | {"content-type": sent_as, "soapaction": f'"{action}"'}
    return accept | {"content-type": f'{sent_as}; action="{action}"' if action else sent_as}


def read_envelope(raw: bytes, *, is_request: bool) -> Envelope:
    """Return a SOAP envelope.

    Args:
        raw: its bytes.
        is_request: whether it goes to a system. Then nothing may stand in it that two readers read differently, so
            that whom it is about is what the system reads too: no comment, processing instruction or CDATA section.

    Raises:
        EnvelopeError: ``soap.invalid``, it is none that the exchange carries; ``soap.reply_elsewhere``.
    """
    root = _parse(raw)
    if is_request and _AMBIGUOUS.search(raw):
        raise EnvelopeError(
            "soap.invalid", "comments, processing instructions and CDATA sections are refused"
        )
    namespace = root.tag.removesuffix("}Envelope").removeprefix("{")
    media_type = next((one for one, space in MEDIA_TYPES.items() if space == namespace), "")
    if not media_type:
        raise EnvelopeError("soap.invalid", "the outermost element is no SOAP envelope")
    names = [child.tag for child in root]
    body = f"{{{namespace}}}Body"
    if names not in ([body], [f"{{{namespace}}}Header", body]):
        raise EnvelopeError("soap.invalid", "an envelope has at most one header and then one body")
    if len(root[-1]) != 1:
        raise EnvelopeError("soap.invalid", "the body has not exactly one message")
    _check_depth(root)
    headers = list(root[0]) if len(names) == 2 else []
    _check_replies(headers)
    message = root[-1][0]
    return Envelope(media_type, message.tag, tuple(_actions(headers)), message)


def write_envelope(element: str, value: JsonValue, *, media_type: str, is_qualified: bool = True) -> bytes:
    """Return an envelope with a message out of its JSON form; null stands for what is left out.

    Args:
        element: the message, as ``{namespace}name``.
        value: its content, see :meth:`Envelope.value`.
        media_type: "text/xml" for SOAP 1.1, "application/soap+xml" for 1.2.
        is_qualified: whether the elements inside stand in the message's namespace.
    """
    namespace = element[1:].partition("}")[0] if element.startswith("{") else ""
    prefix = "" if is_qualified or not namespace else "m"
    place = f' xmlns{prefix and ":m"}="{escape(namespace, _QUOTE)}"' if namespace else ""
    name = f"{prefix and 'm:'}{_local(element)}"
    return enclose(f"<{name}{place}>{''.join(_written(value))}</{name}>", media_type=media_type)


def enclose(message: str, *, media_type: str) -> bytes:
    """Return an envelope around a message that is XML already; the prefix ``soap`` is the envelope's namespace."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{MEDIA_TYPES[media_type]}"><soap:Body>'
        f"{message}</soap:Body></soap:Envelope>"
    ).encode()


_QUOTE = {'"': "&quot;"}


def _parse(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
        declared = _DECLARED.match(text.lstrip("\ufeff"))
        if declared is not None and declared[1].lower() not in ("utf-8", "utf8"):
            raise EnvelopeError("soap.invalid", "only UTF-8 is carried")
        return fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise EnvelopeError("soap.invalid", "document types and entities are refused") from error
    except (ParseError, ValueError, LookupError) as error:
        raise EnvelopeError("soap.invalid", "this is not XML in UTF-8") from error


def _check_depth(root: Any) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise EnvelopeError("soap.invalid", f"elements nest deeper than {MAX_DEPTH}")
        level = [child for element in level for child in element]


def _check_replies(headers: Iterable[Any]) -> None:
    """Refuse an answer's way around the exchange."""
    for block in _addressing(headers, _ELSEWHERE):
        for address in _addressing(block, ("Address",)):
            if not (address.text or "").strip().endswith(_NOWHERE):
                raise EnvelopeError(
                    "soap.reply_elsewhere", "a WS-Addressing header sends the answer elsewhere"
                )


def _actions(headers: Iterable[Any]) -> Iterator[str]:
    for block in _addressing(headers, ("Action",)):
        yield (block.text or "").strip()


def _addressing(elements: Iterable[Any], names: Collection[str]) -> Iterator[Any]:
    wanted = {f"{{{space}}}{name}" for space in _ADDRESSING for name in names}
    return (one for one in elements if one.tag in wanted)


def _value(element: Any, path: Steps, listed: Collection[Steps]) -> JsonValue:
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, list[JsonValue]] = {}
    for child in element:
        name = _local(child.tag)
        # Where a pointer goes on behind an array, its path has one step more.
        inside = (*path, name, "*") if (*path, name) in listed else (*path, name)
        found.setdefault(name, []).append(_value(child, inside, listed))
    return {
        name: values if len(values) > 1 or (*path, name) in listed else values[0]
        for name, values in found.items()
    }


def _written(value: JsonValue) -> Iterator[str]:
    if not isinstance(value, dict):
        yield escape(_text(value))
        return
    for name, member in value.items():
        for one in member if isinstance(member, list) else [member]:
            if one is not None:
                yield f"<{name}>{''.join(_written(one))}</{name}>"


def _text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
