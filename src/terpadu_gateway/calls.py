"""A call of an agency's application: what is known of it before it leaves."""

from dataclasses import dataclass

from pydantic import JsonValue

from terpadu_gateway.idempotency import HEADER, idempotency_key
from terpadu_gateway.identities import Identity
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_gateway.streaming import range_headers
from terpadu_wire.errors import JsonError
from terpadu_wire.policy import Decision, Facts
from terpadu_wire.snapshot import Right, Snapshot
from terpadu_wire.strict_json import parse_json


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a contract allows: who, what, on which right, about whom (pseudonym), until when (Unix seconds)."""

    transaction_id: str
    identity: Identity
    snapshot: Snapshot
    facts: Facts
    decision: Decision
    right: Right
    target_uri: str
    headers: dict[str, str]
    body: bytes
    identifier: str
    deadline: float
    further: dict[str, str]
    is_foreign: bool = False


def call_facts(incoming: Incoming, identity: Identity) -> Facts:
    """Return what a decision needs to know of an application's call.

    Raises:
        Refusal: ``gateway.path_refused``.
    """
    parts = incoming.path.split("/", 3)
    if len(parts) < 4 or not parts[3]:
        raise Refusal("gateway.path_refused", "call /{provider}/{service}/{path}")
    headers = incoming.headers
    return Facts(
        consumer=identity.peer_id,
        provider=parts[1],
        service=parts[2],
        method=incoming.method,
        path=f"/{parts[3]}",
        key_thumbprint=identity.signer.keyid,
        purpose=headers.get("terpadu-purpose", ""),
        evidence=headers.get("terpadu-evidence", ""),
        grant_hash=headers.get("fsc-grant-hash", ""),
        query_names=incoming.query_names,
        query=incoming.query,
    )


def further_headers(decision: Decision, given: dict[str, str]) -> dict[str, str]:
    """Return what is passed on without being signed: which part of a stream, and the key of a repeated call."""
    key = idempotency_key(given)
    return range_headers(decision, given) | ({HEADER: key} if key else {})


def parsed(body: bytes) -> JsonValue:
    """Return the JSON of a body, None of an empty one.

    Raises:
        Refusal: it is not the JSON that the road carries.
    """
    try:
        return parse_json(body) if body else None
    except JsonError as error:
        raise Refusal(error.code, error.reason) from error
