"""The sandbox for programs: the same shape of address as a gateway's, answered with made-up data."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import JsonValue

from terpadu.exchange.errors import ApplicationUnknown, SandboxRefused
from terpadu.exchange.selectors.registry import reader_of_application
from terpadu.exchange.services.sandbox import SandboxCall, sandbox_call
from terpadu.exchange.web.messages import TooLarge, problem, read_body
from terpadu.kernel.errors import DomainError
from terpadu_wire.envelopes import SOAP_PATH, Envelope, media_type_of, read_envelope
from terpadu_wire.errors import WireError
from terpadu_wire.strict_json import parse_json

MAX_BODY = 256 * 1024
MOST_PARAMETERS = 50


@csrf_exempt
def answer(request: HttpRequest, peer_id: str, name: str, path: str) -> HttpResponse:
    """Answer a call of an application, which signs in with the key that it has for its gateway."""
    try:
        reader = reader_of_application(_key_digest(request))
        raw = read_body(request, limit=MAX_BODY)
        envelope = _envelope(request, raw)
        found = sandbox_call(
            SandboxCall(
                reader=reader,
                service=f"{peer_id}/{name}",
                method=request.method or "GET",
                path=_path(f"/{path}", envelope),
                body=envelope.value() if envelope is not None else _json(raw),
                query=_query(request),
                purpose=request.headers.get("Terpadu-Purpose", "")[:100],
                evidence=request.headers.get("Terpadu-Evidence", "")[:200],
                envelope=envelope,
                raw=raw if envelope is not None else b"",
            )
        )
    except TooLarge:
        return problem(SandboxRefused(reason="request.too_large"), status=413)
    except DomainError as error:
        return problem(error)
    headers = {**found.receipt.response, "Terpadu-Sandbox": found.basis, "Cache-Control": "no-store"}
    return HttpResponse(found.raw, headers=headers)


def _key_digest(request: HttpRequest) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise ApplicationUnknown(reason="application.unknown")
    return hashlib.sha256(key.strip().encode()).hexdigest()


def _query(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(parse_qsl(request.META.get("QUERY_STRING", ""), max_num_fields=MOST_PARAMETERS))
    except ValueError as error:
        raise SandboxRefused(reason="gateway.path_refused") from error


def _envelope(request: HttpRequest, raw: bytes) -> Envelope | None:
    if not media_type_of(request.headers.get("Content-Type", "")):
        return None
    try:
        return read_envelope(raw, is_request=True)
    except WireError as error:
        raise SandboxRefused(reason=error.code) from error


def _path(path: str, envelope: Envelope | None) -> str:
    """Return the path of an operation; a SOAP client has one for all, and its message tells which."""
    return f"{path}/{envelope.name}" if envelope is not None and path == SOAP_PATH else path


def _json(raw: bytes) -> JsonValue:
    try:
        return parse_json(raw) if raw else None
    except WireError as error:
        raise SandboxRefused(reason=error.code) from error
