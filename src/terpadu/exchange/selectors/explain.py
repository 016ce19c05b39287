"""Would this call be allowed? Answered by the function that the gateways run, on the snapshot that they run from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID

from django.db.models import Q, Sum
from pydantic import JsonValue

from terpadu.directory.public import AgencyView, agency_by_peer, agency_get
from terpadu.exchange.enums import ConsentState
from terpadu.exchange.models import Consent, Grant, QuotaLease
from terpadu.exchange.rules.explanations import Who, who_can_change
from terpadu.exchange.selectors.places import group_public_key
from terpadu.exchange.selectors.published import snapshot_body, snapshot_newest
from terpadu.exchange.selectors.registry import interface_row, interface_view
from terpadu.kernel.clock import now
from terpadu_wire.consents import ConsentArtefact
from terpadu_wire.contracts import content_hash
from terpadu_wire.errors import ContractError
from terpadu_wire.policy import STAGES, Circumstances, Decision, Facts, decide, weigh
from terpadu_wire.problems import KINDS
from terpadu_wire.quota import Spent, day_of, seconds_to_midnight
from terpadu_wire.snapshot import Right, Snapshot
from terpadu_wire.snapshot_wire import load_snapshot


@dataclass(frozen=True)
class Question:
    """A call that might be made.

    consumer: code of the agency in whose name data would be read. service: "<peer id or agency code>/<interface>".
    consent_id: id of a person's consent to try with, None for none. at: when; None for now. grant_hash: of the one right to
    try, "" for any that fits.
    """

    consumer: str
    service: str
    operation: str
    purpose: str
    evidence: str = ""
    consent_id: UUID | None = None
    at: datetime | None = None
    grant_hash: str = ""


@dataclass(frozen=True)
class Explanation:
    """The answer. code: "" when the call would be allowed. who: who can change it. agencies: theirs, to turn to.

    title: the problem in English, as gateways answer it. retry_after: seconds, 0 when waiting does not help.
    used_today, per_day: calls of the consumer's side; per_day None without a limit.
    """

    allowed: bool
    code: str
    title: str
    who: Who
    agencies: tuple[AgencyView, ...]
    retry_after: int
    grant_hash: str
    contract_hash: str
    purpose: str
    fields: tuple[str, ...]
    used_today: int
    per_day: int | None
    snapshot_version: int


def explain(question: Question) -> Explanation:
    """Return whether a call would be allowed, and if not which rule is against it and who can change that.

    Raises AgencyUnknown, InterfaceUnknown, NoSnapshot.
    """
    moment = (question.at or now()).timestamp()
    snapshot = _snapshot()
    reader = agency_get(question.consumer)
    interface = interface_row(question.service)
    provider = interface.peer.agency.peer_id
    operation = interface_view(interface).operation(question.operation)
    facts = _facts(question, reader.peer_id, (provider, interface.name), (operation.method, operation.path))
    ways = _each_way(facts, snapshot, only=question.grant_hash)
    decision = _best([decide(one, snapshot, now=moment) for one in ways])
    if question.grant_hash and decision.code == "contract.none":  # known here, and not concluded yet
        decision = decision._replace(code="contract.not_valid")
    right = decision.right
    used = _used_today(right, moment) if right is not None else 0
    decision = weigh(decision, _circumstances(question, right, used, moment), now=moment)
    quota = right.properties.quota if right is not None else None
    who = who_can_change(decision.code)
    return Explanation(
        allowed=decision.allowed,
        code=decision.code,
        title=KINDS[decision.code].title if decision.code else "",
        who=who,
        agencies=tuple(_turn_to(who, reader, provider)) if decision.code else (),
        retry_after=decision.retry_after,
        grant_hash=right.grant_hash if right else "",
        contract_hash=_contract_hash(right),
        purpose=right.properties.purpose.code if right else question.purpose,
        fields=decision.operation.fields.passing if decision.operation else (),
        used_today=used,
        per_day=quota.per_day if quota else None,
        snapshot_version=snapshot.version,
    )


def explanation_to_json(found: Explanation) -> dict[str, JsonValue]:
    """Return an explanation as the API and the command give it; what was used of a quota is not for everybody."""
    return {
        "allowed": found.allowed,
        "code": found.code,
        "title": found.title,
        "who_can_change": found.who if found.code else "",
        "agencies": [agency.code for agency in found.agencies],
        "retry_after": found.retry_after,
        "contract": found.contract_hash,
        "grant": found.grant_hash,
        "purpose": found.purpose,
        "fields": list(found.fields),
        "per_day": found.per_day,
        "snapshot_version": found.snapshot_version,
    }


def _snapshot() -> Snapshot:
    newest = snapshot_newest()
    return _loaded(newest.sha256, newest.version)


@lru_cache(maxsize=1)
def _loaded(sha256: str, version: int) -> Snapshot:
    return load_snapshot(snapshot_body(version), group_key=group_public_key(), now=now().timestamp())


def _facts(question: Question, reader: str, place: tuple[str, str], way: tuple[str, str]) -> Facts:
    """Return the facts of the call as the reader's own gateway would state them. way: method and path template."""
    return Facts(
        consumer=reader,
        provider=place[0],
        service=place[1],
        method=way[0],
        path="/".join("x" if part.startswith("{") else part for part in way[1].split("/")),
        key_thumbprint="",
        purpose=question.purpose,
        evidence=question.evidence,
    )


def _each_way(facts: Facts, snapshot: Snapshot, *, only: str = "") -> list[Facts]:
    """Return the facts for each grant by which somebody may read in the reader's name, or as they are without any.

    Grants for the purpose that is asked about come alone where there are any: their refusal says the most. only: hash of the
    one to try, "" for all.
    """
    acts_for = Q(delegator=facts.consumer) | Q(delegator="", consumer=facts.consumer)
    rows = Grant.objects.filter(acts_for, provider=facts.provider, service=facts.service)
    rows = rows.filter(grant_hash=only) if only else rows
    known = list(rows.order_by("-contract__proposed_at").values_list("grant_hash", "consumer", "purpose"))
    fitting = [row for row in known if row[2] == facts.purpose] or known
    found = [
        facts._replace(consumer=consumer, key_thumbprint=_key_of(snapshot, one), grant_hash=one)
        for one, consumer, _ in fitting
    ]
    return found or [facts]


def _key_of(snapshot: Snapshot, grant_hash: str) -> str:
    right = _right(snapshot, grant_hash)
    return right.grant.outway.public_key_thumbprint if right is not None else ""


def _right(snapshot: Snapshot, grant_hash: str) -> Right | None:
    try:
        return snapshot.right(grant_hash)
    except ContractError:
        return None


def _best(decisions: list[Decision]) -> Decision:
    allowed = [decision for decision in decisions if decision.allowed]
    if allowed:
        return allowed[0]
    return max(decisions, key=lambda decision: STAGES.index(decision.code))


def _circumstances(question: Question, right: Right | None, used: int, moment: float) -> Circumstances:
    row = Consent.objects.filter(pk=question.consent_id).first() if question.consent_id else None
    spent = None
    quota = right.properties.quota if right is not None else None
    if quota is not None and quota.per_day is not None and used >= quota.per_day:
        spent = Spent("quota.day", quota.per_day, seconds_to_midnight(moment, quota.timezone))
    if row is None or row.given_at is None:
        return Circumstances(spent=spent)
    artefact = ConsentArtefact(
        str(row.id),
        row.subject,
        row.consumer,
        row.provider,
        row.service,
        row.purpose,
        tuple(row.fields),
        int(row.given_at.timestamp()),
        int(row.until.timestamp()),
        "https://consent.invalid/",
    )
    word: Literal["given", "withdrawn"] = "given" if row.state == ConsentState.GIVEN else "withdrawn"
    return Circumstances(
        row.subject, str(row.id), artefact, has_artefact=True, consent_status=word, spent=spent
    )


def _used_today(right: Right, moment: float) -> int:
    quota = right.properties.quota
    if quota is None:
        return 0
    rows = QuotaLease.objects.filter(
        grant_hash=right.grant_hash, side="out", day=day_of(moment, quota.timezone)
    )
    return rows.aggregate(total=Sum("used"))["total"] or 0


def _turn_to(who: Who, reader: AgencyView, provider: str) -> list[AgencyView]:
    if who == "provider":
        return [agency_by_peer(provider)]
    if who == "both":
        return [reader, agency_by_peer(provider)]
    return [reader] if who in ("caller", "consumer") else []


def _contract_hash(right: Right | None) -> str:
    return content_hash(right.contract) if right is not None else ""
