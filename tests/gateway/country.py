"""A small group to test with: an authority, peers with keys and certificates, contracts and snapshots of them."""

import hashlib
import ipaddress
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from terpadu_wire.contracts import (
    ConnectedService,
    ContractContent,
    ContractSignatures,
    GrantItem,
    Outway,
    ServiceConnectionGrant,
    Validity,
    sign_contract,
)
from terpadu_wire.keys import PrivateKey, generate_key, private_key_pem, public_key_pem, public_key_thumbprint
from terpadu_wire.properties import (
    Deferred,
    EvidenceRule,
    FieldRules,
    Operation,
    Properties,
    Purpose,
    Soap,
    Subject,
    Text,
    Topic,
    properties_to_json,
)
from terpadu_wire.signing import Signer
from terpadu_wire.snapshot import (
    PeerKey,
    Revocation,
    Snapshot,
    SnapshotContract,
    SnapshotPeer,
    SnapshotService,
)
from terpadu_wire.snapshot_wire import sign_snapshot

GROUP = "terpadu.test"
PORTAL = "36710000"
REGISTRY = "36710001"
SERVICE = "kependudukan"
RESULTS = "hasil"
"""Interface of the portal at which results are brought that come later."""
PURPOSE = "kia.penerbitan"
APPLICATION_KEY = "application-key-of-the-portal"
SYSTEM_KEY = "api-key-of-the-registry"
SUBJECT_KEY = b"subject-key-of-this-test-country" * 2
NIK = "3671014506900001"


@dataclass(frozen=True)
class Peer:
    """A peer with its key and its files below a folder."""

    peer_id: str
    name: str
    key: PrivateKey
    certificate_pem: bytes
    folder: Path

    @property
    def signer(self) -> Signer:
        return Signer(self.key, public_key_thumbprint(self.key.public_key()))

    @property
    def key_file(self) -> Path:
        return self.folder / f"{self.peer_id}.key.pem"

    @property
    def certificate_file(self) -> Path:
        return self.folder / f"{self.peer_id}.cert.pem"


class Authority:
    """Issues certificates to peers, as the platform's own authority does."""

    def __init__(self, folder: Path, *, name: str = "authority") -> None:
        self.folder = folder
        self.key = generate_key()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} of the test group")])
        self._certificate = self._build(self._name, self.key).sign(self.key, None)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def peer(self, peer_id: str, name: str) -> Peer:
        """Return a new peer with key and certificate files."""
        key = generate_key()
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, peer_id),
            ]
        )
        pem = self._build(subject, key).sign(self.key, None).public_bytes(Encoding.PEM)
        peer = Peer(peer_id, name, key, pem, self.folder)
        peer.key_file.write_bytes(private_key_pem(key))
        peer.certificate_file.write_bytes(pem)
        return peer

    def certificate(self, peer: Peer, *, days: float, key: PrivateKey | None = None) -> bytes:
        """Return a further certificate of a peer that ends in so many days."""
        old = x509.load_pem_x509_certificate(peer.certificate_pem)
        builder = self._build(old.subject, key or peer.key, days=days)
        return builder.sign(self.key, None).public_bytes(Encoding.PEM)

    def _build(self, subject: x509.Name, key: PrivateKey, *, days: float = 60) -> x509.CertificateBuilder:
        is_authority = subject == self._name
        now = datetime.now(UTC)
        local = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if is_authority:
            return builder
        return builder.add_extension(x509.SubjectAlternativeName(local), critical=False).add_extension(
            x509.ExtendedKeyUsage(usage), critical=False
        )


def standard_properties() -> Properties:
    """Return the rules of the contract that most tests use."""
    allow = ("/nik", "/nama", "/tanggal_lahir", "/anggota/*/nik", "/anggota/*/nama", "/keterangan")
    return Properties(
        purpose=Purpose(
            PURPOSE, Text("Penerbitan KIA", "Issue of the KIA"), "Permendagri 2/2016 Pasal 3", "P1D"
        ),
        operations=(
            Operation("cari", "POST", "/penduduk/cari", FieldRules(allow), {"/nama": Text("Nama", "Name")}),
            Operation(
                "wilayah",
                "GET",
                "/wilayah/{kode}",
                FieldRules(("/nama",)),
                query=("halaman",),
                subject=Subject("none"),
            ),
            Operation(
                "arsip", "GET", "/arsip/{ukuran}", FieldRules(("",)), subject=Subject("none"), stream=True
            ),
            Operation("ajukan", "POST", "/pengajuan", FieldRules(("/nomor",)), subject=Subject("none")),
            Operation(
                "unggah",
                "POST",
                "/unggah",
                FieldRules(("/ukuran", "/sidik", "/jenis")),
                subject=Subject("none"),
                upload=True,
            ),
            Operation(
                "olah",
                "POST",
                "/olah",
                FieldRules(("/antrean",)),
                subject=Subject("none"),
                deferred=Deferred(600),
            ),
            Operation(
                "hasil",
                "POST",
                "/hasil",
                FieldRules(("/hasil",)),
                subject=Subject("none"),
                interaction="/interaksi",
            ),
            Operation(
                "terima",
                "POST",
                "/terima",
                FieldRules(("/nomor",)),
                subject=Subject("request", "/subject", form="pseudonym"),
                topic=Topic("peristiwa", "lahir.v1"),
            ),
            Operation(
                "soap.Cari",
                "POST",
                "/soap/Cari",
                FieldRules(("",)),
                soap=Soap("{urn:contoh:registri}Cari", "cari"),
            ),
            Operation("ringkasan", "GET", "/ringkasan/{kode}", FieldRules(("",)), subject=Subject("none")),
        ),
        openapi_sha256=hashlib.sha256(b"openapi").hexdigest(),
        subject=Subject("request", "/nik", match_pointer="/nik"),
        evidence=EvidenceRule(required=True, pattern=r"KIA-[0-9]{1,8}"),
    )


@dataclass
class Country:
    """The group with everything that a snapshot of it holds; change it and publish again."""

    folder: Path
    group_key: PrivateKey
    authority: Authority
    portal: Peer
    registry: Peer
    properties: Properties = field(default_factory=standard_properties)
    inway_url: str = ""
    portal_inway_url: str = ""
    control_url: str = ""
    version: int = 0
    content: ContractContent | None = None
    callback: ContractContent | None = None
    revoked: tuple[Revocation, ...] = ()
    soft_seconds: int = 3600
    hard_seconds: int = 7200
    contract_seconds: int = 86_400
    clock_offset: float = 0.0

    def agree(self, properties: Properties | None = None) -> ContractContent:
        """Make the contract between portal and registry; it replaces the one before."""
        now = int(time.time())
        grant = ServiceConnectionGrant(
            Outway(PORTAL, self.portal.signer.keyid),
            ConnectedService(REGISTRY, SERVICE),
            properties_to_json(properties or self.properties),
        )
        validity = Validity(now - 60, now + self.contract_seconds)
        self.content = ContractContent(str(uuid4()), GROUP, validity, (GrantItem(grant),), now - 60)
        return self.content

    def agree_on_callback(self) -> ContractContent:
        """Make the contract by which the registry brings the portal results that come later."""
        now = int(time.time())
        properties = replace(
            self.properties,
            operations=(
                Operation(
                    "bawa",
                    "POST",
                    "/hasil",
                    FieldRules(("/hasil",)),
                    subject=Subject("none"),
                    interaction="/interaksi",
                ),
            ),
            evidence=EvidenceRule(),
        )
        grant = ServiceConnectionGrant(
            Outway(REGISTRY, self.registry.signer.keyid),
            ConnectedService(PORTAL, RESULTS),
            properties_to_json(properties),
        )
        validity = Validity(now - 60, now + self.contract_seconds)
        self.callback = ContractContent(str(uuid4()), GROUP, validity, (GrantItem(grant),), now - 60)
        return self.callback

    def snapshot(self) -> bytes:
        """Return the next version of the snapshot, signed."""
        self.version += 1
        now = int(time.time() + self.clock_offset)
        contents = (self.content or self.agree(), self.callback or self.agree_on_callback())
        entries = tuple(self._entry(content, now) for content in contents)
        snapshot = Snapshot(
            GROUP,
            self.version,
            now,
            now + self.soft_seconds,
            now + self.hard_seconds,
            peers=tuple(self._snapshot_peer(peer) for peer in self._peers),
            services=(
                SnapshotService(REGISTRY, SERVICE, self.properties.openapi_sha256),
                SnapshotService(PORTAL, RESULTS, self.properties.openapi_sha256),
            ),
            contracts=entries,
            revoked=self.revoked,
        )
        return sign_snapshot(snapshot, key=self.group_key)

    def _entry(self, content: ContractContent, now: int) -> SnapshotContract:
        accept = {
            peer.peer_id: sign_contract("accept", content, key=peer.key, at=now) for peer in self._peers
        }
        return SnapshotContract.of(content, ContractSignatures(accept), state="valid")

    @property
    def _peers(self) -> tuple[Peer, Peer]:
        return self.portal, self.registry

    def _snapshot_peer(self, peer: Peer) -> SnapshotPeer:
        inway_url = self.inway_url if peer is self.registry else self.portal_inway_url
        token_url = f"{self.control_url}/fsc/v1/{peer.peer_id}/token"
        return SnapshotPeer(
            peer.peer_id,
            Text(peer.name, peer.name),
            (PeerKey.of(peer.key.public_key()),),
            token_url,
            inway_url,
        )


def make_country(folder: Path) -> Country:
    """Return a new group with its key files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    group_key, authority = generate_key(), Authority(folder)
    (folder / "group.pub.pem").write_bytes(public_key_pem(group_key.public_key()))
    (folder / "subject.key").write_bytes(SUBJECT_KEY)
    (folder / "system.key").write_text(SYSTEM_KEY + "\n")
    portal, registry = authority.peer(PORTAL, "Portal"), authority.peer(REGISTRY, "Disdukcapil")
    return Country(folder, group_key, authority, portal, registry)
