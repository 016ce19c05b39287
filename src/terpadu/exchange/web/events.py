"""Events: published by agencies' gateways, given to them for delivery, pulled, and taken by the platform itself."""

from __future__ import annotations

import hmac

import orjson
import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from terpadu.directory.public import agency_get
from terpadu.exchange.enums import PLATFORM
from terpadu.exchange.errors import CallerUnknown, EventRefused, EventsUnavailable, InterfaceUnknown
from terpadu.exchange.selectors.places import events_key_path
from terpadu.exchange.services.callers import token_read
from terpadu.exchange.services.deliveries import deliveries_give
from terpadu.exchange.services.events import MOST_AT_ONCE, event_publish, event_receive, events_pull
from terpadu.exchange.web.messages import TooLarge, caller_of, problem, read_body
from terpadu_wire.cloudevents import MAX_EVENT
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json
from terpadu_wire.tokens import TokenClaims

log = structlog.get_logger(__name__)

MAX_ASK = 1024 * 1024
MAX_PULL = 4096
KEY_HEADER = "X-Events-Key"
NOT_KEPT = {"Cache-Control": "no-store"}
_WRONG = (CallerUnknown, EventRefused, EventsUnavailable)


@csrf_exempt
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Keep an event that a gateway signed for its agency: 202 with its place. A message that comes again is the same event."""
    try:
        body = read_body(request, limit=MAX_EVENT)
        sequence = event_publish(body, caller=caller_of(request, body))
    except TooLarge:
        return problem(EventRefused(reason="event.too_large"), status=413)
    except _WRONG as error:
        log.warning("event_refused", reason=error.reason)
        return problem(error)
    return JsonResponse({"sequence": sequence}, status=202, headers=NOT_KEPT)


@csrf_exempt
@require_POST
def deliveries(request: HttpRequest) -> HttpResponse:
    """Take what a gateway has delivered, and give what it is to deliver next."""
    try:
        body = read_body(request, limit=MAX_ASK)
        batches = deliveries_give(body, caller=caller_of(request, body, once=True))
    except TooLarge:
        return problem(EventRefused(reason="deliveries.malformed"), status=413)
    except _WRONG as error:
        log.warning("deliveries_refused", reason=error.reason)
        return problem(error)
    return _plainly({"batches": batches})


@csrf_exempt
@require_POST
def pull(request: HttpRequest, peer_id: str, service: str, path: str) -> HttpResponse:
    """Give the events of a topic behind a place; a system behind the publisher's inway like any other."""
    try:
        claims = _token_from_an_inway(request, of=peer_id)
        after, limit = _place(read_body(request, limit=MAX_PULL))
        found = events_pull(
            f"{peer_id}/{service}", f"/{path}", grant_hash=claims.gth, after=after, limit=limit
        )
    except TooLarge:
        return problem(EventRefused(reason="events.place"), status=413)
    except InterfaceUnknown as error:
        return problem(error, status=404)
    except _WRONG as error:
        return problem(error)
    return _plainly({"events": found.events, "next": found.next})


@csrf_exempt
@require_POST
def receive(request: HttpRequest, path: str) -> HttpResponse:
    """Take an event for the platform itself; a system behind its own inway like any other."""
    try:
        claims = _token_from_an_inway(request, of=agency_get(PLATFORM).peer_id)
        event_receive(read_body(request, limit=MAX_EVENT), peer_id=claims.connecting_peer)
    except TooLarge:
        return problem(EventRefused(reason="event.too_large"), status=413)
    except _WRONG as error:
        return problem(error)
    return JsonResponse({"taken": True}, headers=NOT_KEPT)


def _token_from_an_inway(request: HttpRequest, *, of: str) -> TokenClaims:
    """Return the token that the inway of an agency passes on.

    All inways with systems for events have the one key, so what is given follows from the token, not from the key.
    Raises CallerUnknown.
    """
    path = events_key_path()
    known = path.read_bytes().strip() if path.exists() else b""
    if not known or not hmac.compare_digest(request.headers.get(KEY_HEADER, "").encode(), known):
        raise CallerUnknown(reason="application.unknown")
    claims = token_read(request.headers.get("fsc-authorization", ""))
    if claims.iss != of:
        raise CallerUnknown(reason="token.wrong_audience")
    return claims


def _plainly(value: object) -> HttpResponse:
    """Return a JSON answer that is escaped no further than JSON demands: a gateway reads so many bytes and no more."""
    return HttpResponse(orjson.dumps(value), content_type="application/json", headers=NOT_KEPT)


def _place(body: bytes) -> tuple[int, int]:
    """Return (after, limit) of a question for events. Raises EventRefused."""
    try:
        asked = parse_json(body)
    except JsonError as error:
        raise EventRefused(reason="events.place") from error
    members = asked if isinstance(asked, dict) else {}
    after, limit = members.get("after", 0), members.get("limit", 1)
    if not _is_number(after, 2**63) or not _is_number(limit, MOST_AT_ONCE + 1):
        raise EventRefused(reason="events.place")
    return int(str(after)), max(1, int(str(limit)))


def _is_number(value: object, end: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end
