"""May this call be made? One pure function, run by both gateways and by the control plane's "explain"."""

from collections.abc import Iterator
from dataclasses import dataclass

from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Operation, Properties, Subject
from terpadu_wire.snapshot import Right, Snapshot

MAX_EVIDENCE = 200
"""Longest evidence reference, in characters."""

STAGES = (
    "snapshot.expired",
    "peer.unknown",
    "service.unknown",
    "contract.none",
    "contract.invalid",
    "contract.not_valid",
    "contract.signature_invalid",
    "contract.properties_invalid",
    "contract.revoked",
    "contract.not_yet",
    "contract.expired",
    "contract.other_connection",
    "contract.other_key",
    "purpose.missing",
    "purpose.not_in_contract",
    "operation.not_in_contract",
    "operation.query_not_in_contract",
    "evidence.required",
    "evidence.malformed",
    "contract.ambiguous",
)
"""Every reason for a refusal, in the order in which it is looked for."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a call when its right is decided.

    Args:
        consumer: peer whose gateway calls.
        provider: peer that is called.
        service: name of its service.
        method: upper-case method.
        path: path below the service, beginning with "/", without query.
        key_thumbprint: public key that signs, or will sign, the call.
        purpose: code of the purpose that the caller names.
        evidence: reference of the case that the caller names, or "".
        grant_hash: the grant it stands on; "" looks for the only one that fits.
        query_names: names of its query parameters.
    """

    consumer: str
    provider: str
    service: str
    method: str
    path: str
    key_thumbprint: str
    purpose: str
    evidence: str = ""
    grant_hash: str = ""
    query_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a call may be made; when not, the stable code of the first rule that is against it."""

    allowed: bool
    code: str
    right: Right | None = None
    operation: Operation | None = None

    @property
    def properties(self) -> Properties | None:
        """The rules of the right that was looked at, if there was one."""
        return self.right.properties if self.right else None

    @property
    def subject(self) -> Subject | None:
        """Where the call names the person it is about; None when it is about nobody."""
        return self.right.properties.subject_of(self.operation) if self.right and self.operation else None


def decide(facts: Facts, snapshot: Snapshot, *, now: float) -> Decision:
    """Return whether a call may be made; denies unless a contract allows it.

    Args:
        facts: the call.
        snapshot: what the gateway believes.
        now: Unix seconds.
    """
    if now >= snapshot.hard_expires_at:
        return Decision(False, "snapshot.expired")
    if snapshot.peer(facts.consumer) is None or snapshot.peer(facts.provider) is None:
        return Decision(False, "peer.unknown")
    if not snapshot.has_service(facts.provider, facts.service):
        return Decision(False, "service.unknown")
    if facts.grant_hash:
        return _decide_grant(facts.grant_hash, facts, snapshot, now)
    return _only_fitting(list(_candidates(facts, snapshot, now)))


def _candidates(facts: Facts, snapshot: Snapshot, now: float) -> Iterator[Decision]:
    for one in snapshot.grant_hashes_between(
        consumer=facts.consumer, provider=facts.provider, service=facts.service
    ):
        yield _decide_grant(one, facts, snapshot, now)


def _only_fitting(decisions: list[Decision]) -> Decision:
    allowed = [decision for decision in decisions if decision.allowed]
    if len(allowed) == 1:
        return allowed[0]
    if allowed:
        return Decision(False, "contract.ambiguous")
    if not decisions:
        return Decision(False, "contract.none")
    # The grant that got furthest explains best what is missing.
    return max(decisions, key=lambda decision: STAGES.index(decision.code))


def _decide_grant(grant_hash: str, facts: Facts, snapshot: Snapshot, now: float) -> Decision:
    try:
        right = snapshot.right(grant_hash)
    except ContractError as error:
        return Decision(False, error.code)
    operation = right.properties.operation_for(facts.method, facts.path)
    code = _against_contract(right, facts, now) or _against_rules(right, operation, facts)
    return Decision(not code, code, right, operation)


def _against_contract(right: Right, facts: Facts, now: float) -> str:
    grant, validity = right.grant, right.contract.validity
    if now < validity.not_before:
        return "contract.not_yet"
    if now >= validity.not_after:
        return "contract.expired"
    connection = (grant.outway.peer_id, grant.service.peer_id, grant.service.name)
    if connection != (facts.consumer, facts.provider, facts.service):
        return "contract.other_connection"
    if grant.outway.public_key_thumbprint != facts.key_thumbprint:
        return "contract.other_key"
    return ""


def _against_rules(right: Right, operation: Operation | None, facts: Facts) -> str:
    if not facts.purpose:
        return "purpose.missing"
    if facts.purpose != right.properties.purpose.code:
        return "purpose.not_in_contract"
    if operation is None:
        return "operation.not_in_contract"
    if not facts.query_names <= set(operation.query):
        return "operation.query_not_in_contract"
    return _against_evidence(right.properties, facts.evidence)


def _against_evidence(properties: Properties, evidence: str) -> str:
    rule = properties.evidence
    if not evidence:
        return "evidence.required" if rule.required else ""
    pattern = rule.compiled
    if len(evidence) > MAX_EVIDENCE or (pattern is not None and pattern.fullmatch(evidence) is None):
        return "evidence.malformed"
    return ""
