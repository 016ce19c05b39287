"""The endpoints that clients call, and what the provider says of itself. No session, no page."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from terpadu.identity.selectors.provider.clients import logo_find
from terpadu.identity.services.provider import engine, pushed
from terpadu.identity.services.provider.keys import key_ring
from terpadu.identity.services.provider.metadata import provider_metadata
from terpadu.identity.services.provider.userinfo import userinfo as tell_userinfo
from terpadu.identity.services.provider.wire import WireRequest, WireResponse

HEADERS = {"authorization": "HTTP_AUTHORIZATION", "dpop": "HTTP_DPOP", "content-type": "CONTENT_TYPE"}
JWKS_AGE_S = 300


def wire_of(request: HttpRequest, endpoint: str) -> WireRequest:
    """Return a request as the engine takes it: form values only from the body."""
    headers = {name: request.META[key] for name, key in HEADERS.items() if key in request.META}
    return WireRequest(request.method or "", endpoint, headers, dict(request.POST.lists()))


def http_of(answer: WireResponse) -> HttpResponse:
    """Return the engine's answer as HTTP."""
    if isinstance(answer.body, str):
        response = HttpResponse(answer.body, status=answer.status)
    else:
        body = orjson.dumps(dict(answer.body))
        response = HttpResponse(body, status=answer.status, content_type="application/json")
    for name, value in answer.headers.items():
        if name.lower() != "content-type":
            response[name] = value
    return response


def _view(
    endpoint: str, work: Callable[[WireRequest], WireResponse]
) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    @require_POST
    def view(request: HttpRequest) -> HttpResponse:
        return http_of(work(wire_of(request, endpoint)))

    return view


token = _view("token", engine.token)
par = _view("par", pushed.push)
introspect = _view("introspect", engine.introspect)
revoke = _view("revoke", engine.revoke)
device_authorization = _view("device", engine.device_authorize)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """Tell what was ticked about the person of an access token."""
    return http_of(tell_userinfo(wire_of(request, "userinfo")))


@require_GET
def discovery(request: HttpRequest) -> JsonResponse:
    """Say which endpoints, algorithms and values there are (OpenID Connect Discovery 1.0; RFC 8414)."""
    response = JsonResponse(provider_metadata())
    response["Cache-Control"] = f"public, max-age={JWKS_AGE_S}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_GET
def jwks(request: HttpRequest) -> JsonResponse:
    """Publish the keys: next, active and retired."""
    response = JsonResponse({"keys": list(key_ring().public)})
    response["Cache-Control"] = f"public, max-age={JWKS_AGE_S}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_GET
def logo(request: HttpRequest, client_id: str, digest: str) -> HttpResponse:
    """Serve a client's logo from our own origin; its address changes with the picture, so that it may be kept for ever."""
    picture = logo_find(client_id, digest=digest)
    if picture is None:
        raise Http404
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response
