"""The platform's own calls over the toll road: through its gateway, as a member like any other."""

from __future__ import annotations

import atexit
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

import httpx
import orjson
import structlog
from django.conf import settings
from pydantic import JsonValue

from terpadu.directory.public import AgencyView, agency_by_peer, agency_get
from terpadu.exchange.errors import (
    ConsentMissing,
    ExchangeGarbled,
    ExchangeRefused,
    ExchangeUnavailable,
    NoContract,
    NothingFound,
    SubjectMismatch,
)
from terpadu.exchange.models import Grant, Interface
from terpadu.exchange.rules.calls import Failure, classify_problem
from terpadu.exchange.rules.interfaces import Operation
from terpadu.exchange.selectors.places import application_key_path
from terpadu.exchange.selectors.registry import grant_for, interface_row, interface_view
from terpadu.exchange.services.consents import consent_artefact
from terpadu.identity.public import subject_pseudonym
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import secret_key
from terpadu_wire.errors import JsonError
from terpadu_wire.fields import values_at
from terpadu_wire.openapi import OpenApiChecker
from terpadu_wire.properties import Properties, parse_properties
from terpadu_wire.strict_json import parse_json
from terpadu_wire.subjects import pseudonym

log = structlog.get_logger(__name__)

APPLICATION = "terpadu"
"""Name by which the platform signs in to its agency's gateway."""
CONNECT_S = 1.0
GRACE_S = 0.3  # the gateway keeps the deadline itself; this is for its answer to arrive


@dataclass(frozen=True)
class ExchangeRequest:
    """What to ask, of whom, and why.

    consumer_agency: code of the agency in whose name data are read; the delegator, when the platform calls for it.
    service: "<peer id or agency code>/<interface>". operation: operationId of the interface.
    body: what the operation takes; may name a person, so it is never logged.
    subject_person_id: the person it is about, when they have a `person_id`; checked against the body.
    purpose: code of a purpose in the contract. evidence: reference of the case, "" when the contract wants none.
    on_behalf_of: who stands behind it, such as "person:self" or "officer:<position id>".
    """

    consumer_agency: str
    service: str
    operation: str
    body: dict[str, JsonValue]
    subject_person_id: UUID | None
    purpose: str
    evidence: str
    on_behalf_of: str


@dataclass(frozen=True)
class ExchangeAnswer:
    """What came back: only the fields that the contract lets through. read_at: when the provider signed it."""

    body: JsonValue
    transaction_id: UUID
    read_at: datetime
    provider: AgencyView
    operation: str


@dataclass(frozen=True)
class _Way:
    """The grant by which a call may be made, and what it leads to."""

    grant: Grant
    interface: Interface
    operation: Operation
    properties: Properties


def exchange_call(request: ExchangeRequest, *, by: Actor, timeout_s: float = 5) -> ExchangeAnswer:
    """Ask another agency's system over the toll road.

    by: who causes the call, for the log. timeout_s: seconds for the whole of it.
    Raises NoContract, InterfaceUnknown, ExchangeUnavailable (down or slow), NothingFound, ExchangeRefused,
    ExchangeGarbled (breaks its OpenAPI), SubjectMismatch. Five queries, and one of identity's when a person is named;
    nothing is written here, the records of both gateways are what is kept.
    """
    way = _find_way(request)
    _check_subject(request, way.properties)
    began = now()
    response = _send(request, way, timeout_s=timeout_s)
    transaction_id = response.headers.get("fsc-transaction-id", "")
    took_ms = int((now() - began).total_seconds() * 1000)
    log.info(
        "exchange_called",
        service=request.service,
        operation=request.operation,
        purpose=request.purpose,
        status=response.status_code,
        code=response.headers.get("fsc-error-code", ""),
        transaction_id=transaction_id,
        took_ms=took_ms,
        by=by.label,
    )
    if response.status_code >= 300:
        raise _failure(response)
    body = _read(response, request, way)
    proven_id, read_at = _proof(response)
    return ExchangeAnswer(
        body=body,
        transaction_id=proven_id,
        read_at=read_at,
        provider=agency_by_peer(way.grant.provider),
        operation=request.operation,
    )


def _find_way(request: ExchangeRequest) -> _Way:
    interface = interface_row(request.service)
    operation = interface_view(interface).operation(request.operation)
    grant = grant_for(
        agency_peer_id=agency_get(request.consumer_agency).peer_id,
        provider=interface.peer.agency.peer_id,
        service=interface.name,
        operation=request.operation,
        purpose=request.purpose,
    )
    if grant is None:
        raise NoContract(service=request.service, operation=request.operation, purpose=request.purpose)
    return _Way(grant, interface, operation, parse_properties(grant.properties))


def _check_subject(request: ExchangeRequest, properties: Properties) -> None:
    """Refuse to ask about another person than the one that the caller means."""
    rule = properties.subject
    if request.subject_person_id is None or rule is None or rule.where != "request":
        return
    expected = subject_pseudonym(request.subject_person_id)
    asked = [pseudonym(secret_key("subject"), str(value)) for value in values_at(request.body, rule.pointer)]
    if asked != [expected]:
        raise SubjectMismatch(operation=request.operation, side="request")


def _send(request: ExchangeRequest, way: _Way, *, timeout_s: float) -> httpx.Response:
    agency = agency_by_peer(way.grant.consumer)
    headers = {
        "authorization": f"Bearer {_application_key(agency.code)}",
        "content-type": "application/json",
        "fsc-grant-hash": way.grant.grant_hash,
        "terpadu-purpose": request.purpose,
        "terpadu-evidence": request.evidence,
        "terpadu-on-behalf-of": request.on_behalf_of,
        "terpadu-deadline-ms": str(int(timeout_s * 1000)),
    } | _consent(request, way)
    url = f"{settings.OUTWAY_URL}/{way.grant.provider}/{way.interface.name}{way.operation.path}"
    patience = httpx.Timeout(timeout_s + GRACE_S, connect=CONNECT_S)
    try:
        return _client().request(
            way.operation.method, url, headers=headers, content=orjson.dumps(request.body), timeout=patience
        )
    except httpx.TimeoutException as error:
        raise ExchangeUnavailable(reason="outway.slow") from error
    except httpx.TransportError as error:
        raise ExchangeUnavailable(reason="outway.unreachable") from error


def _consent(request: ExchangeRequest, way: _Way) -> dict[str, str]:
    """Return the header with the person's consent, where the contract wants one. Raises ConsentMissing."""
    if not way.properties.consent.required:
        return {}
    person_id = request.subject_person_id
    artefact = consent_artefact(person_id, grant_hash=way.grant.grant_hash) if person_id else ""
    if not artefact:
        raise ConsentMissing(service=request.service, purpose=request.purpose)
    return {"terpadu-consent-artefact": artefact}


@cache
def _client() -> httpx.Client:
    """Return this process's client; connections to the gateway are kept open until the process ends."""
    client = httpx.Client(trust_env=False, follow_redirects=False)
    atexit.register(client.close)
    return client


def _application_key(agency_code: str) -> str:
    try:
        return application_key_path(agency_code, APPLICATION).read_text().strip()
    except FileNotFoundError as error:
        raise ExchangeUnavailable(reason="outway.not_provisioned") from error


def _failure(response: httpx.Response) -> Exception:
    try:
        problem = parse_json(response.content)
    except JsonError:
        problem = None
    code = problem.get("code") if isinstance(problem, dict) else None
    reason = code if isinstance(code, str) else "outway.not_understood"
    transaction_id = response.headers.get("fsc-transaction-id", "")
    match classify_problem(reason):
        case Failure.UNAVAILABLE:
            return ExchangeUnavailable(reason=reason, transaction_id=transaction_id)
        case Failure.GARBLED:
            return ExchangeGarbled(reason=reason, transaction_id=transaction_id)
        case Failure.NOTHING_FOUND:
            return NothingFound(reason=reason, transaction_id=transaction_id)
        case Failure.OTHER_SUBJECT:
            return SubjectMismatch(reason=reason, transaction_id=transaction_id)
        case Failure.REFUSED:
            return ExchangeRefused(reason=reason, transaction_id=transaction_id)


def _read(response: httpx.Response, request: ExchangeRequest, way: _Way) -> JsonValue:
    transaction_id = response.headers.get("fsc-transaction-id", "")
    try:
        body = parse_json(response.content)
    except JsonError as error:
        raise ExchangeGarbled(reason=error.code, transaction_id=transaction_id) from error
    _check_shape(body, way, status=response.status_code, transaction_id=transaction_id)
    rule = way.properties.subject
    if rule is not None and rule.where == "request" and rule.match_pointer is not None:
        answered = list(values_at(body, rule.match_pointer))
        asked = list(values_at(request.body, rule.pointer))
        # The gateway has compared already; where the contract lets the identifier through, we compare again.
        if answered and not set(map(str, asked)) & set(map(str, answered)):
            raise SubjectMismatch(operation=request.operation, transaction_id=transaction_id, side="response")
    return body


def _check_shape(body: JsonValue, way: _Way, *, status: int, transaction_id: str) -> None:
    """Hold the answer against the document, as the provider's gateway does; what the contract took away is no break."""
    checker = _checker(way.interface.openapi_sha256, way.interface.openapi)
    rule = next(rule for rule in way.properties.operations if rule.id == way.operation.id)
    broken = checker.answer_break(
        way.operation.id, status=status, body=body, has_body=True, rules=rule.fields
    )
    if broken is not None:
        raise ExchangeGarbled(
            reason="answer.breaks_openapi", transaction_id=transaction_id, place=broken.place
        )


@lru_cache(maxsize=64)
def _checker(sha256: str, text: str) -> OpenApiChecker:
    return OpenApiChecker(orjson.loads(text))


def _proof(response: httpx.Response) -> tuple[UUID, datetime]:
    """Return the transaction id, and when the provider signed the answer."""
    headers = response.headers
    try:
        return UUID(headers["fsc-transaction-id"]), datetime.fromisoformat(headers["terpadu-read-at"])
    except (KeyError, ValueError) as error:
        raise ExchangeGarbled(reason="provider.unproven") from error
