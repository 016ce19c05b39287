"""What the page for joining shows: who has joined, which gateways can take an agency, and a first call to copy."""

from __future__ import annotations

import shlex

import orjson
from pydantic import JsonValue

from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.models import Gateway, Peer
from terpadu.exchange.rules.interfaces import Operation
from terpadu.exchange.rules.samples import request_schema, sample_of
from terpadu.exchange.selectors.places import sandbox_url
from terpadu.exchange.selectors.registry import InterfaceView, interface_row


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
    return sample_body(view, view.operations[0])


def sample_body(view: InterfaceView, operation: Operation) -> JsonValue:
    """Return a sample body for an operation, None when it takes none. One query."""
    document = orjson.loads(interface_row(view.service).openapi)
    schema = request_schema(document, operation.id)
    return sample_of(schema, document=document) if schema is not None else None


def sandbox_curl(service: str, operation: Operation, body: JsonValue) -> str:
    """Return a command that makes a call in the sandbox; the key is read from a file and never typed."""
    parts = [
        f"curl -sS -X {operation.method} {shlex.quote(sandbox_url(service, operation.path))}",
        '-H "Authorization: Bearer $(cat application.key)"',
    ]
    if body is not None:
        parts += [f"-H 'Content-Type: application/json' -d {shlex.quote(orjson.dumps(body).decode())}"]
    return " \\\n  ".join(parts)
