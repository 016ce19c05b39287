"""The wire form of a snapshot: one signed header, and parts that it names by length and digest.

``TERPSNAP2`` and a line break; a compact JWS of the group key and a line break; the JSON of what is small (peers,
services, purposes, revocations); the packed index and the entries of the contracts
(:mod:`terpadu_wire.snapshot_contracts`). The JWS names length and SHA-256 of each part, so the group key signs all of
it, and one altered byte is found when it is loaded.
"""

import hashlib
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
from pydantic import Field, JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import STRICT, GroupId, UnixTime
from terpadu_wire.errors import SnapshotError
from terpadu_wire.jose import open_jws, sign_jws
from terpadu_wire.keys import PrivateKey, PublicKey, public_key_thumbprint
from terpadu_wire.snapshot import Revocation, Snapshot, SnapshotPeer, SnapshotPurpose, SnapshotService
from terpadu_wire.snapshot_contracts import (
    BytesSource,
    ContractBook,
    FileSource,
    Source,
    index_length,
    pack_contracts,
)

MAGIC = b"TERPSNAP2\n"
MEDIA_TYPE = "application/vnd.terpadu.snapshot"
LONGEST_POLL = 4.0
"""Most seconds between two questions for the snapshot: of the five that a revocation may take, one is for the fetch."""
_TYPE = "terpadu-snapshot"
_MAX_HEADER = 4096
_BLOCK = 1 << 20
T = TypeVar("T")


@dataclass(frozen=True, config=STRICT)
class _Part:
    length: Annotated[int, Field(ge=0, lt=2**40)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @classmethod
    def of(cls, part: bytes) -> "_Part":
        return cls(len(part), hashlib.sha256(part).hexdigest())


@dataclass(frozen=True, config=STRICT)
class _Header:
    group_id: GroupId
    version: Annotated[int, Field(ge=1)]
    issued_at: UnixTime
    soft_expires_at: UnixTime
    hard_expires_at: UnixTime
    small: _Part
    index: _Part
    entries: _Part
    contracts: Annotated[int, Field(ge=0, lt=2**32)]
    grants: Annotated[int, Field(ge=0, lt=2**32)]
    places: Annotated[int, Field(ge=0, lt=2**32)]


@dataclass(frozen=True, config=STRICT)
class _Small:
    peers: tuple[SnapshotPeer, ...] = ()
    services: tuple[SnapshotService, ...] = ()
    purposes: tuple[SnapshotPurpose, ...] = ()
    revoked: tuple[Revocation, ...] = ()


_HEADER = TypeAdapter(_Header)
_SMALL = TypeAdapter(_Small)


def sign_snapshot(snapshot: Snapshot, *, key: PrivateKey) -> bytes:
    """Return a snapshot in its wire form, signed by the group key."""
    small = orjson.dumps(
        _SMALL.dump_python(
            _Small(snapshot.peers, snapshot.services, snapshot.purposes, snapshot.revoked),
            mode="json",
            exclude_defaults=True,
        )
    )
    index, entries, (grants, places) = pack_contracts(snapshot.contracts)
    payload: JsonValue = _HEADER.dump_python(
        _Header(
            group_id=snapshot.group_id,
            version=snapshot.version,
            issued_at=snapshot.issued_at,
            soft_expires_at=snapshot.soft_expires_at,
            hard_expires_at=snapshot.hard_expires_at,
            small=_Part.of(small),
            index=_Part.of(index),
            entries=_Part.of(entries),
            contracts=len(snapshot.contracts),
            grants=grants,
            places=places,
        ),
        mode="json",
    )
    header = {"typ": _TYPE, "kid": public_key_thumbprint(key.public_key())}
    jws = sign_jws(payload, key=key, header=header).encode("ascii")
    return b"".join((MAGIC, jws, b"\n", small, index, entries))


def load_snapshot(raw: bytes, *, group_key: PublicKey, now: float) -> Snapshot:
    """Return the snapshot of its wire form in memory; see :func:`load_snapshot_file`."""
    return _load(BytesSource(raw), group_key=group_key, now=now)


def load_snapshot_file(path: Path, *, group_key: PublicKey, now: float) -> Snapshot:
    """Return the snapshot in a file, whose contracts stay there until they are asked for.

    Args:
        path: file of the wire form; it may be replaced or removed afterwards, but not written to.
        group_key: the group's public key.
        now: Unix seconds.

    Raises:
        SnapshotError: ``snapshot.invalid``, or ``snapshot.from_the_future`` when it is issued more than five minutes
            after ``now``. An old snapshot is no error: :func:`terpadu_wire.policy.decide` refuses by its dates.
        OSError: the file cannot be read.
    """
    return _load(FileSource(path), group_key=group_key, now=now)


def _load(source: Source, *, group_key: PublicKey, now: float) -> Snapshot:
    head = source.read(0, len(MAGIC) + _MAX_HEADER)
    jws, separator, _ = head.removeprefix(MAGIC).partition(b"\n")
    if not head.startswith(MAGIC) or not separator:
        raise SnapshotError("snapshot.invalid", "this is not a snapshot")
    _, payload = open_jws(jws, key=group_key, kind=_TYPE, error=SnapshotError, code="snapshot.invalid")
    header = _parsed(_HEADER, orjson.dumps(payload))
    if header.issued_at > now + 300:
        raise SnapshotError(
            "snapshot.from_the_future", "the snapshot is issued in the future; compare the clocks"
        )
    counts = {"contracts": header.contracts, "grants": header.grants, "places": header.places}
    start = len(MAGIC) + len(jws) + 1
    at_entries = start + header.small.length + header.index.length
    small = _parsed(_SMALL, _checked(source, start, header.small))
    index = _checked(source, start + header.small.length, header.index)
    if len(index) != index_length(**counts) or source.read(at_entries + header.entries.length, 1):
        raise SnapshotError("snapshot.invalid", "the snapshot's parts do not fit together")
    _check_digest(source, at_entries, header.entries)
    return Snapshot(
        header.group_id,
        header.version,
        header.issued_at,
        header.soft_expires_at,
        header.hard_expires_at,
        small.peers,
        small.services,
        ContractBook(source, start=at_entries, index=index, **counts),
        small.revoked,
        small.purposes,
    )


def _checked(source: Source, start: int, part: _Part) -> bytes:
    raw = source.read(start, part.length)
    if hashlib.sha256(raw).hexdigest() != part.sha256:
        raise SnapshotError("snapshot.invalid", "a part of the snapshot is not the one that was signed")
    return raw


def _check_digest(source: Source, start: int, part: _Part) -> None:
    digest, done = hashlib.sha256(), 0
    while done < part.length and (block := source.read(start + done, min(_BLOCK, part.length - done))):
        digest.update(block)
        done += len(block)
    if done != part.length or digest.hexdigest() != part.sha256:
        raise SnapshotError("snapshot.invalid", "a part of the snapshot is not the one that was signed")


def _parsed(adapter: TypeAdapter[T], raw: bytes) -> T:
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SnapshotError("snapshot.invalid", f"{place}: {first['msg']}") from error
