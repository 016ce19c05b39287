"""Access tokens at both ends: fetched and kept by the consumer's side, verified once and remembered by the provider's."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.clients import AnswerTooLargeError, Clients, fetch
from terpadu_gateway.identities import Identity
from terpadu_gateway.messages import Refusal
from terpadu_gateway.tokens import token_path
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import JsonError, TokenError
from terpadu_wire.keys import jwk_thumbprint
from terpadu_wire.signing import REQUEST_HEADERS
from terpadu_wire.snapshot import Right, Snapshot, SnapshotPeer
from terpadu_wire.strict_json import parse_json
from terpadu_wire.tokens import TokenClaims, check_times, token_key_id, verify_foreign_token, verify_token
from terpadu_wire.transactions import new_transaction_id

log = structlog.get_logger()
_TIMEOUT = timedelta(seconds=5)
_RENEW_BEFORE = 60
_KEEP = 10_000


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token in hand, with its SHA-256 in hexadecimal digits for the record, and the inway that it is for."""

    text: str
    sha256: str
    expires_at: int
    issued_by: str
    audience: str


class TokenWallet:
    """The tokens of the consumer's side: asked for once per grant, renewed a minute before they end.

    Args:
        clients: for the call to the provider's manager.
        clock: gives Unix seconds.
    """

    def __init__(self, clients: Clients, *, clock: Callable[[], float]) -> None:
        self._clients = clients
        self._clock = clock
        self._held: dict[str, HeldToken] = {}
        self._running: dict[str, asyncio.Task[HeldToken]] = {}

    async def token_for(self, right: Right, identity: Identity, snapshot: Snapshot) -> HeldToken:
        """Return a token for a right.

        Raises:
            Refusal: ``token.unavailable`` or ``token.refused``.
        """
        held = self._held.get(right.grant_hash)
        now = self._clock()
        if held is not None and now < held.expires_at - _RENEW_BEFORE:
            return held
        task = self._running.get(right.grant_hash) or self._start(right, identity, snapshot)
        if held is not None and now < held.expires_at - 5:
            return held
        # Shielded: one impatient caller must not cancel what others wait for as well.
        return await asyncio.shield(task)

    def drop(self, right: Right) -> None:
        """Forget a token that the provider did not accept."""
        self._held.pop(right.grant_hash, None)

    def _start(self, right: Right, identity: Identity, snapshot: Snapshot) -> asyncio.Task[HeldToken]:
        task = asyncio.create_task(self._renew(right, identity, snapshot))
        self._running[right.grant_hash] = task
        task.add_done_callback(lambda done: self._finish(right.grant_hash, done))
        return task

    def _finish(self, grant_hash: str, task: asyncio.Task[HeldToken]) -> None:
        self._running.pop(grant_hash, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("token.not_renewed", code=getattr(error, "code", type(error).__name__))

    async def _renew(self, right: Right, identity: Identity, snapshot: Snapshot) -> HeldToken:
        provider = snapshot.peer(right.grant.service.peer_id)
        if provider is None or not provider.token_url:
            raise Refusal("token.unavailable", "the provider has no token endpoint")
        text = await self._ask_either(right, identity, provider)
        try:
            claims = self._verified(text, provider, snapshot)
        except TokenError as error:
            raise Refusal(
                "token.refused", "the manager's token does not hold", side="provider-gateway"
            ) from error
        held = HeldToken(text, _sha256(text), claims.exp, claims.iss, claims.aud)
        self._held[right.grant_hash] = held
        return held

    def _verified(self, text: str, provider: SnapshotPeer, snapshot: Snapshot) -> TokenClaims:
        if provider.is_foreign:
            return verify_foreign_token(
                text,
                keys=snapshot.contract_keys_of(provider.peer_id).values(),
                group_id=snapshot.group_id,
                issuer=provider.peer_id,
                now=self._clock(),
            )
        return verify_token(
            text,
            keys=snapshot.keys_of(provider.peer_id),
            group_id=snapshot.group_id,
            issuer=provider.peer_id,
            audience=provider.inway_url,
            now=self._clock(),
        )

    async def _ask_either(self, right: Right, identity: Identity, provider: SnapshotPeer) -> str:
        """Ask the provider's manager, and its gateway when the manager is away."""
        if provider.is_foreign:  # told by our certificate alone
            client = self._clients.for_peer(identity.peer_id)
            return await self._ask(right, identity, provider.token_url, client)
        try:
            return await self._ask(right, identity, provider.token_url, self._clients.control)
        except Refusal as refusal:
            if refusal.code != "token.unavailable" or not provider.inway_url:
                raise
            url = provider.inway_url.rstrip("/") + token_path(provider.peer_id)
            return await self._ask(right, identity, url, self._clients.for_peer(identity.peer_id))

    async def _ask(self, right: Right, identity: Identity, url: str, client: Client) -> str:
        form = {"grant_type": "client_credentials", "scope": right.grant_hash, "client_id": identity.peer_id}
        body = urlencode(form).encode()
        now = self._clock()
        headers = dict.fromkeys(REQUEST_HEADERS, "") | {
            "content-type": "application/x-www-form-urlencoded",
            "content-digest": content_digest(body),
            "fsc-transaction-id": new_transaction_id(now=now),
        }
        signature = identity.signer.sign_request(method="POST", target_uri=url, headers=headers, now=now)
        request = client.post(url).headers(headers | signature.headers()).body_bytes(body)
        try:
            status, _, answer = await fetch(request.timeout(_TIMEOUT))
            value = parse_json(answer) if status == 200 else None
        except (PyreqwestError, AnswerTooLargeError, JsonError) as error:
            raise Refusal(
                "token.unavailable", "the provider's manager did not answer", retry_after=2
            ) from error
        if status >= 500:
            raise Refusal("token.unavailable", "the provider's manager failed", retry_after=2)
        token = value.get("access_token") if isinstance(value, dict) else None
        if not isinstance(token, str) or not token.isascii():
            raise Refusal("token.refused", "the provider's manager gave no token", side="provider-gateway")
        return token


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token that was verified: its claims, and its SHA-256 in hexadecimal digits."""

    claims: TokenClaims
    sha256: str


class TokenDesk:
    """The provider's side: each token is verified once and remembered until it ends or the snapshot changes.

    Args:
        hosted: ids of the agencies whose systems stand behind this gateway; it may grow.
        clock: gives Unix seconds.
        is_foreign: whether it takes the tokens of foreign peers: for the address where those call, bound to their
            certificate. One desk never takes the tokens of the other kind.
    """

    def __init__(
        self, hosted: Collection[str], *, clock: Callable[[], float], is_foreign: bool = False
    ) -> None:
        self._hosted = hosted
        self._is_foreign = is_foreign
        self._clock = clock
        self._known: OrderedDict[str, KnownToken] = OrderedDict()
        self._snapshot: Snapshot | None = None
        self._bindings: dict[str, str] = {}

    def check(self, text: str, snapshot: Snapshot) -> KnownToken:
        """Return a token that one of our agencies gave, verified.

        Raises:
            TokenError: see :func:`terpadu_wire.tokens.verify_token`.
        """
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._known.clear()
            self._bindings.clear()
        known = self._known.get(text)
        if known is None:
            known = KnownToken(self._verify(text, snapshot), _sha256(text))
            self._known[text] = known
            if len(self._known) > _KEEP:
                self._known.popitem(last=False)
        else:
            check_times(known.claims, now=self._clock())
        return known

    def check_binding(self, claims: TokenClaims, keyid: str, snapshot: Snapshot) -> None:
        """Check that a token is bound to the key that signed the message.

        Raises:
            TokenError: ``token.other_key``.
        """
        bound = self._bindings.get(keyid)
        if bound is None:
            key = snapshot.keys_of(claims.connecting_peer).get(keyid)
            bound = jwk_thumbprint(key) if key is not None else ""
            self._bindings[keyid] = bound
        if not bound or bound != claims.jkt:
            raise TokenError("token.other_key", "the token is bound to another key")

    def _verify(self, text: str, snapshot: Snapshot) -> TokenClaims:
        issuer = snapshot.owner_of_key(token_key_id(text)) or ""
        peer = snapshot.peer(issuer)
        if peer is None or issuer not in self._hosted:
            raise TokenError("token.invalid", "the token is not signed by an agency behind this gateway")
        claims = verify_token(
            text,
            keys=snapshot.contract_keys_of(issuer) if self._is_foreign else snapshot.keys_of(issuer),
            group_id=snapshot.group_id,
            issuer=issuer,
            audience=peer.fsc_url if self._is_foreign else peer.inway_url,
            now=self._clock(),
        )
        if claims.is_bound_to_certificate != self._is_foreign:
            raise TokenError("token.other_key", "the token is bound in another way")
        return claims


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()
