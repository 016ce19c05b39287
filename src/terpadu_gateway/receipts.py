"""Makes the records of an exchange out of what a gateway knows at each point."""

from typing import NamedTuple

from terpadu_wire.canonical import b64url_encode
from terpadu_wire.policy import Decision, Facts
from terpadu_wire.randomness import random_bytes
from terpadu_wire.records import Record, Side
from terpadu_wire.signing import MessageSignature

UNSIGNED = MessageSignature("", "")
"""Stands where a signature is still to be made."""


class SignedRequest(NamedTuple):
    """A request as it was, or will be, sent: what its signature covers, and the signature."""

    method: str
    target_uri: str
    headers: dict[str, str]
    signature: MessageSignature


class SignedResponse(NamedTuple):
    """An answer's status, headers and signature headers ("" where it had none)."""

    status: int
    headers: dict[str, str]


def request_record(
    side: Side,
    *,
    transaction_id: str,
    facts: Facts,
    decision: Decision,
    request: SignedRequest,
    token_sha256: str,
    subject: str,
    now: float,
) -> Record:
    """Return the record of a request that is about to be passed on; times in Unix seconds."""
    right, operation, headers = decision.right, decision.operation, request.headers
    return Record(
        transaction_id=transaction_id,
        side=side,
        phase="request",
        at=int(now * 1000),
        consumer=facts.consumer,
        delegator=right.delegator if right else "",
        provider=facts.provider,
        service=facts.service,
        operation=operation.id if operation else "",
        grant_hash=right.grant_hash if right else facts.grant_hash,
        purpose=facts.purpose,
        evidence=facts.evidence,
        on_behalf_of=headers["terpadu-on-behalf-of"],
        subject=subject,
        consent=headers["terpadu-consent"],
        outcome="asked" if decision.allowed else "refused",
        error_code=decision.code,
        salt=_salt(),
        method=request.method,
        target_uri="".join(request.target_uri.partition("?")[:2]),
        token_sha256=token_sha256,
        request_content_type=headers["content-type"],
        request_digest=headers["content-digest"],
        request_signature_input=request.signature.signature_input,
        request_signature=request.signature.signature,
    )


def request_signed(asked: Record, signature: MessageSignature) -> Record:
    """Fill a request's signature into its record, and return the record."""
    asked.request_signature_input, asked.request_signature = signature.signature_input, signature.signature
    return asked


def response_signed(given: Record, signature: MessageSignature) -> Record:
    """Fill an answer's signature into its record, and return the record."""
    given.response_signature_input, given.response_signature = signature.signature_input, signature.signature
    return given


def answered(
    asked: Record, response: SignedResponse, *, fields: tuple[str, ...], subject: str, now: float
) -> Record:
    """Turn the record of a request into that of the answer that is about to be given, and return it."""
    return _response(
        asked, response, now=now, outcome="answered", fields=fields, subject=subject or asked.subject
    )


def failed(asked: Record, response: SignedResponse, *, code: str, refused: bool, now: float) -> Record:
    """Turn the record of a request into that of the refusal or failure about to be answered, and return it."""
    return _response(asked, response, now=now, outcome="refused" if refused else "failed", error_code=code)


def _response(
    asked: Record,
    response: SignedResponse,
    *,
    now: float,
    outcome: str,
    fields: tuple[str, ...] = (),
    subject: str | None = None,
    error_code: str = "",
) -> Record:
    headers = response.headers
    asked.phase = "response"
    asked.at = int(now * 1000)
    asked.salt = _salt()
    asked.status = response.status
    asked.outcome = outcome
    asked.error_code = error_code
    asked.fields = fields
    if subject is not None:
        asked.subject = subject
    asked.response_content_type = headers.get("content-type", "")
    asked.response_digest = headers.get("content-digest", "")
    asked.response_signature_input = headers.get("signature-input", "")
    asked.response_signature = headers.get("signature", "")
    return asked


def _salt() -> str:
    return b64url_encode(random_bytes())
