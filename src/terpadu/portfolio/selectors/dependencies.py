"""What depends on an application: contracts on the exchange, services of the portal, applications that move to it,
approved requests about it, and what the record itself says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import F

from terpadu.casework.public import InterfaceUse, interface_uses
from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.public import ContractView, contract_list
from terpadu.portfolio.enums import RequestKind, RequestState
from terpadu.portfolio.models import Application, ClearanceRequest
from terpadu.portfolio.rules.rationalisation.dependencies import Dependent, Use, dependents
from terpadu_wire.contracts import ConnectionGrant, DelegatedServiceConnectionGrant


def dependents_of(row: Application) -> list[Dependent]:
    """Return what breaks when one application ends. A handful of queries."""
    return dependents_many([row])[row.id]


def dependents_many(rows: Iterable[Application]) -> dict[UUID, list[Dependent]]:
    """Return what breaks when each of some applications ends. The same number of queries for any number of them."""
    found = list(rows)
    others = _counting_on(found)
    uses: list[Use] = []
    if any(row.interfaces for row in found):
        agencies = agency_list()
        uses = [*_contract_uses(agencies), *_service_uses(agencies)]
    return {
        row.id: dependents(
            interfaces=tuple(row.interfaces),
            declared=tuple(row.dependents),
            owner=str(row.agency_id),
            uses=uses,
            others=others.get(row.id, []),
        )
        for row in found
    }


def consumer_of(grant: ConnectionGrant) -> str:
    """Return the peer in whose name a grant lets somebody call: of a delegated one the peer that delegated."""
    return (
        grant.delegator.peer_id
        if isinstance(grant, DelegatedServiceConnectionGrant)
        else grant.outway.peer_id
    )


def _counting_on(rows: list[Application]) -> dict[UUID, list[Dependent]]:
    """Return the living applications that move to each, and the approved requests of others about each. Two queries."""
    found: dict[UUID, list[Dependent]] = {row.id: [] for row in rows}
    moving = Application.objects.alive().filter(successor__in=rows).select_related("agency").defer("search")
    for one in moving:
        if one.successor_id:
            found[one.successor_id].append(Dependent("successor", one.name, "", one.agency.code, one.code))
    requests = ClearanceRequest.objects.filter(state=RequestState.APPROVED, record__in=rows)
    requests = requests.exclude(kind=RequestKind.END).exclude(agency=F("record__agency"))
    for request in requests.select_related("agency"):
        if request.record_id:
            name, code = f"{request.title} ({request.agency.name})", request.agency.code
            found[request.record_id].append(Dependent("request", name, "", code, request.number))
    return found


def _contract_uses(agencies: list[AgencyView]) -> list[Use]:
    by_peer = {one.peer_id: one for one in agencies}
    return [
        use
        for contract in contract_list()
        if contract.state == "valid"
        for use in _of_contract(contract, by_peer)
    ]


def _of_contract(contract: ContractView, by_peer: Mapping[str, AgencyView]) -> list[Use]:
    found = []
    for grant in contract.content.connection_grants():
        service = f"{grant.service.peer_id}/{grant.service.name}"
        peer_id = consumer_of(grant)
        consumer = by_peer.get(peer_id)
        name = consumer.name if consumer else peer_id
        owner = str(consumer.id) if consumer else ""
        code = consumer.code if consumer else ""
        found.append(
            Use(
                "contract", service, name, owner=owner, agency_code=code, reference=contract.content_hash[:24]
            )
        )
    return found


def _service_uses(agencies: list[AgencyView]) -> list[Use]:
    by_code = {one.code: one for one in agencies}
    return [_of_service(use, by_code) for use in interface_uses()]


def _of_service(use: InterfaceUse, by_code: Mapping[str, AgencyView]) -> Use:
    code, _, name = use.interface.partition("/")
    peer = by_code[code].peer_id if code in by_code else code
    agency = by_code.get(use.agency_code)
    owner = str(agency.id) if agency else ""
    return Use(
        "service",
        f"{peer}/{name}",
        use.name["id"],
        owner=owner,
        agency_code=use.agency_code,
        reference=use.service_id,
    )
