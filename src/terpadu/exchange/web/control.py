"""The snapshot that gateways fetch, and the intake of their records."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from terpadu.directory.public import certificate_renew
from terpadu.exchange.errors import (
    CallerUnknown,
    InterfaceUnknown,
    LeaseRefused,
    NoSnapshot,
    PurposeUnknown,
    RecordsRefused,
)
from terpadu.exchange.selectors.explain import Question, explain, explanation_to_json
from terpadu.exchange.selectors.published import document_of, snapshot_body, snapshot_newest
from terpadu.exchange.selectors.purposes import purpose_get
from terpadu.exchange.services.consents import consent_word
from terpadu.exchange.services.leases import leases_give
from terpadu.exchange.services.records import records_take
from terpadu.exchange.web.messages import TooLarge, caller_of, problem, read_body
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError
from terpadu_wire.purposes import purpose_to_json
from terpadu_wire.snapshot_wire import MEDIA_TYPE

log = structlog.get_logger(__name__)

MAX_DELIVERY = 8 * 1024 * 1024
MAX_LEASES = 1024 * 1024
NOT_KEPT = {"Cache-Control": "no-store"}


@require_GET
def snapshot(request: HttpRequest) -> HttpResponse:
    """Give the newest snapshot; 304 when the gateway has it already. Anyone may read it: it holds no personal data."""
    try:
        newest = snapshot_newest()
    except NoSnapshot as error:
        return problem(error)
    etag = f'"{newest.sha256}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return HttpResponse(status=unchanged.status_code, headers={"ETag": etag})
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    return HttpResponse(_body(newest.sha256, newest.version), content_type=MEDIA_TYPE, headers=headers)


@csrf_exempt
@require_POST
def records(request: HttpRequest) -> HttpResponse:
    """Take a gateway's batch of records: 200 when taken, 409 with the byte to go on from when it does not follow."""
    try:
        body = read_body(request, limit=MAX_DELIVERY)
        delivery = records_take(body, caller=caller_of(request, body))
    except TooLarge:
        return problem(RecordsRefused(reason="records.too_large"), status=413)
    except (CallerUnknown, RecordsRefused) as error:
        log.warning("records_refused", reason=error.reason)
        return problem(error)
    return JsonResponse({"offset": delivery.resume_at}, status=200 if delivery.is_taken else 409)


@csrf_exempt
@require_POST
def certificates(request: HttpRequest) -> HttpResponse:
    """Give the certificate of the key that signed the request, a new one when the old one is near its end."""
    try:
        caller = caller_of(request, read_body(request, limit=0), once=True)
    except TooLarge:
        return problem(CallerUnknown(reason="signature.digest"), status=413)
    except CallerUnknown as error:
        log.warning("certificate_refused", reason=error.reason)
        return problem(error)
    pem = certificate_renew(caller.key_thumbprint, by=Actor.system("exchange.certificates"))
    return HttpResponse(pem, content_type="application/pem-certificate-chain")


@csrf_exempt
@require_POST
def leases(request: HttpRequest) -> HttpResponse:
    """Give a gateway its shares of quotas, as a list."""
    try:
        body = read_body(request, limit=MAX_LEASES)
        given = leases_give(body, caller=caller_of(request, body))
    except TooLarge:
        return problem(LeaseRefused(reason="lease.too_large"), status=413)
    except (CallerUnknown, LeaseRefused) as error:
        log.warning("lease_refused", reason=error.reason)
        return problem(error)
    return JsonResponse([asdict(one) for one in given], safe=False, headers=NOT_KEPT)


@require_GET
def consent(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Say, signed, whether a consent holds. Anyone may ask: the id is a secret of those who hold the artefact."""
    return HttpResponse(consent_word(consent_id), content_type="application/jose", headers=NOT_KEPT)


@require_GET
def openapi(request: HttpRequest, sha256: str) -> HttpResponse:
    """Give a published OpenAPI document by its digest, byte for byte; it never changes."""
    found = document_of(sha256)
    if found is None:
        return problem(InterfaceUnknown())
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return HttpResponse(found, content_type="application/json", headers=headers)


@require_GET
def purpose(request: HttpRequest, purpose_id: UUID) -> HttpResponse:
    """Give a purpose with both signatures, so that anyone can check why data is read; drafts are nobody else's."""
    try:
        found = purpose_get(purpose_id)
    except PurposeUnknown as error:
        return problem(error)
    if found.state == "draft":
        return problem(PurposeUnknown())
    signatures = {"submit": found.submitted_jws, "approve": found.approved_jws}
    members = {"content": purpose_to_json(found.content), "digest": found.digest, "state": found.state}
    return JsonResponse(members | {"signatures": {kind: jws for kind, jws in signatures.items() if jws}})


@require_GET
def explanation(request: HttpRequest) -> HttpResponse:
    """Say whether a call would be allowed, and if not which rule is against it and who can change that."""
    asked = request.GET
    question = Question(
        consumer=asked.get("consumer", "")[:200],
        service=asked.get("service", "")[:200],
        operation=asked.get("operation", "")[:200],
        purpose=asked.get("purpose", "")[:200],
        evidence=asked.get("evidence", "")[:200],
    )
    try:
        found = explain(question)
    except DomainError as error:
        return problem(error)
    return JsonResponse(explanation_to_json(found), headers=NOT_KEPT)


@lru_cache(maxsize=2)
def _body(sha256: str, version: int) -> bytes:
    """Keep the bytes by their digest: after a restore the same number may stand for other bytes."""
    return snapshot_body(version)
