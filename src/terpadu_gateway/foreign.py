"""Foreign peers at the provider's side: FSC core's inway, and the way to the managers of the agencies behind it.

A foreign peer signs no messages. What proves it is the certificate of its connection: the token is bound to it, and the
contract to its key. Everything after that, the decision, the field rules, quotas, records, is the same as for any call.
"""

import binascii
import hashlib
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

import orjson
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.access import TokenDesk
from terpadu_gateway.answers import Answer, fsc_answer
from terpadu_gateway.clients import AnswerTooLargeError, Clients, fetch
from terpadu_gateway.config import Limits
from terpadu_gateway.identities import Secrets
from terpadu_gateway.inway import Inway
from terpadu_gateway.listeners import Handler
from terpadu_gateway.messages import Exchange, Incoming, Refusal, Scope, read_body, read_head
from terpadu_gateway.mutual import CERTIFICATE, Lines, MutualScope
from terpadu_gateway.receipts import UNSIGNED, SignedRequest
from terpadu_gateway.snapshots import SnapshotKeeper
from terpadu_gateway.visits import Visit, bearer, facts_of, patience_of
from terpadu_wire.canonical import b64url_encode
from terpadu_wire.certificates import UNREADABLE
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import ContractError, TokenError
from terpadu_wire.problems import MEDIA_TYPE, Side
from terpadu_wire.signing import BEARER_DIGEST, REQUEST_HEADERS
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.tokens import TokenClaims
from terpadu_wire.transactions import is_transaction_id, new_transaction_id

log = structlog.get_logger()
_MANAGERS = "/fsc/v1/"
_TIMEOUT = timedelta(seconds=10)
_HANDED_ON = ("content-type", "fsc-manager-address", CERTIFICATE)
_HANDED_BACK = ("content-type", "fsc-error-code", "cache-control")


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate of a connection: its ``x5t#S256`` and the thumbprint of its public key."""

    x5t: str
    key_thumbprint: str


class ForeignInway:
    """Answers the calls of foreign peers' gateways.

    Args:
        inway: answers a call once its sender is proven.
        secrets: keys of the agencies it acts for.
        snapshots: what may be believed now.
        limits: how long a caller may wait.
        clock: gives Unix seconds.
    """

    side: Side = "provider-gateway"

    def __init__(
        self,
        inway: Inway,
        *,
        secrets: Secrets,
        snapshots: SnapshotKeeper,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._inway = inway
        self._secrets = secrets
        self._snapshots = snapshots
        self._limits = limits
        self._clock = clock
        self._tokens = TokenDesk(secrets.identities.keys(), clock=clock, is_foreign=True)

    def authenticate(self, headers: dict[str, str]) -> str:
        """Return the token, which must be there before the body is read.

        Raises:
            Refusal: ``token.missing``.
        """
        return bearer(headers)

    async def answer(self, token: str, incoming: Incoming) -> Answer:
        """Return our system's answer to a foreign peer's call.

        Raises:
            Refusal: the sender is not proven.
            JournalError: a record could not be made durable.
        """
        return await self._inway.answer_visit(self._prove(token, incoming))

    def _prove(self, token: str, incoming: Incoming) -> Visit:
        snapshot = self._snapshots.current
        if snapshot is None:
            raise Refusal("gateway.no_snapshot", retry_after=2)
        shown = shown_certificate(incoming.headers)
        try:
            known = self._tokens.check(token, snapshot)
        except TokenError as error:
            raise Refusal(error.code, error.reason) from error
        claims = known.claims
        if claims.x5t != shown.x5t:
            raise Refusal("token.other_key", "the token is bound to another certificate")
        _check_transaction(incoming.headers)
        completed = _completed(incoming, claims, snapshot, known.sha256)
        peer = snapshot.peer(claims.iss)
        query = f"?{incoming.query}" if incoming.query else ""
        target_uri = f"{peer.fsc_url.rstrip('/') if peer else ''}{incoming.path}{query}"
        return Visit(
            incoming=completed,
            snapshot=snapshot,
            identity=self._secrets.identities[claims.iss],
            claims=claims,
            facts=facts_of(completed, claims, shown.key_thumbprint),
            request=SignedRequest(incoming.method, target_uri, completed.headers, UNSIGNED),
            token_sha256=known.sha256,
            deadline=self._clock() + patience_of(incoming.headers, self._limits),
            is_foreign=True,
        )


class ManagerRelay:
    """Hands requests to our agencies' managers on to the control plane, and vouches for the certificate it saw.

    Each request is signed by the very agency whose manager is called: an agency's gateway says who called that agency,
    and nobody's else.

    Args:
        control_url: where the control plane is.
        hosted: the agencies behind this gateway.
        secrets: their keys.
        clients: HTTP clients.
        clock: gives Unix seconds.
    """

    def __init__(
        self,
        control_url: str,
        *,
        hosted: Collection[str],
        secrets: Secrets,
        clients: Clients,
        clock: Callable[[], float],
    ) -> None:
        self._control_url = control_url.rstrip("/")
        self._hosted = hosted
        self._secrets = secrets
        self._clients = clients
        self._clock = clock

    def beside(self, handler: Handler) -> Handler:
        """Return a handler that answers manager requests itself and leaves calls to another."""

        async def handle(scope: Scope, exchange: Exchange) -> None:
            manager = self._manager_at(scope.path)
            if manager is None:
                await handler(scope, _FscExchange(exchange))
                return
            try:
                answer = await self._relay(manager, _plain(scope, manager), exchange)
            except Refusal as refusal:
                log.info("manager.refused", code=refusal.code)
                problem = refusal.problem(side="provider-gateway")
                answer = fsc_answer(problem, domain="ERROR_DOMAIN_MANAGER")
            answer.send(exchange)

        return handle

    def _manager_at(self, path: str) -> str | None:
        peer_id = path.removeprefix(_MANAGERS).partition("/")[0]
        return peer_id if path.startswith(_MANAGERS) and peer_id in self._hosted else None

    async def _relay(self, manager: str, scope: Scope, exchange: Exchange) -> Answer:
        headers = read_head(scope)
        body = await read_body(headers, exchange)
        url = f"{self._control_url}{scope.path}{f'?{scope.query_string}' if scope.query_string else ''}"
        signed = self._signed(manager, scope.method, url, headers, body)
        handed = {name: headers[name] for name in _HANDED_ON if name in headers}
        request = self._clients.control.request(scope.method, url).headers(handed | signed)
        try:
            status, given, answer = await fetch(request.body_bytes(body).timeout(_TIMEOUT))
        except (PyreqwestError, AnswerTooLargeError) as error:
            raise Refusal("manager.unreachable", retry_after=2) from error
        return Answer(status, {name: given[name] for name in _HANDED_BACK if name in given}, answer)

    def _signed(
        self, manager: str, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> dict[str, str]:
        now = self._clock()
        covered = dict.fromkeys(REQUEST_HEADERS, "") | {
            "content-type": headers.get("content-type", ""),
            "content-digest": content_digest(body),
            "fsc-transaction-id": new_transaction_id(now=now),
            "terpadu-on-behalf-of": f"certificate:{shown_certificate(headers).x5t}",
        }
        signer = self._secrets.identities[manager].signer
        signature = signer.sign_request(method=method, target_uri=url, headers=covered, now=now)
        return covered | signature.headers()


class _FscExchange:
    """An exchange whose problems are answered in FSC's form; those that were signed and recorded have it already."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def __call__(self) -> bytes:
        return await self._exchange()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._exchange.__aiter__()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        named = dict(headers)
        if named.get("content-type") == MEDIA_TYPE:
            named["content-type"] = "application/json"
            told = {"message": orjson.loads(body)["title"], "domain": "ERROR_DOMAIN_INWAY"}
            body = orjson.dumps(told | {"code": named["fsc-error-code"]})
        self._exchange.response_bytes(status, list(named.items()), body)

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self._exchange.response_file(status, headers, file)


def shown_certificate(headers: dict[str, str]) -> Shown:
    """Return what the listener says of the connection's certificate.

    Raises:
        Refusal: ``certificate.unknown``.
    """
    try:
        der = binascii.a2b_base64(headers.get(CERTIFICATE, "").strip(":"), strict_mode=True)
        key = x509.load_der_x509_certificate(der).public_key()
    except UNREADABLE as error:
        raise Refusal("certificate.unknown") from error
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Shown(b64url_encode(hashlib.sha256(der).digest()), hashlib.sha256(spki).hexdigest())


def _check_transaction(headers: dict[str, str]) -> None:
    transaction_id = headers.get("fsc-transaction-id", "")
    if not transaction_id:
        raise Refusal("transaction.missing")
    if not is_transaction_id(transaction_id):
        raise Refusal("transaction.malformed")


def _completed(incoming: Incoming, claims: TokenClaims, snapshot: Snapshot, token_sha256: str) -> Incoming:
    """Return a foreign request with the headers that our own gateways send; its purpose is the contract's."""
    try:
        purpose = snapshot.right(claims.gth).properties.purpose.code
    except ContractError:
        purpose = ""  # the decision says what is wrong with the contract
    told = dict.fromkeys(REQUEST_HEADERS, "") | incoming.headers
    return incoming._replace(
        headers=told
        | {
            "content-digest": content_digest(incoming.body),
            "content-type": incoming.headers.get("content-type", "") if incoming.body else "",
            "terpadu-purpose": incoming.headers.get("terpadu-purpose", "") or purpose,
            BEARER_DIGEST: token_sha256,
        },
    )


def _plain(scope: Scope, manager: str) -> Scope:
    """Return a manager request as the control plane knows its address.

    FSC's clients append ``/v1`` to a manager's address, and may write the ``$`` of a hash either way.
    """
    path = scope.path.replace("%24", "$").replace(f"{_MANAGERS}{manager}/v1/", f"{_MANAGERS}{manager}/", 1)
    return MutualScope(
        scope.method,
        path,
        scope.query_string.replace("$", "%24"),
        scope.authority,
        Lines(scope.headers.items()),
    )
