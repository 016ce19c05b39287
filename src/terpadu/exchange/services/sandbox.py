"""The sandbox: every published interface answers at once, with data made up from its document.

A twin of the toll road for those who write programs: the same addresses, names and signatures, the contract's own
field rules, also while the contract is only proposed. No system is asked and no record is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from django.db.models import Exists, OuterRef, Q
from pydantic import JsonValue

from terpadu.directory.public import agency_get, agency_key, certificate_get
from terpadu.exchange.enums import SignatureKind
from terpadu.exchange.errors import InterfaceUnknown, SandboxRefused
from terpadu.exchange.models import Grant, Interface, Signature
from terpadu.exchange.rules.interfaces import DocumentError, Operation, SoapForm, answer_schema, soap_form
from terpadu.exchange.rules.samples import sample_of
from terpadu.exchange.selectors.places import sandbox_url
from terpadu.exchange.selectors.registry import interface_row, interface_view
from terpadu.kernel.clock import now
from terpadu_wire.digest import content_digest
from terpadu_wire.envelopes import Envelope, read_envelope, write_envelope
from terpadu_wire.errors import ContractError
from terpadu_wire.fields import apply_fields, field_hash_key
from terpadu_wire.openapi import OpenApiChecker
from terpadu_wire.properties import FieldRules, Properties, parse_properties
from terpadu_wire.signing import (
    REQUEST_HEADERS,
    Signer,
    verify_request,
    verify_response,
)
from terpadu_wire.transactions import new_transaction_id

_HASH_SECRET = b"sandbox"  # hashes of made-up values hide nothing


@dataclass(frozen=True)
class SandboxCall:
    """A call to try. reader: code of the agency in whose name; service: "<peer id or agency code>/<interface>".

    body: the JSON of the request, None when there is none. query: its query parameters, in order. envelope, raw: the SOAP
    envelope instead, read and as it came; then `body` is what its message says.
    """

    reader: str
    service: str
    method: str
    path: str
    body: JsonValue = None
    query: tuple[tuple[str, str], ...] = ()
    purpose: str = ""
    evidence: str = ""
    envelope: Envelope | None = None
    raw: bytes = b""

    @property
    def content_type(self) -> str:
        """What the request, and so its answer, travels as."""
        return f"{self.envelope.media_type}; charset=utf-8" if self.envelope else "application/json"


@dataclass(frozen=True)
class SandboxReceipt:
    """What both sides signed: components and signatures of request and answer, by header. The log has no part in it."""

    target_uri: str
    request: Mapping[str, str]
    response: Mapping[str, str]
    reader_key: str
    provider_key: str
    signed_at: datetime


@dataclass(frozen=True)
class SandboxAnswer:
    """What came back. basis: "contract", "draft" (proposed, not yet signed by all) or "open" (no contract names it).

    passed: pointers that let something through; dropped: whether the field rules kept something back.
    """

    body: JsonValue
    raw: bytes
    operation: str
    transaction_id: str
    basis: str
    passed: tuple[str, ...]
    receipt: SandboxReceipt


def sandbox_call(call: SandboxCall) -> SandboxAnswer:
    """Answer a call with made-up data, under the rules of the contract that is proposed or in force for it.

    Raises InterfaceUnknown, AgencyUnknown, NoCertificate, SandboxRefused with the stable code of the rule against it.
    """
    row = interface_row(call.service)
    operation = _operation(row, call)
    document: JsonValue = orjson.loads(row.openapi)
    _check_request(document, operation, call)
    form = _form(document, operation, call)
    grant, basis = _grant(row, operation, call)
    rules = _rules(grant, operation, call)
    body = _answer(document, operation, call.body)
    passed: tuple[str, ...] = ()
    if rules is not None:
        provider, reader = row.peer.agency.peer_id, agency_get(call.reader).peer_id
        key = field_hash_key(_HASH_SECRET, consumer=reader, provider=provider)
        body, passed = apply_fields(body, rules, hash_key=key)
    raw = orjson.dumps(body)
    if form is not None and call.envelope is not None:
        raw = write_envelope(
            form.answer, body, media_type=call.envelope.media_type, is_qualified=form.is_qualified
        )
    transaction_id = new_transaction_id(now=now().timestamp())
    receipt = _signed(row, call, raw, transaction_id=transaction_id)
    return SandboxAnswer(body, raw, operation.id, transaction_id, basis, passed, receipt)


def enveloped(call: SandboxCall) -> SandboxCall:
    """Return a call of a SOAP operation with its body written as its envelope, any other call as it is.

    Raises InterfaceUnknown.
    """
    row = interface_row(call.service)
    form = soap_form(orjson.loads(row.openapi), _operation(row, call).id)
    if form is None:
        return call
    raw = write_envelope(form.request, call.body, media_type="text/xml", is_qualified=form.is_qualified)
    return replace(call, envelope=read_envelope(raw, is_request=True), raw=raw)


def _operation(row: Interface, call: SandboxCall) -> Operation:
    for operation in interface_view(row).operations:
        template = re.sub(r"\\\{[^/{}]+\\\}", "[^/]+", re.escape(operation.path))
        if operation.method == call.method and re.fullmatch(template, call.path):
            return operation
    raise InterfaceUnknown(service=call.service, operation=f"{call.method} {call.path[:100]}")


def _check_request(document: JsonValue, operation: Operation, call: SandboxCall) -> None:
    found = OpenApiChecker(document).request_break(
        operation.id, path=call.path, query=call.query, body=call.body, has_body=call.body is not None
    )
    if found is not None:
        raise SandboxRefused(reason="request.breaks_openapi", place=str(found))


def _form(document: JsonValue, operation: Operation, call: SandboxCall) -> SoapForm | None:
    """Return how the answer's envelope is written; a SOAP operation takes its own message, any other one none."""
    form = soap_form(document, operation.id)
    if (form is None) != (call.envelope is None):
        raise SandboxRefused(reason="soap.invalid")
    if form is not None and call.envelope is not None and call.envelope.element != form.request:
        raise SandboxRefused(reason="soap.other_message")
    return form


def _grant(row: Interface, operation: Operation, call: SandboxCall) -> tuple[Grant | None, str]:
    """Return the newest right that a call could stand on, and whether its contract is signed by all."""
    reader = agency_get(call.reader).peer_id
    refused = Signature.objects.filter(contract=OuterRef("contract")).exclude(kind=SignatureKind.ACCEPT)
    rows = Grant.objects.filter(
        Q(delegator=reader) | Q(delegator="", consumer=reader),
        ~Exists(refused),
        provider=row.peer.agency.peer_id,
        service=row.name,
        contract__not_after__gt=now(),
        properties__operations__contains=[{"id": operation.id}],
    )
    rows = rows.filter(purpose=call.purpose) if call.purpose else rows
    grant = (
        rows.select_related("contract").order_by("contract__waiting_for", "-contract__proposed_at").first()
    )
    if grant is None:
        return None, "open"
    return grant, "draft" if grant.contract.waiting_for else "contract"


def _rules(grant: Grant | None, operation: Operation, call: SandboxCall) -> FieldRules | None:
    if grant is None:
        return None
    try:
        properties = parse_properties(grant.properties)
    except ContractError as error:
        raise SandboxRefused(reason=error.code) from error
    _check_evidence(properties, call.evidence)
    return next(one.fields for one in properties.operations if one.id == operation.id)


def _check_evidence(properties: Properties, evidence: str) -> None:
    rule = properties.evidence
    if rule.required and not evidence:
        raise SandboxRefused(reason="evidence.required")
    if evidence and not rule.fits(evidence):
        raise SandboxRefused(reason="evidence.malformed")


def _answer(document: JsonValue, operation: Operation, body: JsonValue) -> JsonValue:
    schema = answer_schema(document, operation.id)
    given = body if isinstance(body, dict) else {}
    try:
        return sample_of(schema, document=document, given=given) if schema is not None else None
    except DocumentError as error:
        raise SandboxRefused(reason="interface.reference", place=str(error)) from error


def _signed(row: Interface, call: SandboxCall, raw: bytes, *, transaction_id: str) -> SandboxReceipt:
    """Sign request and answer with both agencies' keys as their gateways would, and check both signatures."""
    provider, moment = row.peer.agency, now()
    reader_key = certificate_get(call.reader).public_key_thumbprint
    provider_key = certificate_get(provider.code).public_key_thumbprint
    signers = {
        reader_key: Signer(agency_key(call.reader), reader_key),
        provider_key: Signer(agency_key(provider.code), provider_key),
    }
    keys = {name: signer.key.public_key() for name, signer in signers.items()}
    target = sandbox_url(f"{provider.peer_id}/{row.name}", call.path)
    request = _request_headers(call, transaction_id)
    asked = signers[reader_key].sign_request(
        method=call.method, target_uri=target, headers=request, now=moment.timestamp()
    )
    request |= asked.headers()
    response = {
        "content-digest": content_digest(raw),
        "content-type": call.content_type,
        "fsc-transaction-id": transaction_id,
    }
    given = signers[provider_key].sign_response(
        status=200, headers=response, request_signature=asked.signature, now=moment.timestamp()
    )
    response |= given.headers()
    verify_request(
        method=call.method,
        target_uri=target,
        headers=request,
        body=_raw_body(call),
        find_key=keys.get,
        now=moment.timestamp(),
    )
    verify_response(
        status=200,
        headers=response,
        body=raw,
        request_signature=asked.signature,
        find_key=keys.get,
        now=moment.timestamp(),
    )
    return SandboxReceipt(target, request, response, reader_key, provider_key, moment)


def _request_headers(call: SandboxCall, transaction_id: str) -> dict[str, str]:
    """Return the headers that a gateway's signature covers; there is no token, since nothing is opened by it."""
    raw = _raw_body(call)
    told = {
        "content-digest": content_digest(raw),
        "content-type": call.content_type if raw else "",
        "fsc-transaction-id": transaction_id,
        "terpadu-purpose": call.purpose,
        "terpadu-evidence": call.evidence,
    }
    return dict.fromkeys(REQUEST_HEADERS, "") | told


def _raw_body(call: SandboxCall) -> bytes:
    return call.raw or (b"" if call.body is None else orjson.dumps(call.body))
