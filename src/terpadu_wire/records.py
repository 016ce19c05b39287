"""Records of exchanges and the segment files that keep them.

A segment is the 8 bytes ``TERPSEG1`` and then frames: length (4 bytes, big-endian), CRC-32 (4 bytes) over kind and
payload, kind (1 byte), payload. Kind ``R`` is the JSON of one :class:`Record`; readers skip kinds they do not know.
A segment is only ever appended to by the process that made it; a torn tail after a crash ends the reading cleanly.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, NamedTuple, TypeAlias, get_args

import orjson
from pydantic import Field

from terpadu_wire.errors import RecordError

MAGIC = b"TERPSEG1"
RECORD_KIND = b"R"
MAX_PAYLOAD = 1 << 20
_BLOCK = 1 << 20
_HEAD = struct.Struct(">IIc")
_CRC_OF_RECORD = zlib.crc32(RECORD_KIND)

GatewayName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""How a gateway is called in what it delivers and asks for."""
Side: TypeAlias = Literal["out", "in"]
Phase: TypeAlias = Literal["request", "response"]


@dataclass
class Record:
    """What one side keeps of one phase of an exchange: digests and names, never a body, never an identifier.

    Args:
        transaction_id: UUIDv7, the same on both sides.
        side: "out" at the consumer's gateway, "in" at the provider's.
        phase: "request" before it is passed on, "response" before it is answered.
        at: Unix milliseconds.
        consumer, delegator, provider, service, operation: who asked whom for what; delegator "" when none.
        grant_hash: the right it stands on.
        purpose, evidence, on_behalf_of: why, for which case, for whom (a role or position, not an identifier).
        subject: keyed pseudonym of the person it is about, "" when unknown.
        consent: id of the person's consent that the call stands on, "" when the contract wants none.
        fields: pointers that let something of the answer pass.
        openapi_break: where the request or the system's answer broke the OpenAPI document, "" when nowhere was found.
        status: HTTP status answered, 0 before there is one.
        outcome: "asked", "answered", "refused" or "failed".
        error_code: stable code when not answered.
        request_digest, response_digest: Content-Digest values of both messages.
        request_signature, response_signature: Signature headers of both messages.
        request_signature_input, response_signature_input: Signature-Input headers of both messages.
        method, target_uri: what was signed; of a query string only the "?" stays, since it may name a person.
        request_content_type, response_content_type: what was signed.
        token_sha256: SHA-256 of the access token, in hexadecimal digits.
        request_end, response_end: last frame of a message that was a stream (:mod:`terpadu_wire.streams`), "" for every other.
        interaction: transaction id of the call whose result was deferred: of this one itself, or of the one that this one asks
            about or answers; "" when nothing is deferred.
        salt: 32 random bytes in base64url, so that a published hash of the record cannot be guessed.
    """

    transaction_id: str
    side: Side
    phase: Phase
    at: int
    consumer: str
    provider: str
    service: str
    operation: str
    grant_hash: str
    purpose: str
    outcome: str
    salt: str
    delegator: str = ""
    evidence: str = ""
    on_behalf_of: str = ""
    subject: str = ""
    consent: str = ""
    openapi_break: str = ""
    fields: tuple[str, ...] = ()
    status: int = 0
    error_code: str = ""
    method: str = ""
    target_uri: str = ""
    token_sha256: str = ""
    request_content_type: str = ""
    request_digest: str = ""
    request_signature_input: str = ""
    request_signature: str = ""
    response_content_type: str = ""
    response_digest: str = ""
    response_signature_input: str = ""
    response_signature: str = ""
    response_end: str = ""
    request_end: str = ""
    interaction: str = ""


class StoredRecord(NamedTuple):
    """A record in a segment: where its frame starts and ends (byte offsets), and the record."""

    offset: int
    end: int
    record: Record


class Frame(NamedTuple):
    """One whole frame of a segment: byte offsets, kind and payload."""

    offset: int
    end: int
    kind: bytes
    payload: bytes


_RECORD_FIELDS = {field.name: field.type for field in fields(Record)}
_REQUIRED = {"transaction_id", "side", "phase", "at", "consumer", "provider", "service"}


def record_to_json(record: Record) -> bytes:
    """Return a record as one line of JSON."""
    return orjson.dumps(record)


def record_from_json(raw: bytes) -> Record:
    """Return the record of one line of JSON.

    Raises:
        RecordError: code ``record.invalid``; a member is missing, unknown or of a wrong type.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RecordError("record.invalid", "the record is not JSON") from error
    if not isinstance(value, dict) or not _REQUIRED <= value.keys() <= _RECORD_FIELDS.keys():
        raise RecordError("record.invalid", "the record has missing or unknown members")
    for name, member in value.items():
        if not _fits(name, member):
            raise RecordError("record.invalid", f"the member {name} is of a wrong type")
    value["fields"] = tuple(value.get("fields", ()))
    try:
        return Record(**value)
    except TypeError as error:
        raise RecordError("record.invalid", "the record has missing members") from error


def encode_frame(payload: bytes, *, kind: bytes = RECORD_KIND) -> bytes:
    """Return the frame of a payload, ready to be appended to a segment."""
    begun = _CRC_OF_RECORD if kind is RECORD_KIND else zlib.crc32(kind)
    return _HEAD.pack(len(payload), zlib.crc32(payload, begun), kind) + payload


def encode_record(record: Record) -> bytes:
    """Return the frame of a record, ready to be appended to a segment."""
    return encode_frame(orjson.dumps(record))


def read_segment(path: Path, *, start: int = 0) -> Iterator[StoredRecord]:
    """Yield the records of a segment file, up to its end or its torn tail.

    Args:
        path: the segment file.
        start: byte offset of a frame to go on from; 0 for the beginning.

    Raises:
        RecordError: ``record.not_a_segment`` when the file does not begin like one.
    """
    with path.open("rb") as file:
        yield from read_records(file, start=start)


def read_records(file: BinaryIO, *, start: int = 0) -> Iterator[StoredRecord]:
    """Yield the records of an open segment; see :func:`read_segment`."""
    for frame in read_frames(file, start=start):
        if frame.kind == RECORD_KIND:
            yield StoredRecord(frame.offset, frame.end, record_from_json(frame.payload))


def read_frames(file: BinaryIO, *, start: int = 0) -> Iterator[Frame]:
    """Yield the whole frames of an open segment, of every kind; see :func:`read_segment`."""
    file.seek(0)
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        if MAGIC.startswith(magic):
            return  # the process died before the head was whole
        raise RecordError("record.not_a_segment", "the file is not a segment")
    offset = max(start, len(MAGIC))
    file.seek(offset)
    rest = b""
    while block := file.read(_BLOCK):
        rest += block
        used = 0
        for frame in _frames_in(rest, offset):
            used = frame.end - offset
            yield frame
        offset, rest = offset + used, rest[used:]
        if len(rest) > _HEAD.size + MAX_PAYLOAD:
            return


def _frames_in(block: bytes, offset: int) -> Iterator[Frame]:
    """Yield the whole frames at the beginning of a block, of which the first byte is at an offset of the segment."""
    at, head = 0, _HEAD.size
    while at + head <= len(block):
        length, checksum, kind = _HEAD.unpack_from(block, at)
        end = at + head + length
        payload = block[at + head : end]
        if length > MAX_PAYLOAD or len(payload) < length or zlib.crc32(payload, zlib.crc32(kind)) != checksum:
            return
        yield Frame(offset + at, offset + end, kind, payload)
        at = end


def _fits(name: str, member: object) -> bool:
    if name in ("at", "status"):
        return isinstance(member, int) and not isinstance(member, bool)
    if name == "fields":
        return isinstance(member, list) and all(isinstance(item, str) for item in member)
    if name in ("side", "phase"):
        return member in get_args(Side if name == "side" else Phase)
    return isinstance(member, str)
