"""The contracts of a snapshot: listed while one is made, and read one by one out of its bytes where it is used.

A gateway of a large country is handed a hundred thousand contracts and uses a few hundred. What it reads at once is an
index of fixed-size rows; a contract is parsed when a call first asks for it. The rows are sorted, so that a search is
a bisection and nothing is built in memory.
"""

import hashlib
import os
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, overload
from weakref import finalize

import orjson
from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import (
    STRICT,
    ContractContent,
    ContractSignatures,
    content_hash,
    content_to_json,
    grant_hash,
)
from terpadu_wire.errors import ContractError

ContractState: TypeAlias = Literal["proposed", "valid", "rejected", "revoked", "expired"]
_ENTRY = struct.Struct(">QI")
"""Where a contract's JSON starts among the entries, and its length."""
_KEY = 16
_ROW = struct.Struct(f">{_KEY}sI")
"""A search key and the number of the contract it leads to."""


@dataclass(frozen=True, config=STRICT)
class SnapshotContract:
    """A contract with its signatures; the hashes are carried so that a gateway finds a grant without parsing all."""

    content: dict[str, JsonValue]
    signatures: ContractSignatures
    state: ContractState
    content_hash: str
    grant_hashes: tuple[str, ...]

    @classmethod
    def of(
        cls, content: ContractContent, signatures: ContractSignatures, *, state: ContractState
    ) -> "SnapshotContract":
        """Return the entry of a contract."""
        hashes = tuple(grant_hash(content, item.data) for item in content.grants)
        return cls(content_to_json(content), signatures, state, content_hash(content), hashes)

    def connections(self) -> Iterator[tuple[tuple[str, str, str], str]]:
        """Yield ((consumer, provider, service), grant hash) of each connection grant."""
        grants = self.content.get("grants")
        items = grants if isinstance(grants, list) else ()
        for one, item in zip(self.grant_hashes, items, strict=False):
            place = _connection(item)
            if place is not None:
                yield place, one


_CONTRACT = TypeAdapter(SnapshotContract)


class Book(Protocol):
    """Finds contracts."""

    def entry_of(self, hash_of_grant: str) -> SnapshotContract | None:
        """Return the contract of a grant."""

    def between(self, place: tuple[str, str, str]) -> tuple[str, ...]:
        """Return the hashes of the grants by which (consumer, provider, service) are connected."""


class ListedContracts:
    """Contracts at hand as objects, found through dictionaries."""

    def __init__(self, contracts: Sequence[SnapshotContract]) -> None:
        self._of_grant = {one: contract for contract in contracts for one in contract.grant_hashes}
        self._between: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for contract in contracts:
            for place, one in contract.connections():
                self._between[place] = (*self._between.get(place, ()), one)

    def entry_of(self, hash_of_grant: str) -> SnapshotContract | None:
        """Return the contract of a grant."""
        return self._of_grant.get(hash_of_grant)

    def between(self, place: tuple[str, str, str]) -> tuple[str, ...]:
        """Return the hashes of the grants by which (consumer, provider, service) are connected."""
        return self._between.get(place, ())


class Source(Protocol):
    """Bytes that can be read from anywhere."""

    def read(self, start: int, length: int) -> bytes:
        """Return so many bytes from a place on; fewer at the end."""


class BytesSource:
    """Bytes in memory."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def read(self, start: int, length: int) -> bytes:
        """Return so many bytes from a place on."""
        return self._raw[start : start + length]


class FileSource:
    """A file that stays open while a snapshot needs it, so that it can be replaced on disk while it is read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        finalize(self, self._file.close)

    def read(self, start: int, length: int) -> bytes:
        """Return so many bytes from a place on; read beside the memory, so that a large file does not fill it."""
        return os.pread(self._file.fileno(), length, start)


class ContractBook(Sequence[SnapshotContract]):
    """The contracts of a packed snapshot.

    Args:
        source: bytes of the snapshot.
        start: where the entries begin in it.
        index: the packed index.
        contracts: how many contracts there are.
        grants: how many grants.
        places: how many connections.
    """

    def __init__(
        self, source: Source, *, start: int, index: bytes, contracts: int, grants: int, places: int
    ) -> None:
        self._source = source
        self._start = start
        self._count = contracts
        ends = (contracts * _ENTRY.size, contracts * _ENTRY.size + grants * _ROW.size)
        self._entries = index[: ends[0]]
        self._grants = _Table(index[ends[0] : ends[1]], grants)
        self._places = _Table(index[ends[1] :], places)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> SnapshotContract: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[SnapshotContract, ...]: ...
    def __getitem__(self, number: int | slice) -> SnapshotContract | tuple[SnapshotContract, ...]:
        if isinstance(number, slice):
            return tuple(self._read(one) for one in range(*number.indices(self._count)))
        if not -self._count <= number < self._count:
            raise IndexError(number)
        return self._read(number % self._count)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # compared by its contracts, never used as a key

    def entry_of(self, hash_of_grant: str) -> SnapshotContract | None:
        """Return the contract of a grant."""
        for number in self._grants.find(_grant_key(hash_of_grant)):
            entry = self._read(number)
            if hash_of_grant in entry.grant_hashes:
                return entry
        return None

    def between(self, place: tuple[str, str, str]) -> tuple[str, ...]:
        """Return the hashes of the grants by which (consumer, provider, service) are connected."""
        numbers = dict.fromkeys(self._places.find(_place_key(place)))
        return tuple(
            one for number in numbers for there, one in self._read(number).connections() if there == place
        )

    def _read(self, number: int) -> SnapshotContract:
        start, length = _ENTRY.unpack_from(self._entries, number * _ENTRY.size)
        try:
            return _CONTRACT.validate_json(self._source.read(self._start + start, length))
        except ValidationError as error:
            raise ContractError("contract.invalid", "the snapshot's entry is malformed") from error


def pack_contracts(contracts: Sequence[SnapshotContract]) -> tuple[bytes, bytes, tuple[int, int]]:
    """Return (index, entries, (number of grants, number of connections)) of contracts, as a snapshot carries them."""
    entries: list[bytes] = []
    heads = bytearray()
    grants: list[bytes] = []
    places: list[bytes] = []
    start = 0
    for number, contract in enumerate(contracts):
        raw = orjson.dumps(_CONTRACT.dump_python(contract, mode="json", exclude_none=True))
        entries.append(raw)
        heads += _ENTRY.pack(start, len(raw))
        start += len(raw)
        grants += [_ROW.pack(_grant_key(one), number) for one in contract.grant_hashes]
        places += [_ROW.pack(_place_key(place), number) for place, _ in contract.connections()]
    index = bytes(heads) + b"".join(sorted(grants)) + b"".join(sorted(places))
    return index, b"".join(entries), (len(grants), len(places))


def index_length(*, contracts: int, grants: int, places: int) -> int:
    """Return how many bytes an index has."""
    return contracts * _ENTRY.size + (grants + places) * _ROW.size


class _Table:
    """Sorted rows."""

    def __init__(self, rows: bytes, count: int) -> None:
        self._rows = rows
        self._count = count

    def find(self, key: bytes) -> Iterator[int]:
        place = bisect_left(range(self._count), key, key=self._key)
        while place < self._count and self._key(place) == key:
            yield _ROW.unpack_from(self._rows, place * _ROW.size)[1]
            place += 1

    def _key(self, place: int) -> bytes:
        start = place * _ROW.size
        return self._rows[start : start + _KEY]


def _grant_key(hash_of_grant: str) -> bytes:
    return hashlib.sha256(hash_of_grant.encode()).digest()[:_KEY]


def _place_key(place: tuple[str, str, str]) -> bytes:
    return hashlib.sha256("\0".join(place).encode()).digest()[:_KEY]


def _connection(item: JsonValue) -> tuple[str, str, str] | None:
    """Return (consumer, provider, service) of a grant's JSON, or None when it is no connection grant."""
    data = item.get("data") if isinstance(item, dict) else None
    outway = data.get("outway") if isinstance(data, dict) else None
    service = data.get("service") if isinstance(data, dict) else None
    if not (isinstance(outway, dict) and isinstance(service, dict)):
        return None
    return str(outway.get("peer_id")), str(service.get("peer_id")), str(service.get("name"))
