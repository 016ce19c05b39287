"""The consumer's side: from an agency's application to another agency's gateway and back."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.request import RequestBuilder

from terpadu_gateway.access import HeldToken, TokenWallet
from terpadu_gateway.answers import Answer
from terpadu_gateway.bodies import answer_value, read_request
from terpadu_gateway.calls import Call, call_facts, covered_headers, further_headers
from terpadu_gateway.clients import AnswerTooLargeError, Clients, fetch
from terpadu_gateway.config import GatewayConfig, OutwayConfig
from terpadu_gateway.consents import HEADER as CONSENT_HEADER
from terpadu_gateway.envelopes import is_fault
from terpadu_gateway.identities import Identity, Secrets
from terpadu_gateway.interactions import Interactions
from terpadu_gateway.journal import Journal
from terpadu_gateway.messages import Incoming, Refusal, Upload
from terpadu_gateway.receipts import (
    UNSIGNED,
    SignedRequest,
    SignedResponse,
    answered,
    failed,
    request_record,
    request_signed,
)
from terpadu_gateway.replies import Reply, foreign_refusal, stream_answer, their_problem, whole_answer
from terpadu_gateway.rules import Rules, check
from terpadu_gateway.snapshots import SnapshotKeeper
from terpadu_gateway.streaming import (
    OpenAnswer,
    Passage,
    VerifiedContent,
)
from terpadu_gateway.subjects import answered_identifier, requested_identifier, subject_pseudonym
from terpadu_gateway.systems import to_bytes
from terpadu_gateway.uploads import Sending
from terpadu_wire.batches import KnownRoots
from terpadu_wire.errors import SignatureError
from terpadu_wire.policy import decide
from terpadu_wire.problems import Side
from terpadu_wire.records import Record
from terpadu_wire.signing import BEARER_DIGEST, STREAM, VerifiedSignature, verify_response
from terpadu_wire.streams import StreamReader, StreamWriter
from terpadu_wire.transactions import new_transaction_id


class Outway:
    """Answers the calls of an agency's applications.

    Args:
        config: the gateway's configuration with its outway.
        secrets: keys of the agencies it acts for.
        snapshots: what may be believed now.
        clients: HTTP clients.
        journal: where records become durable.
        rules: enforces consent and quota.
        interactions: calls whose results come later.
        clock: gives Unix seconds.
    """

    side: Side = "consumer-gateway"

    def __init__(
        self,
        config: GatewayConfig,
        *,
        secrets: Secrets,
        snapshots: SnapshotKeeper,
        clients: Clients,
        journal: Journal,
        rules: Rules,
        interactions: Interactions,
        clock: Callable[[], float],
    ) -> None:
        self._peer_of_key: dict[str, str] = {}
        if config.outway is not None:
            self.take(config.outway)
        self._rules = rules
        self._interactions = interactions
        self._limits = config.limits
        self._secrets = secrets
        self._snapshots = snapshots
        self._clients = clients
        self._journal = journal
        self._clock = clock
        self._roots = KnownRoots()
        self._wallet = TokenWallet(clients, clock=clock)

    def take(self, outway: OutwayConfig) -> None:
        """Answer the applications of a configuration from now on, and no others."""
        self._peer_of_key = {one.key_sha256: one.peer_id for one in outway.applications}

    def authenticate(self, headers: dict[str, str]) -> Identity:
        """Return the agency that an application calls for, by the application's key.

        Raises:
            Refusal: ``application.unknown``.
        """
        scheme, _, key = headers.get("authorization", "").partition(" ")
        # Looked up by hash: how long it takes says nothing about the key.
        peer_id = self._peer_of_key.get(hashlib.sha256(key.strip().encode()).hexdigest())
        if scheme.lower() != "bearer" or peer_id is None:
            raise Refusal("application.unknown", "send the application's key as Authorization: Bearer …")
        return self._secrets.identities[peer_id]

    async def answer(self, identity: Identity, incoming: Incoming) -> Answer:
        """Return the provider's answer to a call of one of our agencies.

        Raises:
            Refusal: whatever stands against the call, or went wrong with it.
            JournalError: a record could not be made durable.
        """
        call = self._allow(identity, incoming)
        try:
            await self._weigh(call)
            return await self._exchange(call)
        except Refusal as refusal:
            refusal.transaction_id = call.transaction_id
            raise

    async def _exchange(self, call: Call) -> Answer:
        token = await self._wallet.token_for(call.right, call.identity, call.snapshot)
        if call.is_foreign:
            call = call._replace(target_uri=token.audience.rstrip("/") + call.target_uri)
        request, asked = await self._sign_and_record(call, token)
        try:
            if call.decision.streams and call.upload is None and not call.is_foreign:
                return await self._pass_stream(call, request, asked)
            reply = await self._ask(call, request, asked)
            if call.is_foreign:
                reply = self._accept_foreign(call, reply)
            self._accept(call, reply)
            await self._note_interaction(call, asked, reply)
        except Refusal as refusal:
            await self._record_failure(asked, refusal)
            raise
        await self._record_answer(call, asked, reply)
        return whole_answer(call.transaction_id, reply)

    def _allow(self, identity: Identity, incoming: Incoming) -> Call:
        snapshot = self._snapshots.current
        if snapshot is None:
            raise Refusal("gateway.no_snapshot", retry_after=2)
        now = self._clock()
        facts = call_facts(incoming, identity)
        decision = decide(facts, snapshot, now=now)
        right = decision.right
        provider = snapshot.peer(facts.provider)
        check(decision)
        if right is None or provider is None:
            raise Refusal("gateway.internal")
        if not (provider.inway_url or provider.is_foreign):
            raise Refusal("provider.unreachable", "the provider has no inway")
        body = read_request(decision, facts, incoming)
        headers = covered_headers(incoming, decision, transaction_id=new_transaction_id(now=now))
        if right.properties.consent.required:
            shown = self._rules.consents.shown(incoming.headers)
            headers["terpadu-consent"] = shown.artefact.id if shown.artefact else ""
            headers |= {CONSENT_HEADER: shown.text} if shown.text else {}
        query = f"?{incoming.query}" if incoming.query else ""
        identifier = requested_identifier(decision.subject, body.value)
        return Call(
            transaction_id=headers["fsc-transaction-id"],
            identity=identity,
            snapshot=snapshot,
            facts=facts,
            decision=decision,
            right=right,
            target_uri=provider.inway_url.rstrip("/") + facts.path + query,
            headers=headers,
            body=incoming.body,
            upload=incoming.upload,
            identifier=identifier,
            subject=subject_pseudonym(self._secrets.subject_key, identifier),
            interaction=body.interaction,
            deadline=now + self._patience(incoming.headers) / 1000,
            further=further_headers(decision, incoming.headers),
            described=incoming.headers,
            is_foreign=provider.is_foreign,
        )

    async def _weigh(self, call: Call) -> None:
        await self._interactions.check(call.interaction, parties=call.facts.parties, call=call.again)
        await self._rules.weigh(
            call.decision,
            side="out",
            subject=call.subject,
            shown=self._rules.consents.shown(call.headers),
            consent_id=call.headers["terpadu-consent"],
        )

    def _patience(self, headers: dict[str, str]) -> int:
        text = headers.get("terpadu-deadline-ms", "")
        if not text:
            return self._limits.default_deadline_ms
        if not text.isdecimal() or len(text) > 9 or int(text) < 1:
            raise Refusal("gateway.header_refused", "Terpadu-Deadline-Ms is a whole number of milliseconds")
        return min(int(text), self._limits.max_deadline_ms)

    async def _sign_and_record(self, call: Call, token: HeldToken) -> tuple[SignedRequest, Record]:
        headers = call.headers | {"fsc-authorization": f"Bearer {token.text}", BEARER_DIGEST: token.sha256}
        now = self._clock()
        try:
            message = call.identity.signer.prepare_request(
                method=call.facts.method, target_uri=call.target_uri, headers=headers, now=now
            )
        except SignatureError as error:
            raise Refusal("gateway.header_refused", error.reason) from error
        asked = request_record(
            "out",
            transaction_id=call.transaction_id,
            facts=call.facts,
            decision=call.decision,
            request=SignedRequest(call.facts.method, call.target_uri, headers, UNSIGNED),
            token_sha256=token.sha256,
            subject=call.subject,
            now=now,
        )
        asked.interaction = call.interaction
        signature = await self._journal.write_signed(message, partial(request_signed, asked))
        return SignedRequest(call.facts.method, call.target_uri, headers, signature), asked

    def _build(self, call: Call, request: SignedRequest) -> tuple[RequestBuilder, float]:
        """Return the request to the provider's gateway and the seconds that are left for it."""
        left = call.deadline - self._clock()
        if left <= 0:
            raise Refusal("gateway.deadline")
        headers = {
            **request.headers,
            **request.signature.headers(),
            **call.further,
            "terpadu-deadline-ms": str(int(left * 1000)),
        }
        client = self._clients.for_peer(call.identity.peer_id)
        builder = client.request(request.method, call.target_uri).headers(headers)
        return (builder if call.upload is not None else builder.body_bytes(call.body)), left

    async def _pass_stream(self, call: Call, request: SignedRequest, asked: Record) -> Answer:
        builder, left = self._build(call, request)
        try:
            opened = await OpenAnswer.of(builder, patience=left)
        except TimeoutError as error:
            raise Refusal("gateway.deadline", "no answer in time", side="provider-gateway") from error
        except PyreqwestError as error:
            raise Refusal("provider.unreachable", side="provider-gateway", retry_after=1) from error
        head = SignedResponse(opened.status, dict(opened.headers))
        try:
            if head.headers.get("content-type") != STREAM:
                return await self._pass_whole(call, request, asked, Reply(head, await opened.whole(), None))
            proof = self._prove(call, request, head, None)
            if proof is None or not head.status < 300:
                raise Refusal("provider.unproven", "the answer is not understood", side="provider-gateway")
            reader = StreamReader(
                call.snapshot.keys_of(call.facts.provider)[proof.keyid], head.headers["signature"]
            )
            content = VerifiedContent(opened, reader, Passage(asked, head, self._journal, self._clock))
            return await stream_answer(call.transaction_id, head.status, content, proof)
        except Refusal:
            await opened.close()
            raise

    async def _pass_whole(self, call: Call, request: SignedRequest, asked: Record, reply: Reply) -> Answer:
        """Pass on what could have been a stream and came whole, since it is small or a refusal."""
        proof = self._prove(call, request, reply.response, reply.body)
        proven = Reply(reply.response, reply.body, proof)
        self._accept(call, proven)
        await self._record_answer(call, asked, proven)
        return whole_answer(call.transaction_id, proven)

    async def _ask(self, call: Call, request: SignedRequest, asked: Record) -> Reply:
        builder, left = self._build(call, request)
        try:
            if call.upload is not None:
                late = Refusal("gateway.deadline", "no answer in time", side="provider-gateway")
                sending = self._sending(call, request, asked, call.upload)
                status, given, body = await sending.fetch(builder, patience=left, late=late)
            else:
                status, given, body = await fetch(builder.timeout(timedelta(seconds=left)))
        except RequestTimeoutError as error:
            raise Refusal("gateway.deadline", "no answer in time", side="provider-gateway") from error
        except AnswerTooLargeError as error:
            raise Refusal("provider.unproven", "the answer is too large", side="provider-gateway") from error
        except PyreqwestError as error:
            raise Refusal("provider.unreachable", side="provider-gateway", retry_after=1) from error
        response = SignedResponse(status, given)
        return Reply(response, body, self._prove(call, request, response, body))

    def _sending(self, call: Call, request: SignedRequest, asked: Record, upload: Upload) -> Sending:
        return Sending(
            asked,
            self._journal,
            declared=call.headers["content-digest"],
            upload=upload,
            headers=call.described,
            writer=StreamWriter(call.identity.signer.secret, request.signature.signature),
        )

    async def _note_interaction(self, call: Call, asked: Record, reply: Reply) -> None:
        """Open an interaction when the result comes later; end it when this call brought it."""
        operation = call.decision.operation
        if reply.response.status == 202 and operation is not None and operation.deferred is not None:
            asked.interaction = call.transaction_id
            parties, within = call.facts.parties, operation.deferred.within
            await self._interactions.open(call.transaction_id, parties=parties, within=within)
        elif call.interaction and reply.response.status != 202:
            await self._interactions.end(call.interaction, call=call.again)

    def _prove(
        self, call: Call, request: SignedRequest, response: SignedResponse, body: bytes | None
    ) -> VerifiedSignature | None:
        if call.is_foreign:
            return None  # FSC's gateways sign nothing; what they answer is proven by their connection alone
        keys = call.snapshot.keys_of(call.facts.provider)
        if response.status >= 400 and "signature" not in response.headers:
            return None  # a refusal before the provider's gateway knew whom to answer for; it carries no data
        try:
            return verify_response(
                status=response.status,
                headers=response.headers,
                body=body,
                request_signature=request.signature.signature,
                find_key=keys.get,
                now=self._clock(),
                roots=self._roots,
            )
        except SignatureError as error:
            raise Refusal(
                "provider.unproven", "the answer's signature does not hold", side="provider-gateway"
            ) from error

    def _accept_foreign(self, call: Call, reply: Reply) -> Reply:
        """Return of a foreign answer what the contract lets pass; a foreign gateway knows nothing of our field rules."""
        if reply.response.status >= 300:
            if reply.response.status == 401:
                self._wallet.drop(call.right)
            raise foreign_refusal(reply)
        value = answer_value(call.decision, reply.body)
        answered_identifier(call.decision.subject, value, requested=call.identifier)
        if call.decision.soap is not None:
            return reply
        kept, _ = self._rules.filtered(call.decision, value)
        return Reply(reply.response, to_bytes(kept) if reply.body else b"", None)

    def _accept(self, call: Call, reply: Reply) -> None:
        """Turn the provider's problem into ours, and forget a token that it did not take."""
        if reply.response.status < 300 or _is_proven_fault(call, reply):
            return
        refusal = their_problem(reply)
        if refusal.code.startswith("token."):
            self._wallet.drop(call.right)
        raise refusal

    async def _record_answer(self, call: Call, asked: Record, reply: Reply) -> None:
        subject = ""
        rule = call.decision.subject
        if rule is not None and rule.where == "response":
            identifier = answered_identifier(rule, answer_value(call.decision, reply.body), requested="")
            subject = subject_pseudonym(self._secrets.subject_key, identifier)
        await self._journal.write(
            answered(asked, reply.response, fields=(), subject=subject, now=self._clock())
        )

    async def _record_failure(self, asked: Record, refusal: Refusal) -> None:
        problem = refusal.problem(side=self.side)
        response = SignedResponse(problem.http_status, {})
        refused = problem.http_status < 500
        await self._journal.write(
            failed(asked, response, code=refusal.code, refused=refused, now=self._clock())
        )


def _is_proven_fault(call: Call, reply: Reply) -> bool:
    """Say whether a SOAP system answered with a fault of its own, which is an answer like any other."""
    given = reply.response.headers.get("content-type", "")
    return call.decision.soap is not None and reply.proof is not None and is_fault(given, reply.body)
