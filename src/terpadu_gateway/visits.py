"""A request to the provider's side whose sender is proven, and what it says."""

from typing import NamedTuple

from terpadu_gateway.config import Limits
from terpadu_gateway.idempotency import HEADER
from terpadu_gateway.identities import Identity
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_gateway.receipts import SignedRequest
from terpadu_wire.policy import Facts
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.tokens import TokenClaims


class Visit(NamedTuple):
    """A request whose sender is proven: who asks which of our agencies for what, until when (Unix seconds).

    is_foreign: it came from a foreign peer, proven by its certificate, and wants errors in FSC's form.
    """

    incoming: Incoming
    snapshot: Snapshot
    identity: Identity
    claims: TokenClaims
    facts: Facts
    request: SignedRequest
    token_sha256: str
    deadline: float
    is_foreign: bool = False

    @property
    def transaction_id(self) -> str:
        """The exchange's id."""
        return self.incoming.headers["fsc-transaction-id"]

    @property
    def again(self) -> str:
        """What names the call when it is sent again."""
        return self.incoming.headers.get(HEADER) or self.transaction_id


def patience_of(headers: dict[str, str], limits: Limits) -> float:
    """Return for how many seconds the caller waits."""
    text = headers.get("terpadu-deadline-ms", "")
    wanted = int(text) if text.isdecimal() and len(text) < 10 else limits.default_deadline_ms
    return min(wanted, limits.max_deadline_ms) / 1000


def bearer(headers: dict[str, str]) -> str:
    """Return the token of a request.

    Raises:
        Refusal: ``token.missing``.
    """
    scheme, _, token = headers.get("fsc-authorization", "").partition(" ")
    if scheme != "Bearer" or not token or not token.isascii():
        raise Refusal("token.missing")
    return token


def target_uri_of(snapshot: Snapshot, claims: TokenClaims, incoming: Incoming) -> str:
    """Return the address that was called, as the token's issuer is known by; never out of the Host header."""
    peer = snapshot.peer(claims.iss)
    base = peer.inway_url.rstrip("/") if peer else ""
    return base + incoming.path + (f"?{incoming.query}" if incoming.query else "")


def facts_of(incoming: Incoming, claims: TokenClaims, keyid: str) -> Facts:
    """Return what a decision needs to know of a request whose sender is proven."""
    headers = incoming.headers
    return Facts(
        consumer=claims.connecting_peer,
        provider=claims.iss,
        service=claims.svc,
        method=incoming.method,
        path=incoming.path,
        key_thumbprint=keyid,
        purpose=headers["terpadu-purpose"],
        evidence=headers["terpadu-evidence"],
        grant_hash=claims.gth,
        query_names=incoming.query_names,
        query=incoming.query,
    )
