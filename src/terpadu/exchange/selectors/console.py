"""What an agency's officers see of its place on the toll road: who reads what and why, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from terpadu.directory.public import AgencyView, CertificateView, agency_list, certificate_list
from terpadu.exchange.enums import Match, SignatureKind
from terpadu.exchange.errors import ContractUnknown
from terpadu.exchange.models import Contract, Grant, Interface, Orphan, Reconciliation, Signature
from terpadu.exchange.selectors.registry import ContractView, InterfaceView, contract_views, interface_view
from terpadu.kernel.clock import now
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Properties, Text, parse_properties

CONNECTIONS = ("GRANT_TYPE_SERVICE_CONNECTION", "GRANT_TYPE_DELEGATED_SERVICE_CONNECTION")
PAGE = 50


@dataclass(frozen=True)
class GrantView:
    """One right to read. reader: in whose name; caller: whose gateway calls, the same where nobody calls for another.

    service: "<peer id>/<interface>". properties: None when the gateways would not understand them either.
    contract_iv: the contract's own id, as its page is addressed. parties: peer ids of those who sign it.
    """

    reader: AgencyView
    caller: AgencyView
    provider: AgencyView
    service: str
    service_title: str
    purpose: str
    properties: Properties | None
    grant_hash: str
    contract_iv: UUID
    parties: tuple[str, ...]
    not_after: datetime


@dataclass(frozen=True)
class ConnectedInterface:
    """An interface of an agency, and how its gateway reaches the system. way: "system", "door" or "" for not yet."""

    interface: InterfaceView
    way: str
    readers: int


@dataclass(frozen=True)
class OrphanView:
    """An exchange whose two sides do not fit together. other: the agency on the other side."""

    transaction_id: UUID
    at: datetime
    kind_label: str
    consumer: AgencyView | None
    provider: AgencyView | None
    settled_at: datetime | None


def interfaces_of(peer_id: str) -> list[ConnectedInterface]:
    """Return an agency's interfaces with the number of agencies that may read them now. Three queries."""
    rows = Interface.objects.filter(peer__agency__peer_id=peer_id).select_related("peer__agency", "door")
    readers: dict[str, set[str]] = {}
    for name, consumer, delegator in (
        _granted().filter(provider=peer_id).values_list("service", "consumer", "delegator")
    ):
        readers.setdefault(name, set()).add(delegator or consumer)
    return [
        ConnectedInterface(interface_view(row), _way(row), len(readers.get(row.name, ())))
        for row in rows.order_by("name")
    ]


def readings_of(peer_id: str, *, service: str = "", offset: int = 0) -> list[GrantView]:
    """Return who may read what of an agency now, by interface, PAGE at a time. Three queries.

    service: name of one of its interfaces, "" for all.
    """
    rows = _granted().filter(provider=peer_id)
    rows = rows.filter(service=service) if service else rows
    return grant_views(rows.order_by("service", "purpose", "id")[offset : offset + PAGE])


def readings_by(peer_id: str, *, offset: int = 0) -> list[GrantView]:
    """Return what an agency may read now of others, PAGE at a time. Three queries."""
    rows = _granted().filter(Q(delegator=peer_id) | Q(consumer=peer_id))
    return grant_views(rows.order_by("provider", "service", "purpose", "id")[offset : offset + PAGE])


def contract_by_iv(iv: UUID) -> ContractView:
    """Return a contract by its own id. Raises ContractUnknown. Three queries."""
    row = Contract.objects.filter(iv=iv).first()
    if row is None:
        raise ContractUnknown(contract=str(iv))
    return contract_views([row])[0]


def contracts_waiting(peer_id: str) -> list[ContractView]:
    """Return the contracts that wait for an agency's signature, oldest first. Two queries."""
    own = Signature.objects.filter(contract=OuterRef("pk"), peer__agency__peer_id=peer_id)
    refused = Signature.objects.filter(contract=OuterRef("pk")).exclude(kind=SignatureKind.ACCEPT)
    rows = Contract.objects.filter(
        ~Exists(own), ~Exists(refused), signers__contains=[peer_id], waiting_for__gt=0, not_after__gt=now()
    )
    return contract_views(rows.order_by("proposed_at", "id")[:PAGE])


def grants_of_contracts(views: Sequence[ContractView]) -> list[GrantView]:
    """Return the rights to read of contracts, in the order of their making. Three queries."""
    hashes = [view.content_hash for view in views]
    rows = Grant.objects.filter(contract__content_hash__in=hashes, kind__in=CONNECTIONS)
    return grant_views(rows.order_by("id"))


def grant_by_hash(grant_hash: str) -> GrantView | None:
    """Return a right to read by its hash, None when there is none. Three queries."""
    return next(iter(grant_views(Grant.objects.filter(grant_hash=grant_hash, kind__in=CONNECTIONS))), None)


def agreement_purpose(view: ContractView) -> Text | None:
    """Return the words of the first purpose of an agreement to read data, None for any other contract. Three queries."""
    found = (one.properties.purpose.text for one in grants_of_contracts([view]) if one.properties)
    return next(found, None)


def certificates_of(peer_id: str) -> list[CertificateView]:
    """Return an agency's certificates in force, the one that ends last first. One query."""
    return [one for one in certificate_list() if one.peer_id == peer_id]


def orphans_of(peer_id: str, *, limit: int = 100) -> list[OrphanView]:
    """Return the exchanges of an agency whose two sides do not fit, open ones first. Two queries.

    peer_id: "" for those of all agencies.
    """
    rows = (
        Orphan.objects.filter(Q(consumer=peer_id) | Q(provider=peer_id)) if peer_id else Orphan.objects.all()
    )
    agencies = {agency.peer_id: agency for agency in agency_list()}
    found = sorted(rows.order_by("-found_at")[:limit], key=lambda row: row.settled_at is not None)
    return [
        OrphanView(
            row.transaction_id,
            row.at,
            str(Match(row.kind).label),
            agencies.get(row.consumer),
            agencies.get(row.provider),
            row.settled_at,
        )
        for row in found
    ]


def last_reconciliation() -> tuple[datetime, int] | None:
    """Return until when records were compared last, and how many exchanges; None before the first time. One query."""
    return Reconciliation.objects.order_by("-upto").values_list("upto", "checked").first()


def grant_views(rows: Iterable[Grant]) -> list[GrantView]:
    """Return the views of grants, in their order. Three queries for all together."""
    found = list(rows.select_related("contract") if isinstance(rows, QuerySet) else rows)
    agencies = {agency.peer_id: agency for agency in agency_list()}
    titles = {
        (owner, name): title
        for owner, name, title in Interface.objects.filter(
            peer__agency__peer_id__in={row.provider for row in found}
        ).values_list("peer__agency__peer_id", "name", "title")
    }
    return [_grant_view(row, agencies, titles) for row in found]


def _granted() -> QuerySet[Grant]:
    return Grant.objects.filter(kind__in=CONNECTIONS, contract__in=Contract.objects.in_force(now()))


def _grant_view(row: Grant, agencies: dict[str, AgencyView], titles: dict[tuple[str, str], str]) -> GrantView:
    try:
        properties = parse_properties(row.properties)
    except ContractError:
        properties = None
    return GrantView(
        reader=agencies[row.delegator or row.consumer],
        caller=agencies[row.consumer],
        provider=agencies[row.provider],
        service=f"{row.provider}/{row.service}",
        service_title=titles.get((row.provider, row.service), row.service),
        purpose=row.purpose,
        properties=properties,
        grant_hash=row.grant_hash,
        contract_iv=row.contract.iv,
        parties=tuple(row.contract.signers),
        not_after=row.contract.not_after,
    )


def _way(row: Interface) -> str:
    if getattr(row, "door", None) is not None:
        return "door"
    return "system" if row.base_url else ""
