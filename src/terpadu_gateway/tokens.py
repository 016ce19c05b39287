"""Access tokens given by the provider's own gateway, for when its manager is away: the same rule, the snapshot's contracts.

``POST {inway_url}/fsc/v1/{peer_id}/token``, like the manager's token endpoint. With it the toll road needs nothing but
its two gateways, for as long as their snapshots hold.
"""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl

import orjson
import structlog

from terpadu_gateway.answers import Answer, problem_answer
from terpadu_gateway.identities import Secrets
from terpadu_gateway.listeners import Handler
from terpadu_gateway.messages import Exchange, Refusal, Scope, read_body, read_head
from terpadu_gateway.replay import SeenMessages
from terpadu_gateway.snapshots import SnapshotKeeper
from terpadu_wire.errors import ContractError, SignatureError
from terpadu_wire.keys import jwk_thumbprint
from terpadu_wire.signing import verify_request
from terpadu_wire.snapshot import Right, Snapshot
from terpadu_wire.token_rules import TokenRequest, objection_to_token, token_claims
from terpadu_wire.tokens import mint_token

log = structlog.get_logger()


def token_path(peer_id: str) -> str:
    """Return the path of a peer's token endpoint at its inway."""
    return f"/fsc/v1/{peer_id}/token"


class TokenOffice:
    """Gives tokens for the agencies behind an inway.

    Args:
        secrets: keys of the agencies.
        snapshots: what may be believed now.
        clock: gives Unix seconds.
    """

    def __init__(self, secrets: Secrets, *, snapshots: SnapshotKeeper, clock: Callable[[], float]) -> None:
        self._secrets = secrets
        self._snapshots = snapshots
        self._clock = clock
        self._seen = SeenMessages()

    def _manager_at(self, path: str) -> str | None:
        """Return the agency whose manager has this path; agencies may be added while the gateway runs."""
        peer_id = path.removeprefix("/fsc/v1/").removesuffix("/token")
        return peer_id if peer_id in self._secrets.identities and token_path(peer_id) == path else None

    def beside(self, handler: Handler) -> Handler:
        """Return a handler that answers token requests itself and leaves the rest to another."""

        async def own(manager: str, scope: Scope, exchange: Exchange) -> None:
            try:
                answer = await self._answer(manager, scope, exchange)
            except Refusal as refusal:
                log.info("token.refused", code=refusal.code)
                answer = problem_answer(refusal.problem(side="provider-gateway"))
            answer.send(exchange)

        def handle(scope: Scope, exchange: Exchange) -> Coroutine[Any, Any, None]:
            manager = self._manager_at(scope.path) if scope.method == "POST" else None
            return handler(scope, exchange) if manager is None else own(manager, scope, exchange)

        return handle

    async def _answer(self, manager: str, scope: Scope, exchange: Exchange) -> Answer:
        headers = read_head(scope)
        body = await read_body(headers, exchange)
        snapshot = self._snapshots.current
        if snapshot is None:
            raise Refusal("gateway.no_snapshot", retry_after=2)
        now = self._clock()
        if now >= snapshot.hard_expires_at:
            raise Refusal("snapshot.expired")
        form = _form(body)
        right = _right(snapshot, form.get("scope", ""))
        peer = snapshot.peer(manager)
        inway_url = peer.inway_url.rstrip("/") if peer else ""
        keyid = self._prove(snapshot, inway_url + scope.path, headers, body, right)
        caller = snapshot.owner_of_key(keyid) or ""
        objection = objection_to_token(TokenRequest(manager, caller, keyid), right, now=int(now))
        if objection or form.get("client_id") != caller:
            raise Refusal(objection or "token.invalid")
        claims = token_claims(
            right,
            caller=caller,
            jkt=jwk_thumbprint(snapshot.keys_of(caller)[keyid]),
            audience=peer.inway_url if peer else "",
            now=int(now),
        )
        token = mint_token(claims, key=self._secrets.identities[manager].signer.key)
        log.info("token.given", consumer=caller, service=claims.svc)
        given = {"access_token": token, "token_type": "bearer", "expires_in": claims.exp - claims.nbf}
        return Answer(
            200, {"content-type": "application/json", "cache-control": "no-store"}, orjson.dumps(given)
        )

    def _prove(self, snapshot: Snapshot, url: str, headers: dict[str, str], body: bytes, right: Right) -> str:
        keys = snapshot.keys_of(right.grant.outway.peer_id)
        now = self._clock()
        try:
            signed = verify_request(
                method="POST", target_uri=url, headers=headers, body=body, find_key=keys.get, now=now
            )
        except SignatureError as error:
            raise Refusal(error.code, error.reason) from error
        if not self._seen.is_new(signed.keyid, signed.nonce, now=now):
            raise Refusal("signature.replayed")
        return signed.keyid


def _form(body: bytes) -> dict[str, str]:
    try:
        form = dict(parse_qsl(body.decode("ascii"), max_num_fields=20))
    except ValueError as error:
        raise Refusal("token.invalid", "the form is malformed") from error
    if form.get("grant_type") != "client_credentials":
        raise Refusal("token.invalid", "the grant type is client_credentials")
    return form


def _right(snapshot: Snapshot, scope: str) -> Right:
    try:
        return snapshot.right(scope)
    except ContractError as error:
        raise Refusal(error.code, error.reason) from error
