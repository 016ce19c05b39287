"""Middleware of all pages: one id per request, security headers, a limit on uploads, domain errors as clear pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import structlog
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from terpadu.kernel.errors import BadInput, DomainError, UploadTooLarge, WrongMethod
from terpadu.kernel.ids import uuid7

log = structlog.get_logger("terpadu.http")

GetResponse = Callable[[HttpRequest], HttpResponse]
P = ParamSpec("P")

BLOCK_BYTES = 64 * 1024
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


class NulMiddleware:
    """Refuse an address or a form with a NUL that no page has an answer for: no text of the database can hold one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what failed on the NUL; leave all else to Django."""
        if not isinstance(exception, (DataError, ValueError)) or not _has_nul(request):
            return None
        return refused(request, BadInput())


def _has_nul(request: HttpRequest) -> bool:
    in_address = "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
    return in_address or any("\0" in value for _name, values in request.POST.lists() for value in values)


class WrongMethodMiddleware:
    """Say what to do to a person whose browser opens the address of a button, instead of showing an empty page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        response = self.get_response(request)
        is_visit = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if response.status_code != WrongMethod.http_status or not is_visit:
            return response
        page = refused(request, WrongMethod())
        page["Allow"] = response["Allow"]
        return page


class UploadLimitMiddleware:
    """Refuse a form that is larger than any page takes, before a byte of it is kept in memory or on disk.

    What is sent is read and thrown away up to a bound, since browsers show an answer only after they have sent it all;
    beyond that the connection is closed. Stands before whatever reads forms, such as the check against forged requests.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Answer a form that is too large with what to do next; let all others through."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isascii() and length.isdigit() else 0
        if request.content_type != "multipart/form-data" or size <= settings.MOST_UPLOAD_BYTES:
            return None
        _throw_away(request, size=min(size, settings.MOST_UPLOAD_BYTES * 2))
        return refused(request, UploadTooLarge(size_bytes=size, most=settings.MOST_UPLOAD_BYTES))


def _throw_away(request: HttpRequest, *, size: int) -> None:
    while size > 0:
        block = request.read(min(size, BLOCK_BYTES))
        if not block:
            return
        size -= len(block)


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
        return refused(request, exception) if isinstance(exception, DomainError) else None


def for_programs(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Let a view answer domain errors as problem documents, also to programs that do not say what they accept."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except DomainError as error:
            log.info("request_refused", code=error.code, view=view.__name__, **error.facts)
            return problem(error)

    return answered


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer with a domain error as the asker reads it: a page, or a problem document."""
    log.info("request_refused", code=error.code, view=_view_name(request), **error.facts)
    if _wants_json(request):
        return problem(error)
    return render(request, "ui/error_page.html", {"error": error}, status=error.http_status)


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
