"""Parts that the wire's tests share."""

from dataclasses import dataclass, replace

import pytest

from terpadu_wire.contracts import (
    ConnectedService,
    ContractContent,
    ContractSignatures,
    GrantItem,
    Outway,
    ServiceConnectionGrant,
    Validity,
    grant_hash,
    sign_contract,
)
from terpadu_wire.keys import PrivateKey, generate_key, public_key_thumbprint
from terpadu_wire.policy import Facts
from terpadu_wire.properties import (
    EvidenceRule,
    FieldRules,
    Operation,
    Properties,
    Purpose,
    Subject,
    Text,
    properties_to_json,
)
from terpadu_wire.snapshot import PeerKey, Snapshot, SnapshotContract, SnapshotPeer, SnapshotService

NOW = 1_800_000_000


@dataclass(frozen=True)
class Group:
    """Two peers, their contract, and a snapshot of them."""

    consumer: PrivateKey
    provider: PrivateKey
    content: ContractContent
    snapshot: Snapshot
    facts: Facts

    def with_signatures(self, signatures: ContractSignatures, *, state: str = "valid") -> Snapshot:
        """Return the snapshot with other signatures on the contract."""
        entry = SnapshotContract.of(self.content, signatures, state=state)  # type: ignore[arg-type]
        return replace(self.snapshot, contracts=(entry,))

    def accepted(self) -> dict[str, str]:
        """Return both peers' accept signatures."""
        return {
            "10000001": sign_contract("accept", self.content, key=self.consumer, at=NOW),
            "10000002": sign_contract("accept", self.content, key=self.provider, at=NOW),
        }


@pytest.fixture(scope="session")
def group() -> Group:
    """A group whose contract allows ``facts``."""
    consumer, provider = generate_key(), generate_key()
    properties = Properties(
        Purpose("kia.penerbitan", Text("Penerbitan KIA", "Issue of the KIA"), "Pasal 3", "P1D"),
        (Operation("cari", "POST", "/penduduk/{bagian}", FieldRules(("/nama",)), query=("halaman",)),),
        "0" * 64,
        Subject("request", "/nik"),
        EvidenceRule(required=True, pattern="KIA-[0-9]+"),
    )
    keyid = public_key_thumbprint(consumer.public_key())
    grant = ServiceConnectionGrant(
        Outway("10000001", keyid),
        ConnectedService("10000002", "kependudukan"),
        properties_to_json(properties),
    )
    iv = "06338364-8305-7b74-8000-de4963503139"
    content = ContractContent(
        iv, "terpadu.test", Validity(NOW - 10, NOW + 1000), (GrantItem(grant),), NOW - 10
    )
    peers = tuple(
        SnapshotPeer(peer_id, Text("x", "x"), (PeerKey.of(key.public_key()),))
        for peer_id, key in (("10000001", consumer), ("10000002", provider))
    )
    service = SnapshotService("10000002", "kependudukan", "0" * 64)
    snapshot = Snapshot("terpadu.test", 1, NOW, NOW + 100, NOW + 500, peers, (service,))
    facts = Facts(
        "10000001",
        "10000002",
        "kependudukan",
        "POST",
        "/penduduk/cari",
        keyid,
        "kia.penerbitan",
        "KIA-7",
        grant_hash(content, grant),
    )
    made = Group(consumer, provider, content, snapshot, facts)
    return replace(made, snapshot=made.with_signatures(ContractSignatures(made.accepted())))
