"""Problems (RFC 9457) of the toll road: every stable code with its status, its side and whether to try again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import orjson

Side: TypeAlias = Literal["consumer-gateway", "provider-gateway", "system", "contract"]
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What is always so for one code."""

    status: int
    title: str
    retryable: bool = False
    side: Side | None = None
    fsc_code: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal or failure, ready to be answered.

    Args:
        code: stable code, a key of :data:`KINDS`.
        side: where it happened.
        detail: one sentence for the operator of the calling application, without personal values.
        transaction_id: the exchange it belongs to, or "".
        retry_after: seconds to wait before another try, 0 for no advice.
        status: status code when it is not the usual one of the code.
        quota: what is used up, for a refusal by quota: window, limit, remaining.
    """

    code: str
    side: Side
    detail: str = ""
    transaction_id: str = ""
    retry_after: int = 0
    status: int = 0
    quota: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def kind(self) -> ProblemKind:
        """What is always so for its code; an unknown code counts as an internal failure."""
        return KINDS.get(self.code, KINDS["gateway.internal"])

    @property
    def http_status(self) -> int:
        """Status code to answer with."""
        return self.status or self.kind.status

    def body(self) -> bytes:
        """Return the problem as JSON."""
        members: dict[str, str | int | bool | dict[str, int | str]] = {
            "type": f"urn:terpadu:problem:{self.code}",
            "title": self.kind.title,
            "status": self.http_status,
            "code": self.code,
            "side": self.kind.side or self.side,
            "retryable": self.kind.retryable,
        }
        optional = {
            "detail": self.detail,
            "transaction_id": self.transaction_id,
            "retry_after": self.retry_after,
            "quota": dict(self.quota),
        }
        return orjson.dumps(members | {name: value for name, value in optional.items() if value})

    def headers(self) -> dict[str, str]:
        """Return the headers that go with it; ``Fsc-Error-Code`` is FSC's own code where FSC has one."""
        headers = {"content-type": MEDIA_TYPE, "fsc-error-code": self.kind.fsc_code or self.code}
        if self.transaction_id:
            headers["fsc-transaction-id"] = self.transaction_id
        if self.retry_after:
            headers["retry-after"] = str(self.retry_after)
        if self.http_status == 401:
            headers["www-authenticate"] = "Bearer"
        return headers


def _denied(title: str, status: int = 403, *, retryable: bool = False) -> ProblemKind:
    return ProblemKind(status, title, retryable, "contract")


_INVALID, _EXPIRED, _MISSING = (f"ERROR_CODE_ACCESS_TOKEN_{end}" for end in ("INVALID", "EXPIRED", "MISSING"))

KINDS: dict[str, ProblemKind] = {
    "application.unknown": ProblemKind(401, "The application key is missing or unknown"),
    "gateway.path_refused": ProblemKind(400, "The path or query is not acceptable"),
    "gateway.method_refused": ProblemKind(
        405, "The method is not supported", fsc_code="ERROR_CODE_METHOD_UNSUPPORTED"
    ),
    "gateway.header_refused": ProblemKind(400, "A header is missing, repeated, too long or malformed"),
    "gateway.body_too_large": ProblemKind(413, "The body is larger than 1 MB"),
    "gateway.deadline": ProblemKind(504, "The deadline passed before there was an answer", retryable=True),
    "gateway.overloaded": ProblemKind(503, "The gateway has too many calls at once", retryable=True),
    "gateway.draining": ProblemKind(503, "The gateway is shutting down", retryable=True),
    "gateway.no_snapshot": ProblemKind(503, "The gateway has no snapshot yet", retryable=True),
    "gateway.no_key": ProblemKind(503, "The gateway holds no key for this peer"),
    "gateway.records_unwritable": ProblemKind(
        503,
        "The record cannot be written, so nothing is passed on",
        True,
        fsc_code="TRANSACTION_LOG_WRITE_ERROR",
    ),
    "gateway.internal": ProblemKind(500, "The gateway failed"),
    "json.invalid": ProblemKind(400, "The body is not JSON"),
    "json.duplicate_key": ProblemKind(400, "The body has the same key twice in one object"),
    "json.number": ProblemKind(400, "The body has a number that cannot be carried"),
    "json.too_deep": ProblemKind(400, "The body nests too deep"),
    "json.not_canonical": ProblemKind(400, "The value has no canonical JSON form"),
    "json.not_base64url": ProblemKind(400, "The text is not base64url"),
    "snapshot.expired": ProblemKind(503, "The gateway's snapshot is too old to act on", retryable=True),
    "peer.unknown": _denied("The peer is not in the group", 404),
    "service.unknown": ProblemKind(
        404, "The peer publishes no such service", side="contract", fsc_code="ERROR_CODE_SERVICE_NOT_FOUND"
    ),
    "contract.none": _denied("No contract allows this connection"),
    "contract.invalid": _denied("The contract is malformed"),
    "contract.not_valid": _denied("The contract is not accepted by all its peers"),
    "contract.signature_invalid": _denied("A signature of the contract does not hold"),
    "contract.properties_invalid": _denied("The contract has rules that this gateway does not understand"),
    "contract.revoked": _denied("The contract was revoked"),
    "contract.not_yet": _denied("The contract does not hold yet"),
    "contract.expired": _denied("The contract no longer holds"),
    "contract.other_connection": _denied("The grant is for another connection"),
    "contract.other_key": _denied("The grant is for another key"),
    "contract.ambiguous": _denied("Several grants fit; name one in Fsc-Grant-Hash", 400),
    "purpose.missing": _denied("The call names no purpose", 400),
    "purpose.not_in_contract": _denied("The purpose is not the one of the contract"),
    "purpose.unknown": _denied("The contract names a purpose that the group does not know"),
    "purpose.changed": _denied("The contract names another version of the purpose"),
    "purpose.not_active": _denied("The purpose is not active"),
    "purpose.not_yet": _denied("The purpose does not hold yet"),
    "purpose.expired": _denied("The purpose no longer holds"),
    "operation.not_in_contract": _denied("The contract does not open this operation"),
    "operation.query_not_in_contract": _denied("The contract does not open this query parameter"),
    "evidence.required": _denied("The contract wants the reference of a case", 400),
    "evidence.malformed": _denied("The case reference is not of the form that the contract wants", 400),
    "hours.closed": ProblemKind(503, "The provider does not answer at this hour", True, "contract"),
    "subject.in_url": _denied("The address names a person, and the contract does not allow that", 400),
    "consent.required": _denied("The contract wants the person's consent"),
    "consent.invalid": _denied("The consent artefact is not valid"),
    "consent.other_id": _denied("The consent artefact is not the one that was signed for"),
    "consent.other_call": _denied("The consent is for another reader, purpose or service"),
    "consent.other_subject": _denied("The consent is another person's"),
    "consent.other_fields": _denied("The consent does not cover what the contract reads"),
    "consent.not_yet": _denied("The consent does not hold yet"),
    "consent.expired": _denied("The consent has expired"),
    "consent.withdrawn": _denied("The person has withdrawn the consent"),
    "consent.unchecked": ProblemKind(
        503, "Whether the consent still holds cannot be found out", True, "provider-gateway"
    ),
    "quota.second": _denied("The contract allows no more calls in this second", 429, retryable=True),
    "quota.day": _denied("The contract allows no more calls today", 429, retryable=True),
    "quota.subject_day": _denied(
        "The contract allows no more calls about this person today", 429, retryable=True
    ),
    "request.breaks_openapi": _denied("The request breaks the interface's OpenAPI document", 400),
    "system.breaks_openapi": ProblemKind(
        502, "The system's answer breaks its OpenAPI document", side="system"
    ),
    "openapi.unavailable": ProblemKind(
        503, "The OpenAPI document of the contract is not at hand", True, "provider-gateway"
    ),
    "openapi.invalid": _denied("The OpenAPI document of the contract cannot be used"),
    "purpose.invalid": _denied("The purpose is malformed", 400),
    "purpose.signature_invalid": _denied("A signature of the purpose does not hold"),
    "subject.missing": _denied("The call does not say which person it is about", 400),
    "subject.mismatch": ProblemKind(502, "The system answered about another person", side="system"),
    "token.missing": ProblemKind(401, "The call has no access token", fsc_code=_MISSING),
    "token.invalid": ProblemKind(401, "The access token is not valid", fsc_code=_INVALID),
    "token.life": ProblemKind(401, "The access token lives too long", fsc_code=_INVALID),
    "token.not_yet": ProblemKind(401, "The access token is not valid yet", fsc_code=_INVALID),
    "token.expired": ProblemKind(401, "The access token has expired", retryable=True, fsc_code=_EXPIRED),
    "token.wrong_audience": ProblemKind(401, "The access token is for another provider", fsc_code=_INVALID),
    "token.wrong_group": ProblemKind(
        403, "The access token is of another group", fsc_code="ERROR_CODE_WRONG_GROUP_ID_IN_TOKEN"
    ),
    "token.other_key": ProblemKind(401, "The access token is bound to another key", fsc_code=_INVALID),
    "token.other_digest": ProblemKind(
        401, "The access token is not the one that was signed for", fsc_code=_INVALID
    ),
    "token.refused": ProblemKind(403, "The provider's manager gave no access token"),
    "token.unavailable": ProblemKind(503, "The provider's manager cannot be reached", retryable=True),
    "signature.missing": ProblemKind(401, "The message is not signed"),
    "signature.malformed": ProblemKind(401, "The signature is not of the profile terpadu-exchange-1"),
    "signature.header": ProblemKind(400, "A covered header is missing or malformed"),
    "signature.unknown_key": ProblemKind(401, "The message is signed by an unknown key"),
    "signature.time": ProblemKind(401, "The signature is not valid now"),
    "signature.nonce": ProblemKind(401, "The nonce is not the transaction id"),
    "signature.digest": ProblemKind(400, "The body is not the one that was signed"),
    "signature.invalid": ProblemKind(401, "The signature does not fit the message"),
    "signature.replayed": ProblemKind(409, "The message was seen before"),
    "transaction.malformed": ProblemKind(
        400, "The transaction id is malformed", fsc_code="INVALID_LOG_RECORD_ID"
    ),
    "transaction.missing": ProblemKind(
        400, "The transaction id is missing", fsc_code="MISSING_LOG_RECORD_ID"
    ),
    "certificate.unknown": ProblemKind(401, "The certificate is not one that the group knows"),
    "manager.unreachable": ProblemKind(503, "The manager cannot be reached", retryable=True),
    "provider.unreachable": ProblemKind(502, "The provider's gateway cannot be reached", retryable=True),
    "provider.refused": ProblemKind(502, "The foreign provider's gateway or system refused the call"),
    "provider.unproven": ProblemKind(502, "The answer is not proven to come from the provider"),
    "system.unreachable": ProblemKind(
        502, "The system cannot be reached", True, "system", fsc_code="ERROR_CODE_SERVICE_UNREACHABLE"
    ),
    "system.target_refused": ProblemKind(
        502, "The system's address is not one this gateway may call", side="system"
    ),
    "system.not_set_up": ProblemKind(
        503, "The gateway lacks a file or certificate to call the system with", True, "system"
    ),
    "system.sign_in_failed": ProblemKind(502, "The gateway could not sign in to the system", True, "system"),
    "system.circuit_open": ProblemKind(
        503, "The system failed too often and is left alone for a while", True, "system"
    ),
    "system.busy": ProblemKind(429, "The system takes no more calls for now", True, "system"),
    "idempotency.mismatch": ProblemKind(422, "The Idempotency-Key was used for another request"),
    "idempotency.unknown": ProblemKind(
        409, "A call with this Idempotency-Key was begun, and how it ended is not known yet", True
    ),
    "system.slow": ProblemKind(504, "The system did not answer in time", True, "system"),
    "system.failed": ProblemKind(502, "The system reported a failure of its own", True, "system"),
    "system.refused": ProblemKind(422, "The system refused the request", side="system"),
    "system.not_found": ProblemKind(404, "The system knows nothing under this reference", side="system"),
    "system.length_unknown": ProblemKind(
        502, "The system does not say how long its answer is, which a stream must", side="system"
    ),
    "stream.invalid": ProblemKind(502, "The answer's stream does not hold"),
    "stream.broken": ProblemKind(502, "The answer's stream ended before it was whole", retryable=True),
    "gateway.length_required": ProblemKind(411, "A large body must say its length"),
    "upload.invalid": ProblemKind(400, "The request's stream does not hold"),
    "upload.broken": ProblemKind(400, "The request's stream ended before it was whole", retryable=True),
    "event.invalid": ProblemKind(400, "The event is not a CloudEvent 1.0"),
    "event.too_large": ProblemKind(413, "The event is larger than 64 KiB"),
    "event.other_source": ProblemKind(403, "The event names a source that its sender does not own"),
    "event.other_topic": _denied("The event is of another type than the contract opens"),
    "event.names_a_person": ProblemKind(400, "The event names a person by identifier"),
    "event.not_thin": ProblemKind(400, "The topic's events are notices and carry no data"),
    "event.other_content": ProblemKind(409, "Another event has this id already"),
    "event.behind": ProblemKind(409, "An earlier event of the same key has not arrived", retryable=True),
    "event.other_key": ProblemKind(400, "The Idempotency-Key of an event is its id"),
    "event.unavailable": ProblemKind(503, "The event cannot be taken now", retryable=True),
    "interaction.missing": _denied("The call does not say which interaction it belongs to", 400),
    "interaction.unknown": _denied("No interaction of these two agencies is open under this id", 404),
    "interaction.expired": _denied("The time for the result of this interaction is over", 410),
    "interaction.ended": _denied("The interaction has its result already", 409),
    "soap.invalid": ProblemKind(400, "The body is no SOAP envelope that the exchange carries"),
    "soap.other_message": _denied("The envelope holds another message than its address names", 400),
    "soap.other_action": _denied(
        "The envelope or its SOAPAction names another operation than its message", 400
    ),
    "soap.reply_elsewhere": ProblemKind(400, "The envelope wants its answer sent past the exchange"),
    "system.not_soap": ProblemKind(502, "The system did not answer with a SOAP envelope", side="system"),
    "system.not_json": ProblemKind(502, "The system did not answer with JSON", side="system"),
    "system.too_large": ProblemKind(502, "The system's answer is larger than 1 MB", side="system"),
}
"""Every stable code."""
