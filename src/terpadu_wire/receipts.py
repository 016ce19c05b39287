"""Receipts: an exchange's records with their log proofs in one file, checked with public keys alone.

A receipt is JSON: ``{"format": "terpadu-receipt-2", "records": [{"record": {…}, "proof": "…"}], "certificates": ["PEM"]}``.
Every record must stand in the log; the records of both sides must tell the same; the signatures that the messages bore are
checked again with the signers' certificates (:mod:`terpadu_wire.kept_signatures`). It holds digests and never the messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from cryptography import x509
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from terpadu_wire.errors import LogError, RecordError
from terpadu_wire.kept_signatures import Signers, read_certificates, signers_of
from terpadu_wire.records import Record, record_from_json, record_to_json
from terpadu_wire.tlog.leaves import commitment
from terpadu_wire.tlog.proofs import LogPolicy, Proven, verify_proof

FORMAT = "terpadu-receipt-2"
MAX_BYTES = 1 << 20
MAX_RECORDS = 16
SHARED = (
    "transaction_id",
    "consumer",
    "provider",
    "service",
    "operation",
    "grant_hash",
    "purpose",
    "evidence",
    "consent",
    "request_digest",
    "request_signature",
    "response_digest",
    "response_signature",
)
"""Members in which the records of one exchange must agree wherever two of them are filled."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    record: dict[str, Any]
    proof: Annotated[str, Field(max_length=64 << 10)]


class _Receipt(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["terpadu-receipt-2"]
    records: Annotated[list[_Entry], Field(min_length=1, max_length=MAX_RECORDS)]
    certificates: Annotated[list[str], Field(max_length=MAX_RECORDS)] = []


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """A record that stands in the log, where, and who signed the messages it tells of."""

    record: Record
    proven: Proven
    signers: Signers


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """A receipt whose every record stands in the log. contradictions: members in which the records differ."""

    records: tuple[VerifiedRecord, ...]
    contradictions: tuple[str, ...]

    @property
    def sides(self) -> frozenset[str]:
        """Return which sides' records are there: "out" (consumer), "in" (provider)."""
        return frozenset(one.record.side for one in self.records)


def format_receipt(entries: list[tuple[Record, str]], *, certificates: Sequence[str] = ()) -> bytes:
    """Return a receipt of records and the proof of each, with the certificates (PEM) of those who signed messages."""
    records = [{"record": orjson.loads(record_to_json(record)), "proof": proof} for record, proof in entries]
    receipt = {"format": FORMAT, "records": records, "certificates": list(certificates)}
    return orjson.dumps(receipt, option=orjson.OPT_INDENT_2)


def verify_receipt(
    raw: bytes, *, policy: LogPolicy, authorities: Sequence[x509.Certificate] = ()
) -> VerifiedReceipt:
    """Check a receipt.

    Args:
        raw: the file.
        policy: keys of the log and its witnesses.
        authorities: who issues agencies' certificates; none at all believes the certificates in the file.

    Raises:
        LogError: ``log.receipt`` (not a receipt), ``log.certificate``, ``log.message_signature``, or why a proof does not
            hold; see `proofs.verify_proof`.
    """
    if len(raw) > MAX_BYTES:
        raise LogError("log.receipt", "the file is too large for a receipt")
    try:
        receipt = _Receipt.model_validate_json(raw)
        records = [record_from_json(orjson.dumps(entry.record)) for entry in receipt.records]
    except (ValidationError, RecordError, orjson.JSONEncodeError) as error:
        raise LogError("log.receipt", "the file is not a receipt") from error
    certified = read_certificates(receipt.certificates, authorities=authorities)
    proven = [
        VerifiedRecord(
            record,
            verify_proof(entry.proof, entry=commitment(record), policy=policy),
            signers_of(record, certified=certified),
        )
        for record, entry in zip(records, receipt.records, strict=True)
    ]
    return VerifiedReceipt(tuple(proven), contradictions(records))


def contradictions(records: list[Record]) -> tuple[str, ...]:
    """Return the members in which records of one exchange differ; an empty member says nothing."""
    return tuple(
        name for name in SHARED if len({getattr(one, name) for one in records if getattr(one, name)}) > 1
    )
