"""The provider's side: from another agency's gateway to our agency's system and back."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic import JsonValue

from terpadu_gateway.access import TokenDesk
from terpadu_gateway.config import GatewayConfig, InwayConfig
from terpadu_gateway.identities import Identity, Secrets
from terpadu_gateway.journal import Journal
from terpadu_gateway.messages import Answer, Incoming, Refusal, problem_answer
from terpadu_gateway.receipts import SignedRequest, SignedResponse, answered, failed, request_record
from terpadu_gateway.replay import SeenMessages
from terpadu_gateway.rules import Rules, check
from terpadu_gateway.snapshots import SnapshotKeeper
from terpadu_gateway.subjects import answered_identifier, requested_identifier, subject_pseudonym
from terpadu_gateway.systems import Systems, to_bytes
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import JsonError, SignatureError, TokenError
from terpadu_wire.policy import Decision, Facts, decide
from terpadu_wire.problems import Side
from terpadu_wire.records import Record
from terpadu_wire.signing import MessageSignature, verify_request
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.strict_json import parse_json
from terpadu_wire.tokens import TokenClaims
from terpadu_wire.transactions import is_transaction_id

_PASSED_ON = (
    "fsc-authorization",
    "fsc-transaction-id",
    "terpadu-purpose",
    "terpadu-evidence",
    "terpadu-on-behalf-of",
    "terpadu-consent",
)
_MARGIN = 0.02
"""Seconds kept back from the deadline for signing, recording and the way home."""


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What may go back: status, body, the fields in it, the pseudonym of the person, where it broke its OpenAPI."""

    status: int
    body: bytes
    fields: tuple[str, ...]
    subject: str
    broken: str


class Inway:
    """Answers other agencies' gateways for the systems behind this one.

    Args:
        config: the gateway's configuration.
        inway: its inway.
        secrets: keys of the agencies it acts for.
        snapshots: what may be believed now.
        journal: where records become durable.
        rules: enforces consent, quota, OpenAPI and field rules.
        clock: gives Unix seconds.
    """

    side: Side = "provider-gateway"

    def __init__(
        self,
        config: GatewayConfig,
        inway: InwayConfig,
        *,
        secrets: Secrets,
        snapshots: SnapshotKeeper,
        journal: Journal,
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._limits = config.limits
        self._rules = rules
        self._secrets = secrets
        self._snapshots = snapshots
        self._journal = journal
        self._clock = clock
        self._systems = Systems(inway)
        self._tokens = TokenDesk(secrets.identities.keys(), clock=clock)
        self._seen = SeenMessages()
        self._seen.recall(config.segments, now=clock())

    def authenticate(self, headers: dict[str, str]) -> None:
        """Check that there is a token before the body is read.

        Raises:
            Refusal: ``token.missing``.
        """
        _bearer(headers)

    def take(self, inway: InwayConfig) -> None:
        """Call the systems of a new configuration from now on; calls in hand go on with those before.

        Raises:
            ConfigError: a credential file is missing or holds no plain text.
        """
        before, self._systems = self._systems, Systems(inway)
        before.retire()

    async def answer(self, incoming: Incoming) -> Answer:
        """Return our system's answer to another agency's call, signed.

        Raises:
            Refusal: the sender is not proven.
            JournalError: a record could not be made durable.
        """
        visit = self._prove(incoming)
        decision = decide(visit.facts, visit.snapshot, now=self._clock())
        identifier = broken = ""
        try:
            identifier, body = self._check(visit, decision)
            await self._weigh(visit, decision, identifier)
            broken = await self._rules.request_break(
                decision, incoming, body, transaction_id=visit.transaction_id
            )
            _refuse_break(decision, broken, "request.breaks_openapi")
        except Refusal as refusal:
            refused = Decision(False, refusal.code, decision.right, decision.operation)
            asked = await self._record_request(visit, refused, identifier, broken)
            return await self._refuse(visit, asked, refusal)
        asked = await self._record_request(visit, decision, identifier, broken)
        try:
            outcome = await self._ask_system(visit, decision, identifier)
            asked = replace(asked, openapi_break=outcome.broken or broken)
            _refuse_break(decision, outcome.broken, "system.breaks_openapi")
        except Refusal as refusal:
            return await self._refuse(visit, asked, refusal)
        return await self._give(visit, asked, outcome)

    def _prove(self, incoming: Incoming) -> Visit:
        snapshot = self._snapshots.current
        if snapshot is None:
            raise Refusal("gateway.no_snapshot", retry_after=2)
        now, headers, token = self._clock(), incoming.headers, _bearer(incoming.headers)
        try:
            claims = self._tokens.check(token, snapshot)
            target_uri = _target_uri(snapshot, claims, incoming)
            keys = snapshot.keys_of(claims.connecting_peer)
            signed = verify_request(
                method=incoming.method,
                target_uri=target_uri,
                headers=headers,
                body=incoming.body,
                find_key=keys.get,
                now=now,
            )
            self._tokens.check_binding(claims, signed.keyid, snapshot)
        except (TokenError, SignatureError) as error:
            raise Refusal(error.code, error.reason) from error
        if not is_transaction_id(headers["fsc-transaction-id"]):
            raise Refusal("transaction.malformed")
        if not self._seen.is_new(signed.keyid, signed.nonce, now=now):
            raise Refusal("signature.replayed")
        return Visit(
            incoming=incoming,
            snapshot=snapshot,
            identity=self._secrets.identities[claims.iss],
            claims=claims,
            facts=_facts(incoming, claims, signed.keyid),
            request=SignedRequest(
                incoming.method,
                target_uri,
                headers,
                MessageSignature(headers["signature-input"], headers["signature"]),
            ),
            token_sha256=hashlib.sha256(token.encode("ascii")).hexdigest(),
            deadline=now + self._patience(headers),
        )

    def _patience(self, headers: dict[str, str]) -> float:
        text = headers.get("terpadu-deadline-ms", "")
        wanted = int(text) if text.isdecimal() and len(text) < 10 else self._limits.default_deadline_ms
        return min(wanted, self._limits.max_deadline_ms) / 1000

    def _check(self, visit: Visit, decision: Decision) -> tuple[str, JsonValue]:
        check(decision)
        if not self._systems.knows(visit.facts.provider, visit.facts.service):
            raise Refusal("service.unknown", "the service is not offered by this gateway")
        try:
            value = parse_json(visit.incoming.body) if visit.incoming.body else None
        except JsonError as error:
            raise Refusal(error.code, error.reason) from error
        return requested_identifier(decision.subject, value), value

    async def _weigh(self, visit: Visit, decision: Decision, identifier: str) -> None:
        headers = visit.incoming.headers
        await self._rules.weigh(
            decision,
            side="in",
            subject=subject_pseudonym(self._secrets.subject_key, identifier),
            shown=self._rules.consents.shown(headers),
            consent_id=headers["terpadu-consent"],
        )

    async def _record_request(self, visit: Visit, decision: Decision, identifier: str, broken: str) -> Record:
        asked = request_record(
            "in",
            transaction_id=visit.transaction_id,
            facts=visit.facts,
            decision=decision,
            request=visit.request,
            token_sha256=visit.token_sha256,
            subject=subject_pseudonym(self._secrets.subject_key, identifier),
            now=self._clock(),
        )
        asked = replace(asked, openapi_break=broken)
        await self._journal.write(asked)
        return asked

    async def _ask_system(self, visit: Visit, decision: Decision, identifier: str) -> Outcome:
        incoming, operation = visit.incoming, decision.operation
        if operation is None:
            raise Refusal("operation.not_in_contract")
        patience = visit.deadline - self._clock() - _MARGIN
        headers = {name: incoming.headers[name] for name in _PASSED_ON}
        headers |= {"accept": "application/json", "terpadu-deadline-ms": str(max(0, int(patience * 1000)))}
        if incoming.body:
            headers["content-type"] = incoming.headers["content-type"]
        answer = await self._systems.call(
            (visit.facts.provider, visit.facts.service),
            method=incoming.method,
            path=incoming.path + (f"?{incoming.query}" if incoming.query else ""),
            headers=headers,
            body=incoming.body,
            patience=patience,
        )
        broken = await self._rules.answer_break(
            decision,
            status=answer.status,
            value=answer.value,
            has_body=not answer.empty,
            transaction_id=visit.transaction_id,
        )
        about = answered_identifier(decision.subject, answer.value, requested=identifier)
        kept, fields = self._rules.filtered(decision, answer.value)
        # The request's record already holds the pseudonym of the person asked for.
        subject = subject_pseudonym(self._secrets.subject_key, about) if about != identifier else ""
        return Outcome(answer.status, b"" if answer.empty else to_bytes(kept), fields, subject, broken)

    async def _give(self, visit: Visit, asked: Record, outcome: Outcome) -> Answer:
        content_type = "application/json" if outcome.body else ""
        answer = self._sign(visit, Answer(outcome.status, {"content-type": content_type}, outcome.body))
        response = SignedResponse(answer.status, answer.headers)
        await self._journal.write(
            answered(asked, response, fields=outcome.fields, subject=outcome.subject, now=self._clock())
        )
        return answer

    async def _refuse(self, visit: Visit, asked: Record, refusal: Refusal) -> Answer:
        refusal.transaction_id = visit.transaction_id
        problem = refusal.problem(side=self.side)
        answer = self._sign(visit, problem_answer(problem))
        response = SignedResponse(answer.status, answer.headers)
        refused = answer.status < 500
        await self._journal.write(
            failed(asked, response, code=refusal.code, refused=refused, now=self._clock())
        )
        return answer

    def _sign(self, visit: Visit, answer: Answer) -> Answer:
        headers = answer.headers | {
            "content-digest": content_digest(answer.body),
            "fsc-transaction-id": visit.transaction_id,
        }
        signature = visit.identity.signer.sign_response(
            status=answer.status,
            headers=headers,
            request_signature=visit.request.signature.signature,
            now=self._clock(),
        )
        return Answer(answer.status, headers | signature.headers(), answer.body)


def _refuse_break(decision: Decision, broken: str, code: str) -> None:
    """Refuse a message that breaks its OpenAPI document when the contract says so; the place is no secret."""
    properties = decision.properties
    if broken and properties is not None and properties.openapi.refuse:
        raise Refusal(code, broken)


def _bearer(headers: dict[str, str]) -> str:
    scheme, _, token = headers.get("fsc-authorization", "").partition(" ")
    if scheme != "Bearer" or not token or not token.isascii():
        raise Refusal("token.missing")
    return token


def _target_uri(snapshot: Snapshot, claims: TokenClaims, incoming: Incoming) -> str:
    peer = snapshot.peer(claims.iss)
    base = peer.inway_url.rstrip("/") if peer else ""
    return base + incoming.path + (f"?{incoming.query}" if incoming.query else "")


def _facts(incoming: Incoming, claims: TokenClaims, keyid: str) -> Facts:
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
