"""The snapshot that gateways fetch, and the intake of their records."""

from __future__ import annotations

from functools import lru_cache

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from terpadu.directory.public import certificate_renew
from terpadu.exchange.errors import CallerUnknown, NoSnapshot, RecordsRefused
from terpadu.exchange.selectors.published import snapshot_body, snapshot_newest
from terpadu.exchange.services.records import records_take
from terpadu.exchange.web.messages import TooLarge, caller_of, problem, read_body
from terpadu.kernel.actors import Actor

log = structlog.get_logger(__name__)

MAX_DELIVERY = 8 * 1024 * 1024


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
    return HttpResponse(
        _body(newest.sha256, newest.version), content_type="application/jose", headers=headers
    )


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


@lru_cache(maxsize=2)
def _body(sha256: str, version: int) -> bytes:
    """Keep the bytes by their digest: after a restore the same number may stand for other bytes."""
    return snapshot_body(version)
