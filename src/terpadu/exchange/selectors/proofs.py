"""What proves an exchange about a person: its records in the log, checked as anybody else would check them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from terpadu.directory.public import certificates_at
from terpadu.exchange.enums import Match
from terpadu.exchange.rules.reconciliation import find_match
from terpadu.exchange.selectors.foreign import foreign_ids
from terpadu.exchange.selectors.log import log_policy, records_prove
from terpadu.exchange.selectors.trail import TrailEntry, trail_get
from terpadu.kernel.clock import now
from terpadu_wire.errors import LogError
from terpadu_wire.receipts import VerifiedRecord, format_receipt, verify_receipt
from terpadu_wire.records import Record
from terpadu_wire.signing import signer_of


@dataclass(frozen=True)
class ProofStep:
    """One record of an exchange and where it stands in the log.

    side: "out" at the agency that asked, "in" at the one that holds the data. phase: "request" or "response".
    witnessed_at: when the latest witness signed, None while none has.
    """

    side: str
    phase: str
    at: datetime
    leaf_index: int
    size: int
    witnesses: tuple[str, ...]
    witnessed_at: datetime | None


@dataclass(frozen=True)
class TrailProof:
    """The proof of one exchange. fault: stable code when the check failed, else ""; receipt: the file for an offline check."""

    entry: TrailEntry
    steps: tuple[ProofStep, ...]
    match: Match
    fault: str
    receipt: bytes


def trail_prove(person_id: UUID, transaction_id: UUID, *, cases: Collection[str] = ()) -> TrailProof | None:
    """Return the proof of an exchange that the person may see, or None when they may not.

    cases: numbers of the person's own cases, as for `trail_for_person`.
    Raises NotLogged while its records are not in a signed state of the log.
    """
    entry = trail_get(person_id, transaction_id, cases=cases)
    if entry is None:
        return None
    found = records_prove(transaction_id, parties=entry.parties)
    records = [one.record for one in found]
    receipt = format_receipt(
        [(one.record, one.proof) for one in found], certificates=certificates_for(records)
    )
    foreign = foreign_ids(peer for one in records for peer in (one.consumer, one.provider))
    match = find_match(records, checked_at=now(), foreign=foreign)
    try:
        verified = verify_receipt(receipt, policy=log_policy()).records
    except LogError as error:
        return TrailProof(entry, (), match, error.code, receipt)
    return TrailProof(entry, tuple(map(_step, verified)), match, "", receipt)


def certificates_for(records: Sequence[Record]) -> list[str]:
    """Return the certificates (PEM) of the keys that signed the messages of one exchange. One query."""
    inputs = [one.request_signature_input for one in records]
    inputs += [one.response_signature_input for one in records]
    at = datetime.fromtimestamp(min((one.at for one in records), default=0) / 1000, UTC)
    return certificates_at({signer_of(text) for text in inputs} - {""}, at=at)


def _step(one: VerifiedRecord) -> ProofStep:
    witnessed_at = one.proven.witnessed_at
    return ProofStep(
        side=one.record.side,
        phase=one.record.phase,
        at=datetime.fromtimestamp(one.record.at / 1000, UTC),
        leaf_index=one.proven.index,
        size=one.proven.checkpoint.size,
        witnesses=one.proven.witnesses,
        witnessed_at=datetime.fromtimestamp(witnessed_at, UTC) if witnessed_at is not None else None,
    )
