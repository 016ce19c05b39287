"""The provider's side: from another agency's gateway to our agency's system and back."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from terpadu_gateway.access import TokenDesk
from terpadu_gateway.answers import Answer, StreamAnswer, fsc_answer, problem_answer
from terpadu_gateway.bodies import Body, read_request
from terpadu_gateway.config import GatewayConfig, InwayConfig
from terpadu_gateway.envelopes import answered_value
from terpadu_gateway.idempotency import NOT_CARRIED_OUT, Attempt, KeptOutcome, Outcomes, idempotency_key
from terpadu_gateway.identities import Secrets
from terpadu_gateway.interactions import Interactions
from terpadu_gateway.journal import Journal
from terpadu_gateway.messages import MAX_BODY, Incoming, Refusal, Upload
from terpadu_gateway.questions import question_of
from terpadu_gateway.receipts import (
    SignedRequest,
    SignedResponse,
    answered,
    failed,
    request_record,
    response_signed,
)
from terpadu_gateway.replay import SeenMessages
from terpadu_gateway.rules import Rules, check, refuse_break
from terpadu_gateway.snapshots import SnapshotKeeper
from terpadu_gateway.streaming import RANGE_HEADERS, Passage, begun, signed_frames
from terpadu_gateway.subjects import answered_identifier, requested_identifier, subject_pseudonym
from terpadu_gateway.systems import Question, Systems
from terpadu_gateway.uploads import Receiving
from terpadu_gateway.visits import Visit, bearer, facts_of, patience_of, target_uri_of
from terpadu_wire.batches import KnownRoots
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import SignatureError, TokenError
from terpadu_wire.policy import Decision, decide
from terpadu_wire.problems import Side
from terpadu_wire.records import Record
from terpadu_wire.signing import BEARER_DIGEST, STREAM, MessageSignature, verify_request
from terpadu_wire.streams import StreamReader, StreamWriter
from terpadu_wire.transactions import is_transaction_id


class Outcome(NamedTuple):
    """What may go back: status, body, the fields in it, the pseudonym of the person, where it broke its OpenAPI."""

    status: int
    body: bytes
    fields: tuple[str, ...]
    subject: str
    broken: str
    content_type: str = "application/json"


class Inway:
    """Answers other agencies' gateways for the systems behind this one.

    Args:
        config: the gateway's configuration.
        inway: its inway.
        secrets: keys of the agencies it acts for.
        snapshots: what may be believed now.
        journal: where records become durable.
        outcomes: of calls with an Idempotency-Key.
        rules: enforces consent, quota, OpenAPI and field rules.
        interactions: calls whose results come later.
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
        outcomes: Outcomes,
        rules: Rules,
        interactions: Interactions,
        clock: Callable[[], float],
    ) -> None:
        self._limits = config.limits
        self._rules = rules
        self._interactions = interactions
        self._secrets = secrets
        self._snapshots = snapshots
        self._journal = journal
        self._clock = clock
        self._systems = Systems(inway)
        self._tokens = TokenDesk(secrets.identities.keys(), clock=clock)
        self._outcomes = outcomes
        self._roots = KnownRoots()
        self._seen = SeenMessages()
        self._seen.recall(config.segments, now=clock())

    def authenticate(self, headers: dict[str, str]) -> str:
        """Return the token, which must be there before the body is read.

        Raises:
            Refusal: ``token.missing``.
        """
        return bearer(headers)

    def take(self, inway: InwayConfig) -> None:
        """Call the systems of a new configuration from now on; calls in hand go on with those before."""
        before, self._systems = self._systems, Systems(inway)
        before.retire()

    async def answer(self, token: str, incoming: Incoming) -> Answer:
        """Return our system's answer to another agency's call, signed.

        Raises:
            Refusal: the sender is not proven.
            JournalError: a record could not be made durable.
        """
        return await self.answer_visit(self._prove(token, incoming))

    async def answer_visit(self, visit: Visit) -> Answer:
        """Return our system's answer to a call whose sender is proven, signed.

        Raises:
            JournalError: a record could not be made durable.
        """
        incoming = visit.incoming
        decision = decide(visit.facts, visit.snapshot, now=self._clock())
        identifier = subject = broken = interaction = ""
        try:
            body = self._check(visit, decision)
            identifier, interaction = requested_identifier(decision.subject, body.value), body.interaction
            subject = subject_pseudonym(self._secrets.subject_key, identifier)
            await self._weigh(visit, decision, subject, interaction)
            broken = await self._rules.request_break(
                decision, incoming, body.value, transaction_id=visit.transaction_id
            )
            refuse_break(decision, broken, "request.breaks_openapi")
        except Refusal as refusal:
            refused = Decision(False, refusal.code, decision.right, decision.operation)
            asked = await self._record_request(visit, refused, subject, broken, interaction)
            return await self._refuse(visit, asked, refusal)
        asked = await self._record_request(visit, decision, subject, broken, interaction)
        try:
            if decision.streams and incoming.upload is None and not visit.is_foreign:
                return await self._give_stream(visit, decision, asked)
            outcome = await self._ask_once(visit, decision, identifier, asked)
            asked.openapi_break = outcome.broken or broken
            refuse_break(decision, outcome.broken, "system.breaks_openapi")
            await self._note_interaction(visit, decision, asked, outcome)
        except Refusal as refusal:
            return await self._refuse(visit, asked, refusal)
        return await self._give(visit, asked, outcome)

    def _prove(self, token: str, incoming: Incoming) -> Visit:
        snapshot = self._snapshots.current
        if snapshot is None:
            raise Refusal("gateway.no_snapshot", retry_after=2)
        now, headers = self._clock(), incoming.headers
        try:
            known = self._tokens.check(token, snapshot)
            claims = known.claims
            if headers.get(BEARER_DIGEST) != known.sha256:
                raise TokenError("token.other_digest", "the token is not the one that was signed for")
            target_uri = target_uri_of(snapshot, claims, incoming)
            keys = snapshot.keys_of(claims.connecting_peer)
            signed = verify_request(
                method=incoming.method,
                target_uri=target_uri,
                headers=headers,
                body=incoming.body if incoming.upload is None else None,
                find_key=keys.get,
                now=now,
                roots=self._roots,
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
            facts=facts_of(incoming, claims, signed.keyid),
            request=SignedRequest(
                incoming.method,
                target_uri,
                headers,
                MessageSignature(headers["signature-input"], headers["signature"]),
            ),
            token_sha256=known.sha256,
            deadline=now + patience_of(headers, self._limits),
        )

    def _check(self, visit: Visit, decision: Decision) -> Body:
        check(decision)
        if not self._systems.knows(visit.facts.provider, visit.facts.service):
            raise Refusal("service.unknown", "the service is not offered by this gateway")
        return read_request(decision, visit.facts, visit.incoming)

    async def _weigh(self, visit: Visit, decision: Decision, subject: str, interaction: str) -> None:
        headers = visit.incoming.headers
        await self._interactions.check(interaction, parties=visit.facts.parties, call=visit.again)
        await self._rules.weigh(
            decision,
            side="in",
            subject=subject,
            shown=self._rules.consents.shown(headers),
            consent_id=headers["terpadu-consent"],
        )

    async def _record_request(
        self, visit: Visit, decision: Decision, subject: str, broken: str, interaction: str
    ) -> Record:
        asked = request_record(
            "in",
            transaction_id=visit.transaction_id,
            facts=visit.facts,
            decision=decision,
            request=visit.request,
            token_sha256=visit.token_sha256,
            subject=subject,
            now=self._clock(),
        )
        asked.openapi_break, asked.interaction = broken, interaction
        await self._journal.write(asked)
        return asked

    async def _note_interaction(
        self, visit: Visit, decision: Decision, asked: Record, outcome: Outcome
    ) -> None:
        """Open an interaction when the result comes later; end it when this call brought it."""
        operation = decision.operation
        if outcome.status == 202 and operation is not None and operation.deferred is not None:
            asked.interaction = visit.transaction_id
            parties, within = visit.facts.parties, operation.deferred.within
            await self._interactions.open(visit.transaction_id, parties=parties, within=within)
        elif asked.interaction and outcome.status != 202:
            await self._interactions.end(asked.interaction, call=visit.again)

    async def _ask_once(self, visit: Visit, decision: Decision, identifier: str, asked: Record) -> Outcome:
        """Ask the system; a call with an Idempotency-Key only if it was not carried out before.

        An event is pushed until its system said that it took it.
        """
        key = idempotency_key(visit.incoming.headers)
        if not key:
            return await self._ask_system(visit, decision, identifier, asked)
        is_event = decision.operation is not None and decision.operation.topic is not None
        attempt = self._attempt(key, visit, decision)
        kept = await self._outcomes.begin(attempt, at_least_once=is_event)
        if kept is not None:
            form = _content_type(visit, decision)
            # Of an event that comes again under another grant nothing is said but that it is known.
            body, fields = (b"", ()) if is_event else (kept.body, kept.fields)
            return Outcome(kept.status, body, fields, kept.subject, kept.broken, form)
        try:
            outcome = await self._ask_system(visit, decision, identifier, asked)
        except Refusal as refusal:
            if is_event or refusal.code in NOT_CARRIED_OUT:
                await self._outcomes.forget(attempt)
            raise
        done = KeptOutcome(outcome.status, outcome.body, outcome.fields, outcome.subject, outcome.broken)
        await self._outcomes.finish(attempt, done)
        return outcome

    def _attempt(self, key: str, visit: Visit, decision: Decision) -> Attempt:
        """Return a call under its key; an event is the same under all grants, an id one event of one topic for one interface."""
        facts, request = visit.facts, visit.request
        topic = decision.operation.topic if decision.operation is not None else None
        caller, grant_hash = facts.consumer, facts.grant_hash
        if topic is not None:
            caller = "\n".join((caller, facts.provider, facts.service, topic.service, topic.type))
            grant_hash = ""
        # An outcome was given by the rules of its own grant; another grant may open less.
        digest = request.headers["content-digest"]
        same = (grant_hash, facts.service, request.method, request.target_uri, digest)
        return self._outcomes.attempt(key, caller=caller, asked=same)

    async def _ask_system(self, visit: Visit, decision: Decision, identifier: str, asked: Record) -> Outcome:
        question = question_of(visit, decision, now=self._clock())
        if visit.incoming.upload is not None:
            question = await self._with_upload(question, visit, asked, visit.incoming.upload)
        if decision.soap is not None:
            return await self._pass_envelope(question, visit, decision, identifier)
        answer = await self._systems.call(question)
        broken = await self._rules.answer_break(
            decision,
            status=answer.status,
            value=answer.value,
            has_body=bool(answer.raw),
            transaction_id=visit.transaction_id,
        )
        about = answered_identifier(decision.subject, answer.value, requested=identifier)
        kept, fields = self._rules.filtered(decision, answer.value)
        # The request's record already holds the pseudonym of the person asked for.
        subject = subject_pseudonym(self._secrets.subject_key, about) if about != identifier else ""
        return Outcome(answer.status, answer.body_of(kept), fields, subject, broken)

    async def _pass_envelope(
        self, question: Question, visit: Visit, decision: Decision, identifier: str
    ) -> Outcome:
        """Return a SOAP system's envelope as it is; a fault is its answer too, but about nobody."""
        status, raw = await self._systems.pass_envelope(question)
        value = answered_value(decision, raw)
        about = identifier
        if value is not None:
            about = answered_identifier(decision.subject, value, requested=identifier)
        subject = subject_pseudonym(self._secrets.subject_key, about) if about != identifier else ""
        fields = ("",) if value is not None else ()
        return Outcome(status, raw, fields, subject, "", _content_type(visit, decision))

    async def _with_upload(self, question: Question, visit: Visit, asked: Record, upload: Upload) -> Question:
        key = visit.snapshot.keys_of(visit.claims.connecting_peer)[visit.facts.key_thumbprint]
        reader = StreamReader(key, visit.request.signature.signature)
        declared = visit.request.headers["content-digest"]
        content = Receiving(asked, self._journal, declared=declared, upload=upload, reader=reader)
        described = await content.head()
        return question._replace(upload=content, headers={**question.headers, **described})

    async def _give(self, visit: Visit, asked: Record, outcome: Outcome) -> Answer:
        content_type = outcome.content_type if outcome.body else ""
        answer = self._addressed(visit, Answer(outcome.status, {"content-type": content_type}, outcome.body))
        response = SignedResponse(answer.status, answer.headers)
        given = answered(asked, response, fields=outcome.fields, subject=outcome.subject, now=self._clock())
        return await self._sign_and_record(visit, answer, given)

    async def _give_stream(self, visit: Visit, decision: Decision, asked: Record) -> Answer:
        question = question_of(visit, decision, now=self._clock(), further=RANGE_HEADERS)
        opened = await self._systems.open(question)
        if opened.status == 200 and opened.size <= MAX_BODY:
            outcome = Outcome(200, await opened.whole(), ("",), "", "", opened.content_type)
            return await self._give(visit, asked, outcome)
        head = Answer(opened.status, {"content-type": STREAM, "content-digest": ""}, b"")
        headers = head.headers | {"fsc-transaction-id": visit.transaction_id}
        signer = visit.identity.signer
        signature = signer.sign_response(
            status=opened.status,
            headers=headers,
            request_signature=visit.request.signature.signature,
            now=self._clock(),
        )
        headers |= signature.headers()
        passage = Passage(asked, SignedResponse(opened.status, headers), self._journal, self._clock)
        frames = signed_frames(opened, StreamWriter(signer.secret, signature.signature), passage)
        return StreamAnswer(opened.status, headers, b"", await begun(frames))

    async def _refuse(self, visit: Visit, asked: Record, refusal: Refusal) -> Answer:
        refusal.transaction_id = visit.transaction_id
        problem = refusal.problem(side=self.side)
        told = fsc_answer(problem) if visit.is_foreign else problem_answer(problem)
        answer = self._addressed(visit, told)
        response = SignedResponse(answer.status, answer.headers)
        refused = answer.status < 500
        given = failed(asked, response, code=refusal.code, refused=refused, now=self._clock())
        return await self._sign_and_record(visit, answer, given)

    def _addressed(self, visit: Visit, answer: Answer) -> Answer:
        headers = {
            **answer.headers,
            "content-digest": content_digest(answer.body),
            "fsc-transaction-id": visit.transaction_id,
        }
        return Answer(answer.status, headers, answer.body)

    async def _sign_and_record(self, visit: Visit, answer: Answer, given: Record) -> Answer:
        message = visit.identity.signer.prepare_response(
            status=answer.status,
            headers=answer.headers,
            request_signature=visit.request.signature.signature,
            now=self._clock(),
        )
        signature = await self._journal.write_signed(message, partial(response_signed, given))
        answer.headers.update(signature.headers())
        return answer


def _content_type(visit: Visit, decision: Decision) -> str:
    """Return the type of what a system answers a call with: an envelope comes back as one went."""
    return visit.request.headers["content-type"] if decision.soap is not None else "application/json"
