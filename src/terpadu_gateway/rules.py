"""What a contract demands of each call beyond its head: consent, quota, OpenAPI, field forms. One object for both sides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from pydantic import JsonValue

from terpadu_gateway.consents import ConsentDesk, Shown
from terpadu_gateway.identities import Identity
from terpadu_gateway.interfaces import Shelf
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_gateway.quotas import Quotas, Side
from terpadu_wire.errors import JsonError
from terpadu_wire.fields import apply_fields, field_hash_key
from terpadu_wire.openapi import Break, OpenApiChecker
from terpadu_wire.policy import Circumstances, Decision, weigh
from terpadu_wire.properties import OpenApiRule
from terpadu_wire.snapshot import Right

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rules:
    """Enforces the rules of contracts.

    Args:
        quotas: what is left of each quota.
        consents: opens consent artefacts and asks whether they hold.
        shelf: compiled OpenAPI documents.
        identities: the agencies it acts for, by peer id; their keys are behind the hashes of field rules.
        clock: gives Unix seconds.
    """

    quotas: Quotas
    consents: ConsentDesk
    shelf: Shelf
    identities: Mapping[str, Identity]
    clock: Callable[[], float]

    async def weigh(
        self, decision: Decision, *, side: Side, subject: str, shown: Shown, consent_id: str
    ) -> None:
        """Let a call pass that has its consent and is within its quota, which it uses by one.

        Args:
            decision: what was decided by the call's head.
            side: which side of the exchange this gateway is.
            subject: pseudonym of the person it is about, or "".
            shown: the consent artefact that came with it.
            consent_id: id of the consent that was signed for.

        Raises:
            Refusal: any of the codes of :func:`terpadu_wire.policy.weigh`.
        """
        right = decision.right
        if right is None or not right.properties.weighs:
            return
        known = Circumstances(subject, consent_id, shown.artefact, bool(shown.text), "given")
        if right.properties.consent.required:
            await self._weigh_consent(decision, known, side)
        spent = await self.quotas.take(right, side=side, subject=subject)
        if spent is not None:
            check(weigh(decision, known._replace(spent=spent), now=self.clock()))

    async def _weigh_consent(self, decision: Decision, known: Circumstances, side: Side) -> None:
        """Check a consent by what it says; at the provider's side, which must know, also by the newest word on it."""
        check(weigh(decision, known, now=self.clock()))
        if side == "in" and known.consent is not None:
            word = await self.consents.word_on(known.consent)
            check(weigh(decision, known._replace(consent_status=word), now=self.clock()))

    async def request_break(
        self, decision: Decision, incoming: Incoming, body: JsonValue, *, transaction_id: str
    ) -> str:
        """Return where a request breaks the contract's OpenAPI document; "" when nowhere, or when nobody looked.

        Raises:
            Refusal: the document is not at hand and the contract refuses breaks.
        """
        checker = await self._checker(decision, transaction_id)
        if checker is None or decision.operation is None or decision.operation.upload:
            return ""
        broken = checker.request_break(
            decision.operation.id,
            path=incoming.path,
            query=incoming.query_pairs,
            body=body,
            has_body=bool(incoming.body),
        )
        return _noted(broken, transaction_id)

    async def answer_break(
        self, decision: Decision, *, status: int, value: JsonValue, has_body: bool, transaction_id: str
    ) -> str:
        """Return where a system's answer breaks the contract's OpenAPI document; "" as in :meth:`request_break`."""
        checker = await self._checker(decision, transaction_id)
        if checker is None or decision.operation is None:
            return ""
        broken = checker.answer_break(decision.operation.id, status=status, body=value, has_body=has_body)
        return _noted(broken, transaction_id)

    def filtered(self, decision: Decision, value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
        """Return (what of an answer the contract lets pass, by which pointers).

        Raises:
            Refusal: ``system.not_json``; a value to be hashed has no canonical form.
        """
        right, operation = decision.right, decision.operation
        if right is None or operation is None:
            return None, ()
        key = self._hash_key(right) if operation.fields.hash else b""
        try:
            return apply_fields(value, operation.fields, hash_key=key)
        except JsonError as error:
            raise Refusal("system.not_json", error.reason, side="system") from error

    def _hash_key(self, right: Right) -> bytes:
        """Return the key of the hashes, which only the providing agency can compute: a reader could else try every number."""
        provider = right.grant.service.peer_id
        # What a foreign provider gives is filtered by the reader's own gateway.
        owner = self.identities.get(provider) or self.identities[right.grant.outway.peer_id]
        return field_hash_key(owner.signer.key.private_bytes_raw(), consumer=right.reader, provider=provider)

    async def _checker(self, decision: Decision, transaction_id: str) -> OpenApiChecker | None:
        properties = decision.properties
        if properties is None or not _is_looked_at(properties.openapi, transaction_id):
            return None
        try:
            return await self.shelf.checker(properties.openapi_sha256)
        except Refusal as refusal:
            if properties.openapi.refuse:
                raise
            log.warning("openapi.not_checked", code=refusal.code, transaction_id=transaction_id)
            return None


def check(decision: Decision) -> None:
    """Let an allowed call pass.

    Raises:
        Refusal: with the decision's code, when to come again, and the quota that is used up.
    """
    if not decision.allowed:
        quota = decision.spent.detail() if decision.spent is not None else None
        raise Refusal(decision.code, retry_after=decision.retry_after, quota=quota)


def refuse_break(decision: Decision, broken: str, code: str) -> None:
    """Refuse a message that breaks its OpenAPI document when the contract says so; the place is no secret."""
    properties = decision.properties
    if broken and properties is not None and properties.openapi.refuse:
        raise Refusal(code, broken)


def _is_looked_at(rule: OpenApiRule, transaction_id: str) -> bool:
    """Say whether an exchange is held against the document; both parts of it are, or neither."""
    if rule.mode == "sample":
        return int(transaction_id[-8:], 16) % 100 < rule.percent
    return rule.mode == "always"


def _noted(broken: Break | None, transaction_id: str) -> str:
    if broken is None:
        return ""
    log.warning("openapi.broken", place=str(broken), transaction_id=transaction_id)
    return str(broken)[:300]
