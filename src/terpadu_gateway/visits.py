"""A request to the provider's side whose sender is proven, and what it says."""

from dataclasses import dataclass

from terpadu_gateway.idempotency import HEADER
from terpadu_gateway.identities import Identity
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_gateway.receipts import SignedRequest
from terpadu_wire.policy import Facts
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.tokens import TokenClaims


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose sender is proven: who asks which of our agencies for what, until when (Unix seconds)."""

    incoming: Incoming
    snapshot: Snapshot
    identity: Identity
    claims: TokenClaims
    facts: Facts
    request: SignedRequest
    token_sha256: str
    deadline: float

    @property
    def transaction_id(self) -> str:
        """The exchange's id."""
        return self.incoming.headers["fsc-transaction-id"]

    @property
    def again(self) -> str:
        """What names the call when it is sent again."""
        return self.incoming.headers.get(HEADER) or self.transaction_id


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
