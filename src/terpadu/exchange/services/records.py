"""Records as gateways deliver them: taken once, in order, and put together to the trail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from typing import Annotated
from uuid import UUID

from django.db import connection, transaction
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from terpadu.exchange.enums import Outcome
from terpadu.exchange.errors import RecordsRefused
from terpadu.exchange.events import ExchangeDisputed, RecordsTaken
from terpadu.exchange.models import DeliveredRecord, Gateway, SegmentPosition, TrailRow
from terpadu.exchange.rules.trail import TrailFacts, merge, read_record
from terpadu.exchange.services.breaks import breaks_count
from terpadu.exchange.services.callers import Caller
from terpadu.exchange.services.disclosures import disclosures_set
from terpadu.exchange.services.traffic import traffic_count
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu_wire.errors import RecordError
from terpadu_wire.records import MAGIC, GatewayName, Record, record_from_json, record_to_json
from terpadu_wire.transactions import is_transaction_id

MAX_RECORDS = 2_000
LAST_MOMENT_MS = 253_402_300_799_000  # the end of the year 9999
_LOCK = 7_305_517_290_002  # one advisory lock for all who put the trail together
_FACTS = tuple(field.name for field in fields(TrailFacts))
_OUTCOMES = frozenset(Outcome.values)

Key = tuple[UUID, str, str]
"""What names one exchange: transaction id, consumer and provider."""


class BatchHead(BaseModel):
    """First line of a delivery: which gateway, which segment, from which byte to which."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    gateway: GatewayName
    segment: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
    offset: Annotated[int, Field(ge=len(MAGIC), lt=2**53)]
    end: Annotated[int, Field(gt=len(MAGIC), lt=2**53)]


@dataclass(frozen=True)
class Delivery:
    """What became of a delivery. resume_at: byte of the segment to go on from. is_taken: whether this batch was taken."""

    resume_at: int
    is_taken: bool


def records_take(body: bytes, *, caller: Caller) -> Delivery:
    """Take a batch of a gateway's records, once.

    body: JSON lines; the first is a BatchHead, each further one a record (`terpadu_wire.records`).
    caller: the peer that signed the delivery; the gateway must act for it.
    A batch that does not begin where the last one ended is not taken; the answer says where to go on.
    Raises RecordsRefused when anything of it is malformed, or is not this gateway's to say; nothing is taken then.
    """
    head, records = _read_batch(body)
    gateway = Gateway.objects.filter(name=head.gateway).first()
    if gateway is None or caller.peer_id not in gateway.peer_ids:
        raise RecordsRefused(reason="records.other_gateway")
    _check_are_its_own(records, gateway)
    with transaction.atomic():
        position = _locked_position(gateway, head.segment)
        if head.offset != position.offset:
            return Delivery(position.offset, is_taken=False)
        _store(gateway, head, records)
        position.offset = head.end
        position.save(update_fields=["offset"])
        trail_extend(records)
        breaks_count(records)
        traffic_count(records, gateway=gateway)
        emit(RecordsTaken(count=len(records)))
    return Delivery(head.end, is_taken=True)


@transaction.atomic
def trail_extend(records: Iterable[Record]) -> None:
    """Put records into the trail; the same record twice changes nothing."""
    trail_lock()
    received_at = now()
    by_key: dict[Key, list[Record]] = {}
    for record in records:
        key = (UUID(record.transaction_id), record.consumer[:20], record.provider[:20])
        by_key.setdefault(key, []).append(record)
    known = {
        (row.transaction_id, row.consumer, row.provider): row
        for row in TrailRow.objects.filter(transaction_id__in={key[0] for key in by_key})
    }
    rows = []
    for key, told in by_key.items():
        row = known.get(key)
        news = [read_record(record, received_at=received_at) for record in told]
        facts = reduce(merge, news, _facts_of(row)) if row else reduce(merge, news)
        if facts.is_disputed and not (row and row.is_disputed):
            emit(ExchangeDisputed(transaction_id=str(key[0]), consumer=key[1], provider=key[2]))
        rows.append(_row_of(key, facts, row))
    disclosures_set(rows)
    TrailRow.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["transaction_id", "consumer", "provider"],
        update_fields=(*_FACTS, "disclosure", "disclosed_from"),
        batch_size=500,
    )


def trail_lock() -> None:
    """Let nobody else change the trail until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def _read_batch(body: bytes) -> tuple[BatchHead, list[Record]]:
    lines = body.removesuffix(b"\n").split(b"\n")
    if len(lines) > MAX_RECORDS + 1:
        raise RecordsRefused(reason="records.too_many")
    try:
        head = BatchHead.model_validate_json(lines[0])
        records = [_read_line(line) for line in lines[1:]]
    except ValidationError as error:
        raise RecordsRefused(reason="records.head_invalid") from error
    except RecordError as error:
        raise RecordsRefused(reason=error.code) from error
    if head.end <= head.offset or not records:
        raise RecordsRefused(reason="records.head_invalid")
    return head, records


def _read_line(line: bytes) -> Record:
    # PostgreSQL keeps no NUL in a text.
    if b"\\u0000" in line:
        raise RecordError("record.invalid", "a text holds a NUL")
    record = record_from_json(line)
    well_formed = (
        is_transaction_id(record.transaction_id)
        and 0 < record.at < LAST_MOMENT_MS
        and 0 <= record.status < 1000
        and record.outcome in _OUTCOMES
        and len(record.fields) <= 1000
    )
    if not well_formed:
        raise RecordError("record.invalid", "a member is out of range")
    return record


def _check_are_its_own(records: Sequence[Record], gateway: Gateway) -> None:
    """Let a gateway speak for the agencies that it acts for, and for nobody else."""
    for record in records:
        speaker = record.consumer if record.side == "out" else record.provider
        if speaker not in gateway.peer_ids:
            raise RecordsRefused(reason="records.other_peer")


def _locked_position(gateway: Gateway, segment: str) -> SegmentPosition:
    SegmentPosition.objects.bulk_create(
        [SegmentPosition(gateway=gateway, segment=segment, offset=len(MAGIC))], ignore_conflicts=True
    )
    return SegmentPosition.objects.select_for_update().get(gateway=gateway, segment=segment)


def _store(gateway: Gateway, head: BatchHead, records: Sequence[Record]) -> None:
    received_at = now()
    DeliveredRecord.objects.bulk_create(
        DeliveredRecord(
            gateway=gateway,
            segment=head.segment,
            batch_offset=head.offset,
            place=place,
            transaction_id=UUID(record.transaction_id),
            line=record_to_json(record).decode(),
            received_at=received_at,
        )
        for place, record in enumerate(records)
    )


def _facts_of(row: TrailRow) -> TrailFacts:
    members = {name: getattr(row, name) for name in _FACTS}
    return TrailFacts(**members | {"fields": tuple(row.fields)})


def _row_of(key: Key, facts: TrailFacts, row: TrailRow | None) -> TrailRow:
    row = row or TrailRow(transaction_id=key[0], consumer=key[1], provider=key[2])
    for name in _FACTS:
        setattr(row, name, getattr(facts, name))
    row.fields = list(facts.fields)
    return row
