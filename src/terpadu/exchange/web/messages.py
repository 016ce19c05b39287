"""Reading signed requests and writing problems, for programs as callers."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from terpadu.exchange.errors import CallerUnknown
from terpadu.exchange.selectors.places import control_url
from terpadu.exchange.services.callers import Caller, caller_identify
from terpadu.kernel.errors import DomainError
from terpadu_wire.signing import REQUEST_HEADERS


def by_method(**views: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return a view that hands each method to its own; 405 for others."""

    @csrf_exempt
    @require_http_methods(list(views))
    def dispatch(request: HttpRequest, *args: object, **members: object) -> HttpResponse:
        return views[request.method or ""](request, *args, **members)

    return dispatch


class TooLarge(Exception):
    """The body of a request is larger than the view takes."""


def read_body(request: HttpRequest, *, limit: int) -> bytes:
    """Return the body of a request, whatever the limit for forms. Raises TooLarge above `limit` bytes."""
    body: bytes = request.read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    return body


def caller_of(request: HttpRequest, body: bytes, *, once: bool = False) -> Caller:
    """Return the peer that signed a request. Raises CallerUnknown.

    The address that must have been signed is our own base and the path that was asked for, never the Host header.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    # WSGI hands over no empty header; the wire profile sends covered headers empty where there is nothing to say.
    for name in REQUEST_HEADERS:
        headers.setdefault(name, "")
    return caller_identify(
        method=request.method or "",
        url=control_url() + request.get_full_path(),
        headers=headers,
        body=body,
        once=once,
    )


def problem(error: DomainError, *, status: int = 0) -> HttpResponse:
    """Return a problem document (RFC 9457) whose code is the stable reason, where the error has one."""
    reason = str(error.facts.get("reason", error.code))
    if isinstance(error, CallerUnknown):
        status = status or 401
    body = {
        "type": f"urn:terpadu:problem:{reason}",
        "title": str(error.title),
        "status": status or error.http_status,
        "detail": str(error.facts.get("place") or error.next_step),
        "code": reason,
    }
    return JsonResponse(
        body,
        status=status or error.http_status,
        content_type="application/problem+json",
        headers={"Fsc-Error-Code": reason, "Cache-Control": "no-store"},
    )
