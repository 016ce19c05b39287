"""What of a record goes into the public log: a commitment that nobody can guess, never the record itself."""

import hashlib
import struct
from collections.abc import Callable, Sequence

import orjson

from terpadu_wire.records import Record, record_to_json
from terpadu_wire.tlog.tiles import WIDTH

COMMITMENT_BYTES = 32
_LENGTH = struct.Struct(">H")
ENTRY_BYTES = _LENGTH.size + COMMITMENT_BYTES
"""Length of one entry in a bundle."""


def commitment(record: Record) -> bytes:
    """Return the log entry of a record: SHA-256 over its canonical JSON (RFC 8785), 32 bytes.

    The record's own 256-bit random salt keeps the commitment from being guessed.
    """
    return hashlib.sha256(canonical_record(record)).digest()


def canonical_record(record: Record) -> bytes:
    """Return the RFC 8785 form of a record: its members are texts and small numbers, which sorting alone makes canonical."""
    return orjson.dumps(orjson.loads(record_to_json(record)), option=orjson.OPT_SORT_KEYS)


def bundles_extended(
    size: int, entries: Sequence[bytes], *, read: Callable[[int], bytes]
) -> dict[int, bytes]:
    """Return the bundles of entries (tlog-tiles) that change when entries are appended, by index.

    size: number of entries so far. entries: commitments in order. read: a bundle as it stands, by index.
    """
    changed: dict[int, bytearray] = {}
    for number, entry in enumerate(entries, start=size):
        index, place = divmod(number, WIDTH)
        if index not in changed:
            changed[index] = bytearray(read(index)[: place * ENTRY_BYTES] if place else b"")
        changed[index] += _LENGTH.pack(len(entry)) + entry
    return {index: bytes(content) for index, content in changed.items()}
