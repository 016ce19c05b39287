"""The signed snapshot gateways run from: peers, keys, services, contracts and what was revoked.

The group key signs the whole; every contract in it is still checked by its peers' own signatures when it is first used,
so that the control plane cannot make up a right. Peers whose keys stand here are the peers of the group.
"""

from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

import orjson
from pydantic import Field, JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import (
    STRICT,
    ConnectionGrant,
    ContractContent,
    ContractSignatures,
    DelegatedServiceConnectionGrant,
    GroupId,
    PeerId,
    ServiceName,
    Thumbprint,
    UnixTime,
    content_from_json,
    content_hash,
    content_to_json,
    grant_hash,
    required_signers,
    verify_contract_signature,
)
from terpadu_wire.errors import ContractError, KeyFileError, SnapshotError
from terpadu_wire.jose import open_jws, sign_jws
from terpadu_wire.keys import PrivateKey, PublicKey, load_public_key, public_key_spki, public_key_thumbprint
from terpadu_wire.properties import Properties, Text, parse_properties

ContractState: TypeAlias = Literal["proposed", "valid", "rejected", "revoked", "expired"]
_TYPE = "terpadu-snapshot"


@dataclass(frozen=True, config=STRICT)
class PeerKey:
    """A public key of a peer: thumbprint and base64url SubjectPublicKeyInfo."""

    thumbprint: Thumbprint
    spki: str

    @classmethod
    def of(cls, key: PublicKey) -> "PeerKey":
        """Return the entry of a public key."""
        return cls(public_key_thumbprint(key), public_key_spki(key))


@dataclass(frozen=True, config=STRICT)
class SnapshotPeer:
    """An agency on the toll road: names, keys, and where its token endpoint and its inway are ("" when it has none)."""

    peer_id: PeerId
    name: Text
    public_keys: tuple[PeerKey, ...]
    token_url: str = ""
    inway_url: str = ""


@dataclass(frozen=True, config=STRICT)
class SnapshotService:
    """A published interface."""

    peer_id: PeerId
    name: ServiceName
    openapi_sha256: str


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


@dataclass(frozen=True, config=STRICT)
class Revocation:
    """A contract (by content hash) or a key (by thumbprint) that no longer holds, since when (Unix seconds)."""

    kind: Literal["contract", "key"]
    id: str
    at: UnixTime


@plain_dataclass(frozen=True, slots=True)
class Right:
    """A connection grant whose contract was checked: the grant, its rules and the dates it holds for."""

    grant: ConnectionGrant
    grant_hash: str
    contract: ContractContent
    properties: Properties

    @property
    def delegator(self) -> str:
        """The peer the consumer acts for, or ""."""
        grant = self.grant
        return grant.delegator.peer_id if isinstance(grant, DelegatedServiceConnectionGrant) else ""


@dataclass(frozen=True, config=STRICT)
class Snapshot:
    """What gateways may believe from ``issued_at`` on; all times in Unix seconds.

    After ``soft_expires_at`` a gateway warns, after ``hard_expires_at`` it refuses.
    """

    group_id: GroupId
    version: Annotated[int, Field(ge=1)]
    issued_at: UnixTime
    soft_expires_at: UnixTime
    hard_expires_at: UnixTime
    peers: tuple[SnapshotPeer, ...] = ()
    services: tuple[SnapshotService, ...] = ()
    contracts: tuple[SnapshotContract, ...] = ()
    revoked: tuple[Revocation, ...] = ()

    def peer(self, peer_id: str) -> SnapshotPeer | None:
        """Return a peer by its id."""
        return self._peers.get(peer_id)

    def has_service(self, peer_id: str, name: str) -> bool:
        """Say whether a peer publishes a service."""
        return (peer_id, name) in self._services

    def keys_of(self, peer_id: str) -> Mapping[str, PublicKey]:
        """Return a peer's public keys by thumbprint, without revoked and unreadable ones."""
        if peer_id not in self._keys:
            peer = self.peer(peer_id)
            self._keys[peer_id] = self._readable_keys(peer) if peer else {}
        return self._keys[peer_id]

    def owner_of_key(self, thumbprint: str) -> str | None:
        """Return the id of the peer that a public key belongs to, or None when it is unknown or revoked."""
        return self._owners.get(thumbprint)

    def grant_hashes_between(self, *, consumer: str, provider: str, service: str) -> tuple[str, ...]:
        """Return the hashes of the grants by which one peer's gateway may call a service."""
        return self._connections.get((consumer, provider, service), ())

    def right(self, hash_of_grant: str) -> Right:
        """Return the checked right of a grant hash; the check is made once.

        Raises:
            ContractError: ``contract.none``, ``contract.revoked``, ``contract.not_valid``, ``contract.invalid``,
                ``contract.signature_invalid`` or ``contract.properties_invalid``.
        """
        found = self._rights.get(hash_of_grant)
        if found is None:
            try:
                found = self._check(hash_of_grant)
            except ContractError as error:
                found = error
            self._rights[hash_of_grant] = found
        if isinstance(found, ContractError):
            raise ContractError(found.code, found.reason)
        return found

    @cached_property
    def _peers(self) -> dict[str, SnapshotPeer]:
        return {peer.peer_id: peer for peer in self.peers}

    @cached_property
    def _services(self) -> frozenset[tuple[str, str]]:
        return frozenset((service.peer_id, service.name) for service in self.services)

    @cached_property
    def _revoked(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.kind, one.id) for one in self.revoked)

    @cached_property
    def _keys(self) -> dict[str, Mapping[str, PublicKey]]:
        return {}

    @cached_property
    def _rights(self) -> dict[str, Right | ContractError]:
        return {}

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {
            key.thumbprint: peer.peer_id
            for peer in self.peers
            for key in peer.public_keys
            if ("key", key.thumbprint) not in self._revoked
        }

    @cached_property
    def _contract_of_grant(self) -> dict[str, SnapshotContract]:
        return {one: contract for contract in self.contracts for one in contract.grant_hashes}

    @cached_property
    def _connections(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        found: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for contract in self.contracts:
            grants = contract.content.get("grants")
            for one, item in zip(
                contract.grant_hashes, grants if isinstance(grants, list) else (), strict=False
            ):
                place = _connection(item)
                if place is not None:
                    found[place] = (*found.get(place, ()), one)
        return found

    def _readable_keys(self, peer: SnapshotPeer) -> dict[str, PublicKey]:
        keys = {}
        for entry in peer.public_keys:
            try:
                key = load_public_key(entry.spki)
            except KeyFileError:
                continue
            if (
                public_key_thumbprint(key) == entry.thumbprint
                and ("key", entry.thumbprint) not in self._revoked
            ):
                keys[entry.thumbprint] = key
        return keys

    def _check(self, hash_of_grant: str) -> Right:
        entry = self._contract_of_grant.get(hash_of_grant)
        if entry is None:
            raise ContractError("contract.none", "no contract has this grant")
        content = content_from_json(entry.content)
        actual_hash = content_hash(content)
        if entry.state == "revoked" or entry.signatures.revoke or ("contract", actual_hash) in self._revoked:
            raise ContractError("contract.revoked", "the contract was revoked")
        if entry.state != "valid" or entry.signatures.reject or content.group_id != self.group_id:
            raise ContractError("contract.not_valid", "the contract is not accepted by all its peers")
        self._check_signatures(entry, content, actual_hash)
        for grant in content.connection_grants():
            if grant_hash(content, grant) == hash_of_grant:
                return Right(grant, hash_of_grant, content, parse_properties(grant.properties))
        raise ContractError("contract.none", "no contract has this grant")

    def _check_signatures(self, entry: SnapshotContract, content: ContractContent, actual_hash: str) -> None:
        for peer_id in required_signers(content):
            text = entry.signatures.accept.get(peer_id)
            if text is None:
                raise ContractError("contract.not_valid", f"peer {peer_id} has not accepted the contract")
            for key in self.keys_of(peer_id).values():
                if _holds(text, actual_hash, key):
                    break
            else:
                raise ContractError(
                    "contract.signature_invalid", f"the signature of peer {peer_id} does not hold"
                )


_SNAPSHOT = TypeAdapter(Snapshot)


def sign_snapshot(snapshot: Snapshot, *, key: PrivateKey) -> bytes:
    """Return a snapshot as compact JWS of the group key."""
    value: JsonValue = _SNAPSHOT.dump_python(snapshot, mode="json", by_alias=True, exclude_none=True)
    header = {"typ": _TYPE, "kid": public_key_thumbprint(key.public_key())}
    return sign_jws(value, key=key, header=header).encode("ascii")


def load_snapshot(raw: bytes, *, group_key: PublicKey, now: float) -> Snapshot:
    """Return the snapshot of a compact JWS.

    Args:
        raw: the compact serialisation.
        group_key: the group's public key.
        now: Unix seconds.

    Raises:
        SnapshotError: ``snapshot.invalid``, or ``snapshot.from_the_future`` when it is issued more than five minutes
            after ``now``. An old snapshot is no error: :func:`terpadu_wire.policy.decide` refuses by its dates.
    """
    _, payload = open_jws(raw, key=group_key, kind=_TYPE, error=SnapshotError, code="snapshot.invalid")
    try:
        snapshot = _SNAPSHOT.validate_json(orjson.dumps(payload))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SnapshotError("snapshot.invalid", f"{place}: {first['msg']}") from error
    if snapshot.issued_at > now + 300:
        raise SnapshotError(
            "snapshot.from_the_future", "the snapshot is issued in the future; compare the clocks"
        )
    return snapshot


def _holds(text: str, expected_hash: str, key: PublicKey) -> bool:
    try:
        verify_contract_signature(text, expected_hash=expected_hash, kind="accept", key=key)
    except ContractError:
        return False
    return True


def _connection(item: JsonValue) -> tuple[str, str, str] | None:
    """Return (consumer, provider, service) of a grant's JSON, or None when it is no connection grant."""
    data = item.get("data") if isinstance(item, dict) else None
    outway = data.get("outway") if isinstance(data, dict) else None
    service = data.get("service") if isinstance(data, dict) else None
    if not (isinstance(outway, dict) and isinstance(service, dict)):
        return None
    return str(outway.get("peer_id")), str(service.get("peer_id")), str(service.get("name"))
