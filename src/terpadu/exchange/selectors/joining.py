"""What the page for joining shows: who has joined, which gateways can take an agency, and a first call to copy."""

from __future__ import annotations

from dataclasses import replace

import orjson
from pydantic import JsonValue

from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.models import Gateway, Peer
from terpadu.exchange.rules.addresses import SampleAddress, sample_address
from terpadu.exchange.rules.interfaces import Operation, soap_form
from terpadu.exchange.rules.patterns import text_of_pattern
from terpadu.exchange.rules.samples import request_schema, sample_of
from terpadu.exchange.rules.snippets import SampleCall, snippets_of
from terpadu.exchange.selectors.console import GrantView
from terpadu.exchange.selectors.places import sandbox_url
from terpadu.exchange.selectors.registry import InterfaceView, interface_row, interface_view
from terpadu_wire.envelopes import SOAP_PATH, write_envelope

TRIAL_PURPOSE = "uji.coba"
"""Purpose of calls that only try a connection out."""


def joinable() -> list[tuple[AgencyView, bool]]:
    """Return the agencies of the directory with whether each has joined, those that have not first. Two queries."""
    joined = set(Peer.objects.values_list("agency__peer_id", flat=True))
    found = [(agency, agency.peer_id in joined) for agency in agency_list()]
    return sorted(found, key=lambda pair: (pair[1], pair[0].short_name))


def is_peer(peer_id: str) -> bool:
    """Tell whether an agency has joined. One query."""
    return Peer.objects.filter(agency__peer_id=peer_id).exists()


def receiving_gateways() -> list[str]:
    """Return the names of the gateways that take calls from others, so that a system can stand behind them. One query."""
    rows = Gateway.objects.exclude(plan={}).order_by("name")
    return [row.name for row in rows if row.plan.get("inway_listen")]


def first_body(view: InterfaceView) -> JsonValue:
    """Return a sample body for an interface's first operation, None when it takes none. One query."""
    return _body(_document(view), view.operations[0])


def _document(view: InterfaceView) -> JsonValue:
    document: JsonValue = orjson.loads(interface_row(view.service).openapi)
    return document


def _body(document: JsonValue, operation: Operation) -> JsonValue:
    schema = request_schema(document, operation.id)
    return sample_of(schema, document=document) if schema is not None else None


def sample_path(view: InterfaceView, operation: Operation) -> SampleAddress:
    """Return an address of an operation with values for all that it demands. One query."""
    return sample_address(_document(view), operation.id, operation.path)


def sample_call(grant: GrantView) -> SampleCall | None:
    """Return a sample call of a right's first operation, None where its rules cannot be read. Two queries."""
    if grant.properties is None:
        return None
    rule = grant.properties.operations[0]
    row = interface_row(grant.service)
    operation, document = interface_view(row).operation(rule.id), orjson.loads(row.openapi)
    evidence = grant.properties.evidence
    call = SampleCall(
        gateway=_outway_of(grant.caller.code),
        service=grant.service,
        method=rule.method,
        path=sample_address(document, operation.id, operation.path).text,
        purpose=grant.purpose,
        evidence=text_of_pattern(evidence.pattern or "") or "KASUS-0001" if evidence.required else "",
        body=_body(document, operation),
    )
    return _as_envelope(call, document, rule.id)


def _as_envelope(call: SampleCall, document: JsonValue, operation_id: str) -> SampleCall:
    """Return a call of a SOAP operation with its envelope and the address that SOAP clients know; any other as it is."""
    form = soap_form(document, operation_id)
    if form is None:
        return call
    raw = write_envelope(form.request, call.body, media_type="text/xml", is_qualified=form.is_qualified)
    return replace(call, path=SOAP_PATH, envelope=raw.decode(), content_type="text/xml; charset=utf-8")


def _outway_of(agency_code: str) -> str:
    """Return where a gateway takes an agency's calls; where none is known here, the usual place of one."""
    for row in Gateway.objects.exclude(plan={}).order_by("name"):
        if agency_code in row.plan.get("agencies", ()) and row.plan.get("outway_listen"):
            return f"http://{row.plan['outway_listen']}"
    return "http://127.0.0.1:8011"


def sandbox_curl(view: InterfaceView, operation: Operation, body: JsonValue) -> str:
    """Return a command that makes a call in the sandbox; the key is read from a file and never typed. One query."""
    document = _document(view)
    call = SampleCall(
        gateway=sandbox_url("", "").rstrip("/"),
        service=view.service,
        method=operation.method,
        path=sample_address(document, operation.id, operation.path).text,
        purpose=TRIAL_PURPOSE,
        evidence="",
        body=body,
    )
    return snippets_of(_as_envelope(call, document, operation.id)).shell
