"""Peers, interfaces and contracts, as views and in the form that goes into a snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from pydantic import JsonValue

from terpadu.directory.public import AgencyView, agency_list, certificate_list
from terpadu.exchange.enums import GROUP_ID
from terpadu.exchange.errors import ApplicationUnknown, ContractUnknown, InterfaceUnknown, PeerUnknown
from terpadu.exchange.models import (
    Application,
    Contract,
    ContractCertificate,
    ForeignPeer,
    Grant,
    Interface,
    Peer,
    Signature,
)
from terpadu.exchange.rules.contracts import Standing, State, derive_state
from terpadu.exchange.rules.interfaces import Operation
from terpadu.exchange.selectors.places import fsc_manager_url, manager_url, token_url
from terpadu.kernel.clock import now
from terpadu_wire.contracts import ContractContent, ContractSignatures, content_from_json
from terpadu_wire.properties import Text
from terpadu_wire.snapshot import PeerKey, Snapshot, SnapshotContract, SnapshotPeer, SnapshotService


@dataclass(frozen=True)
class PeerView:
    """A peer. inway_url: "" until a gateway hosts it. manager_url: of a foreign peer's manager, "" for one hosted here.

    fsc_url: where its gateway takes foreign peers, "" when it takes none.
    """

    agency: AgencyView
    inway_url: str
    joined_at: datetime
    fsc_url: str = ""
    manager_url: str = ""

    @property
    def manager_address(self) -> str:
        """Where foreign peers find its manager: its own, or behind its gateway, or here when no gateway takes them."""
        peer_id = self.agency.peer_id
        return self.manager_url or (
            fsc_manager_url(self.fsc_url, peer_id) if self.fsc_url else manager_url(peer_id)
        )


@dataclass(frozen=True)
class InterfaceView:
    """An interface of a peer. service: "<peer id>/<name>", how calls name it."""

    peer_id: str
    name: str
    title: str
    openapi_sha256: str
    operations: tuple[Operation, ...]
    published_at: datetime

    @property
    def service(self) -> str:
        """How calls name the interface."""
        return f"{self.peer_id}/{self.name}"

    def operation(self, operation_id: str) -> Operation:
        """Return an operation by its operationId. Raises InterfaceUnknown."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise InterfaceUnknown(service=self.service, operation=operation_id)


@dataclass(frozen=True)
class Publication:
    """An interface in the directory. delegator: on whose behalf the provider offers it, "" when on nobody's."""

    provider: str
    service: str
    delegator: str
    properties: dict[str, JsonValue]


@dataclass(frozen=True)
class ContractView:
    """A contract and where it stands. signers: peer ids of those who must accept it."""

    content_hash: str
    content: ContractContent
    state: State
    signers: tuple[str, ...]
    grant_hashes: tuple[str, ...]
    signatures: ContractSignatures
    proposed_at: datetime


def peer_row(agency_code: str) -> Peer:
    """Return the row of a peer, with its agency. Raises PeerUnknown. One query."""
    row = Peer.objects.select_related("agency").filter(agency__code=agency_code).first()
    if row is None:
        raise PeerUnknown(agency=agency_code)
    return row


def peer_list() -> list[PeerView]:
    """Return all peers by their id. Three queries."""
    agencies = {agency.id: agency for agency in agency_list()}
    rows = Peer.objects.select_related("agency").order_by("agency__peer_id")
    managers = dict(ForeignPeer.objects.values_list("peer_id", "manager_url"))
    return [
        PeerView(agencies[row.agency_id], row.inway_url, row.joined_at, row.fsc_url, managers.get(row.pk, ""))
        for row in rows
    ]


def interface_row(service: str) -> Interface:
    """Return the row of an interface, with peer and agency, by "<peer id or agency code>/<name>".

    Raises InterfaceUnknown. One query.
    """
    owner, _, name = service.partition("/")
    rows = Interface.objects.select_related("peer__agency").filter(name=name)
    row = rows.filter(Q(peer__agency__peer_id=owner) | Q(peer__agency__code=owner)).first()
    if row is None:
        raise InterfaceUnknown(service=service)
    return row


def interface_get(service: str) -> InterfaceView:
    """Return an interface by "<peer id or agency code>/<name>". Raises InterfaceUnknown. One query."""
    return interface_view(interface_row(service))


def interface_list() -> list[InterfaceView]:
    """Return all interfaces, by peer id and name. One query."""
    rows = Interface.objects.select_related("peer__agency").order_by("peer__agency__peer_id", "name")
    return [interface_view(row) for row in rows]


def interface_view(row: Interface) -> InterfaceView:
    """Return the view of a row that was read with its peer and agency."""
    return InterfaceView(
        peer_id=row.peer.agency.peer_id,
        name=row.name,
        title=row.title,
        openapi_sha256=row.openapi_sha256,
        operations=tuple(Operation(**operation) for operation in row.operations),
        published_at=row.published_at,
    )


def reader_of_application(key_sha256: str) -> str:
    """Return the code of the agency whose application has a key, by its SHA-256. Raises ApplicationUnknown. One query."""
    rows = Application.objects.filter(key_sha256=key_sha256)
    code = rows.values_list("peer__agency__code", flat=True).first()
    if code is None:
        raise ApplicationUnknown(reason="application.unknown")
    return str(code)


def contract_row(content_hash: str, *, is_locked: bool = False) -> Contract:
    """Return the row of a contract, locked for a change when asked. Raises ContractUnknown. One query."""
    rows = Contract.objects.select_for_update() if is_locked else Contract.objects.all()
    row = rows.filter(content_hash=content_hash).first()
    if row is None:
        raise ContractUnknown(contract=content_hash[:40])
    return row


def contract_get(content_hash: str) -> ContractView:
    """Return a contract by the hash of its content. Raises ContractUnknown. Three queries."""
    return contract_views([contract_row(content_hash)])[0]


def contract_list(*, peer_id: str = "") -> list[ContractView]:
    """Return all contracts, or those a peer is party to, newest first. Three queries."""
    rows = Contract.objects.order_by("-proposed_at", "-id")
    return contract_views(rows.filter(signers__contains=[peer_id]) if peer_id else rows)


def contract_page(peer_id: str, *, number: int, size: int = 25) -> tuple[list[ContractView], bool]:
    """Return a page of the agreements by which a peer reads or is read, newest first, and whether there are more.

    number: of the page, from 0. Three queries.
    """
    grants = Grant.objects.filter(contract=OuterRef("pk"), kind__contains="CONNECTION")
    rows = Contract.objects.filter(Exists(grants), signers__contains=[peer_id]).order_by(
        "-proposed_at", "-id"
    )
    found = contract_views(rows[number * size : (number + 1) * size + 1])
    return found[:size], len(found) > size


def contract_views(rows: Iterable[Contract]) -> list[ContractView]:
    """Return the views of contracts, in their order. Two queries for all together."""
    found = list(rows)
    signatures = signatures_of(found)
    hashes: dict[object, list[str]] = {}
    for contract_id, grant_hash in Grant.objects.filter(contract__in=found).values_list(
        "contract_id", "grant_hash"
    ):
        hashes.setdefault(contract_id, []).append(grant_hash)
    return [
        ContractView(
            content_hash=row.content_hash,
            content=content_from_json(row.content),
            state=derive_state(standing_of(row, signatures[row.pk]), now=now()),
            signers=tuple(row.signers),
            grant_hashes=tuple(sorted(hashes.get(row.pk, ()))),
            signatures=signatures[row.pk],
            proposed_at=row.proposed_at,
        )
        for row in found
    ]


def signatures_of(rows: Collection[Contract]) -> dict[object, ContractSignatures]:
    """Return the signatures of contracts by primary key. One query."""
    found: dict[object, dict[str, dict[str, str]]] = {
        row.pk: {"accept": {}, "reject": {}, "revoke": {}} for row in rows
    }
    for contract_id, kind, peer_id, jws in Signature.objects.filter(contract__in=rows).values_list(
        "contract_id", "kind", "peer__agency__peer_id", "jws"
    ):
        found[contract_id][kind][peer_id] = jws
    return {key: ContractSignatures(**kinds) for key, kinds in found.items()}


def standing_of(row: Contract, signatures: ContractSignatures) -> Standing:
    """Return what decides where a contract stands."""
    return Standing(
        required=frozenset(row.signers),
        not_before=row.not_before,
        not_after=row.not_after,
        accepted=frozenset(signatures.accept),
        rejected=frozenset(signatures.reject),
        revoked=frozenset(signatures.revoke),
    )


def standing_of_view(view: ContractView) -> Standing:
    """Return what decides where a contract stands, out of its view."""
    return Standing(
        required=frozenset(view.signers),
        not_before=utc_of(view.content.validity.not_before),
        not_after=utc_of(view.content.validity.not_after),
        accepted=frozenset(view.signatures.accept),
        rejected=frozenset(view.signatures.reject),
        revoked=frozenset(view.signatures.revoke),
    )


def grant_for(
    *, agency_peer_id: str, provider: str, service: str, operation: str, purpose: str
) -> Grant | None:
    """Return the grant in force by which an agency may have an operation called for a purpose, newest contract first.

    agency_peer_id: the agency in whose name data are read: the delegator where there is one, else the consumer.
    One query.
    """
    in_force = Contract.objects.in_force(now())
    acts_for = Q(delegator=agency_peer_id) | Q(delegator="", consumer=agency_peer_id)
    grants = Grant.objects.filter(
        acts_for,
        contract__in=in_force,
        provider=provider,
        service=service,
        purpose=purpose,
        properties__operations__contains=[{"id": operation}],
    )
    return grants.order_by("-contract__not_before", "-id").first()


def snapshot_peers(peer_ids: Collection[str] | None = None) -> tuple[SnapshotPeer, ...]:
    """Return peers with their keys in the form of a snapshot; all when no ids are given. Five queries."""
    keys: dict[str, dict[str, PeerKey]] = {}
    for certificate in certificate_list():
        key = PeerKey(certificate.public_key_thumbprint, certificate.spki)
        keys.setdefault(certificate.peer_id, {})[key.thumbprint] = key
    in_force = ContractCertificate.objects.filter(valid_from__lte=now(), valid_to__gt=now())
    for peer_id, thumbprint, spki in in_force.values_list(
        "peer__agency__peer_id", "public_key_thumbprint", "spki"
    ):
        keys.setdefault(peer_id, {})[thumbprint] = PeerKey(thumbprint, spki)
    return tuple(
        _snapshot_peer(peer, tuple(keys.get(peer.agency.peer_id, {}).values()))
        for peer in peer_list()
        if peer_ids is None or peer.agency.peer_id in peer_ids
    )


def snapshot_contracts(rows: Iterable[Contract]) -> tuple[SnapshotContract, ...]:
    """Return contracts in the form of a snapshot.

    The state says what the signatures say: that a date has passed, the gateway sees itself, to the second.
    """
    found = list(rows)
    signatures = signatures_of(found)
    return tuple(
        SnapshotContract.of(
            content_from_json(row.content),
            signatures[row.pk],
            state=derive_state(standing_of(row, signatures[row.pk]), now=row.not_before),
        )
        for row in found
    )


def snapshot_of_grant(grant_hash: str) -> Snapshot:
    """Return a snapshot of one contract with its peers, so that a right is checked as a gateway checks it.

    Its list of contracts is empty when no contract has the grant. Five queries.
    """
    rows = list(Contract.objects.filter(grants__grant_hash=grant_hash))
    signers = {peer_id for row in rows for peer_id in row.signers}
    moment = int(now().timestamp())
    return Snapshot(
        group_id=GROUP_ID,
        version=1,
        issued_at=moment,
        soft_expires_at=moment,
        hard_expires_at=moment,
        peers=snapshot_peers(signers),
        contracts=snapshot_contracts(rows),
    )


def is_published(provider: str, service: str) -> bool:
    """Tell whether an interface stands in the directory now. One query."""
    return _publications().filter(provider=provider, service=service).exists()


def publication_list() -> list[Publication]:
    """Return what stands in the directory, by peer and name, each interface with its newest publication. One query."""
    rows = _publications().order_by("provider", "service", "contract__proposed_at")
    found = {(row.provider, row.service): row for row in rows}
    return [Publication(one.provider, one.service, one.delegator, one.properties) for one in found.values()]


def snapshot_services() -> tuple[SnapshotService, ...]:
    """Return the published interfaces: those with a publication contract in force. One query."""
    published = _publications().order_by("provider", "service", "contract__proposed_at")
    found = {(grant.provider, grant.service): _digest_of(grant.properties) for grant in published}
    return tuple(SnapshotService(peer_id, name, digest) for (peer_id, name), digest in found.items())


def utc_of(seconds: int) -> datetime:
    """Return the moment of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def _publications() -> QuerySet[Grant]:
    in_force = Contract.objects.in_force(now())
    return Grant.objects.filter(kind__endswith="SERVICE_PUBLICATION", contract__in=in_force)


def _digest_of(properties: dict[str, JsonValue]) -> str:
    return str(properties.get("openapi_sha256", ""))


def _snapshot_peer(peer: PeerView, keys: tuple[PeerKey, ...]) -> SnapshotPeer:
    agency = peer.agency
    return SnapshotPeer(
        peer_id=agency.peer_id,
        name=Text(id=agency.name, en=agency.name_en or agency.name),
        public_keys=keys,
        token_url=f"{peer.manager_url}/v1/token" if peer.manager_url else token_url(agency.peer_id),
        inway_url=peer.inway_url,
        fsc_url=peer.fsc_url,
        is_foreign=bool(peer.manager_url),
    )
