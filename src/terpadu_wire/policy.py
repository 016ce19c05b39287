"""May this call be made? One pure decision in two steps, run by both gateways and by the control plane's "explain".

:func:`decide` needs what stands in the head of a call: contract, purpose, operation, hours, evidence. :func:`weigh`
takes its decision further with what is known once the body is read: whose data it is, the consent, what is left of the
quota. Neither reads a clock, a file or the network.
"""

import re
from typing import Literal, NamedTuple
from urllib.parse import unquote

from terpadu_wire.consents import ConsentArtefact
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Operation, Properties, Soap, Subject
from terpadu_wire.quota import Spent
from terpadu_wire.snapshot import Right, Snapshot

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
    "purpose.unknown",
    "purpose.changed",
    "purpose.not_active",
    "purpose.not_yet",
    "purpose.expired",
    "operation.not_in_contract",
    "operation.query_not_in_contract",
    "subject.in_url",
    "hours.closed",
    "evidence.required",
    "evidence.malformed",
    "contract.ambiguous",
    "consent.required",
    "consent.invalid",
    "consent.other_id",
    "consent.other_call",
    "consent.other_subject",
    "consent.other_fields",
    "consent.not_yet",
    "consent.expired",
    "consent.withdrawn",
    "consent.unchecked",
    "quota.second",
    "quota.day",
    "quota.subject_day",
)
"""Every reason for a refusal, in the order in which it is looked for; from ``consent.required`` on by :func:`weigh`."""

_IDENTIFIER = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
"""The shape of a NIK and of a family card's number; neither may stand in an address."""
_SKEW = 5
"""How far two clocks may be apart, in seconds."""


class Facts(NamedTuple):
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
        query: the query string itself, for the look whether it names a person.
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
    query: str = ""

    @property
    def parties(self) -> tuple[str, str]:
        """Who calls and who is called."""
        return (self.consumer, self.provider)


class Circumstances(NamedTuple):
    """What is known of a call once its body is read.

    Args:
        subject: keyed pseudonym of the person it is about, or "".
        consent_id: id of the consent that the caller signed for, or "".
        consent: the artefact, when its own signature holds; None when there is none or it does not.
        has_artefact: whether there was any.
        consent_status: the newest word on it; "given" where the consumer's side leaves that to the provider's.
        spent: the quota that is used up, or None.
    """

    subject: str = ""
    consent_id: str = ""
    consent: ConsentArtefact | None = None
    has_artefact: bool = False
    consent_status: Literal["given", "withdrawn", "unchecked"] = "unchecked"
    spent: Spent | None = None


class Decision(NamedTuple):
    """Whether a call may be made; when not, the stable code of the first rule that is against it.

    ``retry_after`` says in how many seconds it may be, 0 when waiting does not help; ``spent`` which quota is used up.
    """

    allowed: bool
    code: str
    right: Right | None = None
    operation: Operation | None = None
    retry_after: int = 0
    spent: Spent | None = None

    @property
    def properties(self) -> Properties | None:
        """The rules of the right that was looked at, if there was one."""
        return self.right.properties if self.right else None

    @property
    def subject(self) -> Subject | None:
        """Where the call names the person it is about; None when it is about nobody."""
        return self.right.properties.subject_of(self.operation) if self.right and self.operation else None

    @property
    def soap(self) -> Soap | None:
        """The SOAP message that the operation takes; None when it takes none."""
        return self.operation.soap if self.operation else None

    @property
    def streams(self) -> bool:
        """Whether the answers pass as a stream: the contract says so, and no rule wants to look inside."""
        operation, properties = self.operation, self.properties
        if operation is None or properties is None or not operation.streams or properties.openapi.refuse:
            return False
        subject = self.subject
        return subject is None or (subject.where == "request" and subject.match_pointer is None)


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
    hashes = snapshot.grant_hashes_between(
        consumer=facts.consumer, provider=facts.provider, service=facts.service
    )
    return _only_fitting([_decide_grant(one, facts, snapshot, now) for one in hashes])


def weigh(decision: Decision, circumstances: Circumstances, *, now: float) -> Decision:
    """Return a decision taken further: a call that :func:`decide` allowed may still lack a consent, or quota.

    Args:
        decision: what :func:`decide` said.
        circumstances: what the body and the gateway's own books say.
        now: Unix seconds.
    """
    right = decision.right
    if not decision.allowed or right is None:
        return decision
    if right.properties.consent.required:
        code = _against_consent(right, decision.operation, circumstances, now)
        if code:
            return decision._replace(allowed=False, code=code)
    spent = circumstances.spent
    if spent is not None:
        return decision._replace(allowed=False, code=spent.code, retry_after=spent.retry_after, spent=spent)
    return decision


def _only_fitting(decisions: list[Decision]) -> Decision:
    if len(decisions) == 1:
        return decisions[0]
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
    code = (
        _against_contract(right, facts, now)
        or _against_purpose(right, facts, snapshot, now)
        or _against_operation(right, operation, facts)
        or _against_hours(right, now)
        or _against_evidence(right.properties, facts.evidence)
    )
    wait = _until_open(right, now) if code == "hours.closed" else 0
    return Decision(not code, code, right, operation, wait)


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


def _against_purpose(right: Right, facts: Facts, snapshot: Snapshot, now: float) -> str:
    purpose = right.properties.purpose
    if not facts.purpose:
        return "purpose.missing"
    if facts.purpose != purpose.code:
        return "purpose.not_in_contract"
    if not purpose.id:
        return ""
    found = snapshot.purpose(purpose.id)
    if found is None:
        return "purpose.unknown"
    if found.digest != purpose.digest:
        return "purpose.changed"
    if found.state != "active":
        return "purpose.not_active"
    if now < found.not_before:
        return "purpose.not_yet"
    return "purpose.expired" if now >= found.not_after else ""


def _against_operation(right: Right, operation: Operation | None, facts: Facts) -> str:
    if operation is None:
        return "operation.not_in_contract"
    if not facts.query_names <= set(operation.query):
        return "operation.query_not_in_contract"
    if not right.properties.url_waiver and _names_a_person(facts):
        return "subject.in_url"
    return ""


def _names_a_person(facts: Facts) -> bool:
    # A path has no escapes; of a query whoever answers reads what its escapes stand for.
    return _IDENTIFIER.search(facts.path) is not None or (
        bool(facts.query) and _IDENTIFIER.search(unquote(facts.query)) is not None
    )


def _against_hours(right: Right, now: float) -> str:
    hours = right.properties.hours
    return "" if hours is None or hours.is_open(now) else "hours.closed"


def _until_open(right: Right, now: float) -> int:
    hours = right.properties.hours
    return hours.seconds_until_open(now) if hours is not None else 0


def _against_evidence(properties: Properties, evidence: str) -> str:
    rule = properties.evidence
    if not evidence:
        return "evidence.required" if rule.required else ""
    return "" if rule.fits(evidence) else "evidence.malformed"


def _against_consent(
    right: Right, operation: Operation | None, circumstances: Circumstances, now: float
) -> str:
    artefact = circumstances.consent
    if artefact is None:
        return "consent.invalid" if circumstances.has_artefact else "consent.required"
    grant = right.grant
    meant = (right.reader, grant.service.peer_id, grant.service.name, right.properties.purpose.code)
    checks = (
        (artefact.id != circumstances.consent_id, "consent.other_id"),
        (
            (artefact.consumer, artefact.provider, artefact.service, artefact.purpose) != meant,
            "consent.other_call",
        ),
        (artefact.subject != circumstances.subject, "consent.other_subject"),
        (not _covers(artefact.fields, operation), "consent.other_fields"),
        (now < artefact.issued_at - _SKEW, "consent.not_yet"),
        (now >= artefact.expires_at, "consent.expired"),
        (circumstances.consent_status == "withdrawn", "consent.withdrawn"),
        (circumstances.consent_status != "given", "consent.unchecked"),
    )
    return next((code for is_against, code in checks if is_against), "")


def _covers(fields: tuple[str, ...], operation: Operation | None) -> bool:
    """Say whether a consent names every field that the contract lets through for an operation, or one above it."""
    wanted = operation.fields.passing if operation is not None else ()
    return all(any(one == field or one.startswith(f"{field}/") for field in fields) for one in wanted)
