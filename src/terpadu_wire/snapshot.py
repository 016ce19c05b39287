"""What gateways run from: peers, keys, services, purposes, contracts and what was revoked.

The group key signs the whole (:mod:`terpadu_wire.snapshot_wire`). Every contract is still checked by its peers' own
signatures when it is first used, so that the control plane cannot make up a right; checking a hundred thousand of them
beforehand would add nothing. Peers whose keys stand here are the peers of the group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from functools import cached_property
from typing import Literal

from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import (
    STRICT,
    ConnectionGrant,
    ContractContent,
    DelegatedServiceConnectionGrant,
    PeerId,
    ServiceName,
    Thumbprint,
    UnixTime,
    content_from_json,
    content_hash,
    grant_hash,
    required_signers,
    verify_contract_signature,
)
from terpadu_wire.errors import ContractError, KeyFileError
from terpadu_wire.keys import (
    ContractKey,
    PublicKey,
    load_contract_key,
    public_key_spki,
    public_key_thumbprint,
)
from terpadu_wire.properties import Properties, Text, parse_properties
from terpadu_wire.purposes import PurposeState
from terpadu_wire.snapshot_contracts import Book, ContractBook, ListedContracts, SnapshotContract

__all__ = [
    "PeerKey",
    "Revocation",
    "Right",
    "Snapshot",
    "SnapshotContract",
    "SnapshotPeer",
    "SnapshotPurpose",
    "SnapshotService",
]


@dataclass(frozen=True, config=STRICT)
class PeerKey:
    """A public key of a peer: thumbprint and base64url SubjectPublicKeyInfo."""

    thumbprint: Thumbprint
    spki: str

    @classmethod
    def of(cls, key: ContractKey) -> "PeerKey":
        """Return the entry of a public key."""
        return cls(public_key_thumbprint(key), public_key_spki(key))


@dataclass(frozen=True, config=STRICT)
class SnapshotPeer:
    """An agency on the toll road: names, keys, and where its token endpoint and its inway are ("" when it has none).

    fsc_url: where its gateway takes calls of foreign peers, "" when it takes none. is_foreign: its gateway and manager
    are not ours; they speak FSC core alone, and sign no messages.
    """

    peer_id: PeerId
    name: Text
    public_keys: tuple[PeerKey, ...]
    token_url: str = ""
    inway_url: str = ""
    fsc_url: str = ""
    is_foreign: bool = False


@dataclass(frozen=True, config=STRICT)
class SnapshotService:
    """A published interface."""

    peer_id: PeerId
    name: ServiceName
    openapi_sha256: str


@dataclass(frozen=True, config=STRICT)
class SnapshotPurpose:
    """Where a purpose stands: id, digest of what was signed, and the dates it holds for (Unix seconds)."""

    id: str
    digest: str
    state: PurposeState
    not_before: UnixTime
    not_after: UnixTime


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

    @property
    def reader(self) -> str:
        """The peer in whose name data are read: the delegator where there is one, else the consumer."""
        return self.delegator or self.grant.outway.peer_id


@plain_dataclass(frozen=True)
class Snapshot:
    """What gateways may believe from ``issued_at`` on; all times in Unix seconds.

    After ``soft_expires_at`` a gateway warns, after ``hard_expires_at`` it refuses.
    """

    group_id: str
    version: int
    issued_at: int
    soft_expires_at: int
    hard_expires_at: int
    peers: tuple[SnapshotPeer, ...] = ()
    services: tuple[SnapshotService, ...] = ()
    contracts: Sequence[SnapshotContract] = ()
    revoked: tuple[Revocation, ...] = ()
    purposes: tuple[SnapshotPurpose, ...] = ()

    def peer(self, peer_id: str) -> SnapshotPeer | None:
        """Return a peer by its id."""
        return self._peers.get(peer_id)

    def has_service(self, peer_id: str, name: str) -> bool:
        """Say whether a peer publishes a service."""
        return (peer_id, name) in self._services

    def purpose(self, purpose_id: str) -> SnapshotPurpose | None:
        """Return a purpose by its id."""
        return self._purposes.get(purpose_id)

    def keys_of(self, peer_id: str) -> Mapping[str, PublicKey]:
        """Return the public keys that sign a peer's messages, by thumbprint, without revoked and unreadable ones."""
        if peer_id not in self._keys:
            keys = self.contract_keys_of(peer_id)
            self._keys[peer_id] = {one: key for one, key in keys.items() if isinstance(key, PublicKey)}
        return self._keys[peer_id]

    def contract_keys_of(self, peer_id: str) -> Mapping[str, ContractKey]:
        """Return the public keys that sign a peer's contracts and tokens; see :meth:`keys_of`."""
        if peer_id not in self._contract_keys:
            peer = self.peer(peer_id)
            self._contract_keys[peer_id] = self._readable_keys(peer) if peer else {}
        return self._contract_keys[peer_id]

    def owner_of_key(self, thumbprint: str) -> str | None:
        """Return the id of the peer that a public key belongs to, or None when it is unknown or revoked."""
        return self._owners.get(thumbprint)

    def grant_hashes_between(self, *, consumer: str, provider: str, service: str) -> tuple[str, ...]:
        """Return the hashes of the grants by which one peer's gateway may call a service."""
        place = (consumer, provider, service)
        found = self._connections.get(place)
        if found is None:
            found = self._book.between(place)
            if found:  # what is not there is not remembered: anyone may ask for anything
                self._connections[place] = found
        return found

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
                if error.code == "contract.none":
                    raise  # not remembered: anyone may ask for anything
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
    def _contract_keys(self) -> dict[str, Mapping[str, ContractKey]]:
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
    def _purposes(self) -> dict[str, SnapshotPurpose]:
        return {purpose.id: purpose for purpose in self.purposes}

    @cached_property
    def _book(self) -> Book:
        contracts = self.contracts
        return contracts if isinstance(contracts, ContractBook) else ListedContracts(contracts)

    @cached_property
    def _connections(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        return {}

    def _readable_keys(self, peer: SnapshotPeer) -> dict[str, ContractKey]:
        keys: dict[str, ContractKey] = {}
        for entry in peer.public_keys:
            try:
                key = load_contract_key(entry.spki)
            except KeyFileError:
                continue
            if (
                public_key_thumbprint(key) == entry.thumbprint
                and ("key", entry.thumbprint) not in self._revoked
            ):
                keys[entry.thumbprint] = key
        return keys

    def _check(self, hash_of_grant: str) -> Right:
        entry = self._book.entry_of(hash_of_grant)
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
            for key in self.contract_keys_of(peer_id).values():
                if _holds(text, actual_hash, key):
                    break
            else:
                raise ContractError(
                    "contract.signature_invalid", f"the signature of peer {peer_id} does not hold"
                )


def _holds(text: str, expected_hash: str, key: ContractKey) -> bool:
    try:
        verify_contract_signature(text, expected_hash=expected_hash, kind="accept", key=key)
    except ContractError:
        return False
    return True
