"""Middleware of all pages: one id per request, security headers, domain errors turned into clear pages."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from terpadu.kernel.errors import DomainError
from terpadu.kernel.ids import uuid7

log = structlog.get_logger("terpadu.http")

GetResponse = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)


class RequestIdMiddleware:
    """Bind a fresh id to the request, the log and the answer, and log how each request ended."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request with its id bound."""
        request_id = str(uuid7())
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if response.status_code >= 500:
                log.error("request_failed", status=response.status_code, view=_view_name(request))
        response["X-Request-Id"] = request_id
        return response


class SecurityHeadersMiddleware:
    """Send a strict content policy, and keep personal pages out of shared caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request and add the headers."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if getattr(request, "person_id", None):
            patch_cache_control(response, private=True, no_store=True)
        return response


class DomainErrorMiddleware:
    """Turn a domain error into a page (or a problem document) that says what is wrong and what to do next."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a domain error; leave all others to Django."""
        if not isinstance(exception, DomainError):
            return None
        log.info("request_refused", code=exception.code, view=_view_name(request), **exception.facts)
        if _wants_json(request):
            return problem(exception)
        return render(request, "ui/error_page.html", {"error": exception}, status=exception.http_status)


def problem(error: DomainError) -> JsonResponse:
    """Write a domain error as a problem document (RFC 9457)."""
    body = {
        "type": f"urn:terpadu:error:{error.code}",
        "title": str(error.title),
        "status": error.http_status,
        "detail": str(error.next_step),
        "code": error.code,
    }
    return JsonResponse(body, status=error.http_status, content_type="application/problem+json")


def _wants_json(request: HttpRequest) -> bool:
    return not request.accepts("text/html") or request.content_type == "application/json"


def _view_name(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else ""
