"""What all of FSC's addresses share: who calls a manager, pages of lists, errors in FSC's form."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from pydantic import JsonValue

from terpadu.exchange.errors import CallerUnknown, PeerUnknown
from terpadu.exchange.rules.fsc import DOMAIN, fsc_code, fsc_status
from terpadu.exchange.selectors.anchors import trust_anchors
from terpadu.exchange.selectors.registry import PeerView, peer_list
from terpadu.exchange.services.callers import Caller, caller_of_certificate
from terpadu.exchange.web.messages import caller_of
from terpadu.kernel.clock import now
from terpadu.kernel.errors import DomainError
from terpadu_wire.certificates import certified_peer, x5t
from terpadu_wire.errors import KeyFileError

log = structlog.get_logger(__name__)

MAX_PAGE = 1000
ASCENDING = "SORT_ORDER_ASCENDING"
CERTIFICATE_HEADER = "Client-Cert"
VOUCHED = "certificate:"
"""How a gateway says, under its signature, whose certificate it saw: in Terpadu-On-Behalf-Of, before its `x5t#S256`."""


def hosted_peer(peer_id: str) -> PeerView:
    """Return the peer whose manager is hosted here. Raises PeerUnknown."""
    for one in peer_list():
        if one.agency.peer_id == peer_id and not one.manager_url:
            return one
    raise PeerUnknown(reason="peer.unknown")


def manager_caller(request: HttpRequest, body: bytes, *, manager: str, once: bool = False) -> Caller:
    """Return who calls a peer's manager: a peer hosted here by its message signature, a foreign one by its certificate.

    A foreign peer comes over mutual TLS to the gateway of the very peer whose manager it calls; that gateway hands on the
    certificate (RFC 9440) and vouches for it with its own signature. The chain is checked here again.
    Raises CallerUnknown.
    """
    caller = caller_of(request, body, once=once)
    shown = request.headers.get(CERTIFICATE_HEADER, "")
    if not shown:
        return caller
    der = _unwrapped(shown)
    if caller.peer_id != manager or request.headers.get("Terpadu-On-Behalf-Of") != VOUCHED + x5t(der):
        raise CallerUnknown(reason="certificate.not_vouched")
    try:
        certified = certified_peer([der], anchors=trust_anchors(), now=now())
    except KeyFileError as error:
        reason = error.code if error.code.startswith("certificate.") else "certificate.malformed"
        raise CallerUnknown(reason=reason) from error
    return caller_of_certificate(certified)


def refused(error: DomainError) -> HttpResponse:
    """Return an error in FSC's form (manager.yaml, "error")."""
    reason = str(error.facts.get("reason", error.code))
    code = fsc_code(reason)
    log.info("fsc_refused", reason=reason)
    status = error.http_status if isinstance(error, PeerUnknown) else fsc_status(reason)
    body = {
        "message": f"{reason}: {error.facts.get('place', '')}".rstrip(": "),
        "domain": DOMAIN,
        "code": code,
    }
    return JsonResponse(body, status=status, headers={"Fsc-Error-Code": code, "Cache-Control": "no-store"})


def values_of(request: HttpRequest, name: str) -> set[str]:
    """Return the values of a parameter that may be repeated, or hold several separated by commas."""
    return {value for text in request.GET.getlist(name) for value in text.split(",") if value}


def is_ascending(request: HttpRequest, *, otherwise: bool) -> bool:
    """Tell in which order a list is wanted."""
    wanted = request.GET.get("sort_order", "")
    return wanted == ASCENDING if wanted else otherwise


def page_of(request: HttpRequest, name: str, items: Sequence[JsonValue]) -> HttpResponse:
    """Return a page of a list: `cursor` is how many were given before, `limit` at most 1000."""
    start, limit = number_of(request, "cursor", 0), number_of(request, "limit", MAX_PAGE)
    limit = max(1, min(limit, MAX_PAGE))
    end = start + limit
    return listed(name, items[start:end], str(end) if end < len(items) else "")


def listed(name: str, items: Sequence[JsonValue], next_cursor: str) -> HttpResponse:
    """Return a page of a list and where the next one begins."""
    return JsonResponse({name: list(items), "pagination": {"next_cursor": next_cursor}})


def number_of(request: HttpRequest, name: str, otherwise: int) -> int:
    """Return a parameter that is a whole number below 10^10, or another number."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else otherwise


def _unwrapped(text: str) -> bytes:
    """Return the bytes of a structured field's byte sequence (RFC 9440, section 2.1)."""
    if len(text) > 16_384 or not (text.startswith(":") and text.endswith(":") and len(text) > 2):
        raise CallerUnknown(reason="certificate.unreadable")
    try:
        return base64.b64decode(text[1:-1], validate=True)
    except binascii.Error as error:
        raise CallerUnknown(reason="certificate.unreadable") from error
