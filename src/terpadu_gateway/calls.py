"""A call of an agency's application, as far as its head says what it is."""

import re
from typing import NamedTuple

from terpadu_gateway.bodies import content_type_of
from terpadu_gateway.envelopes import operation_path
from terpadu_gateway.idempotency import HEADER, idempotency_key
from terpadu_gateway.identities import Identity
from terpadu_gateway.messages import Incoming, Refusal, Upload
from terpadu_gateway.streaming import RANGE_HEADERS
from terpadu_wire.digest import content_digest, is_digest_or_empty
from terpadu_wire.policy import Decision, Facts
from terpadu_wire.snapshot import Right, Snapshot

_ON_BEHALF_OF = re.compile(r"|[a-z]{1,20}:[A-Za-z0-9._-]{1,100}")


class Call(NamedTuple):
    """A call that a contract allows: who, what, on which right, about whom (``subject``: pseudonym), until when (Unix seconds).

    ``interaction`` is the call that it belongs to, "" for none; ``upload`` its body when that comes in pieces, and
    ``described`` what its application says of it.
    """

    transaction_id: str
    identity: Identity
    snapshot: Snapshot
    facts: Facts
    decision: Decision
    right: Right
    target_uri: str
    headers: dict[str, str]
    body: bytes
    upload: Upload | None
    identifier: str
    subject: str
    interaction: str
    deadline: float
    further: dict[str, str]
    described: dict[str, str]
    is_foreign: bool = False

    @property
    def again(self) -> str:
        """What names the call when it is sent again."""
        return self.further.get(HEADER) or self.transaction_id


def call_facts(incoming: Incoming, identity: Identity) -> Facts:
    """Return what a decision needs to know of an application's call.

    Raises:
        Refusal: ``gateway.path_refused``, ``soap.*`` or ``gateway.body_too_large``.
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
        path=operation_path(incoming, f"/{parts[3]}"),
        key_thumbprint=identity.signer.keyid,
        purpose=headers.get("terpadu-purpose", ""),
        evidence=headers.get("terpadu-evidence", ""),
        grant_hash=headers.get("fsc-grant-hash", ""),
        query_names=incoming.query_names,
        query=incoming.query,
    )


def covered_headers(incoming: Incoming, decision: Decision, *, transaction_id: str) -> dict[str, str]:
    """Return the headers of a call that its signature covers.

    Raises:
        Refusal: ``gateway.header_refused``.
    """
    given = incoming.headers
    on_behalf_of = given.get("terpadu-on-behalf-of", "")
    if not _ON_BEHALF_OF.fullmatch(on_behalf_of):
        raise Refusal(
            "gateway.header_refused", "Terpadu-On-Behalf-Of is a kind and a role, such as person:self"
        )
    return {
        "content-digest": _digest(incoming),
        "content-type": content_type_of(decision.operation, incoming),
        "fsc-transaction-id": transaction_id,
        "terpadu-purpose": given.get("terpadu-purpose", ""),
        "terpadu-evidence": given.get("terpadu-evidence", ""),
        "terpadu-on-behalf-of": on_behalf_of,
        "terpadu-consent": "",
    }


def further_headers(decision: Decision, given: dict[str, str]) -> dict[str, str]:
    """Return what is passed on without being signed: which part of a stream, and the key of a repeated call."""
    key = idempotency_key(given)
    part = {name: given[name] for name in RANGE_HEADERS if name in given} if decision.streams else {}
    return part | ({HEADER: key} if key else {})


def _digest(incoming: Incoming) -> str:
    """Return the digest of a body; of one that is still to come what its sender says beforehand, if anything."""
    if incoming.upload is None:
        return content_digest(incoming.body)
    declared = incoming.headers.get("content-digest", "")
    if not is_digest_or_empty(declared):
        raise Refusal("gateway.header_refused", "Content-Digest is one SHA-256 digest")
    return declared
