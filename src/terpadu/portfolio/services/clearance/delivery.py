"""From approved to delivered: looked at whenever the record or the exchange changes."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.exchange.public import contract_list, interface_list
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.portfolio.enums import (
    ChangeSource,
    DecisionKind,
    LifeState,
    Part,
    RequestAction,
    RequestKind,
    RequestState,
)
from terpadu.portfolio.models import Application, ClearanceRequest
from terpadu.portfolio.rules.clearance.delivery import DeliveryFacts, delivery_gaps
from terpadu.portfolio.selectors.clearance.parts import check_sees, positions_of
from terpadu.portfolio.selectors.dependencies import consumer_of, dependents_of
from terpadu.portfolio.services.applications import Gate, application_end
from terpadu.portfolio.services.clearance.decisions import decision_of
from terpadu.portfolio.services.clearance.flow import SYSTEM, request_lock, request_move
from terpadu.portfolio.services.clearance.registration import record_deliver


@transaction.atomic
def delivery_check(request_id: UUID, *, by: Actor) -> list[str]:
    """Close an approved request when everything exists; return what is missing, empty when it is delivered.

    Raises RequestUnknown, NotAllowed. A request in another state is left alone.
    """
    row = request_lock(request_id)
    check_sees(positions_of(by), row)
    if row.state != RequestState.APPROVED:
        return []
    _end_when_due(row)
    gaps = gaps_of(row)
    if not gaps:
        record_deliver(row)
        row.delivered_at = now()
        request_move(row, RequestAction.DELIVER, part=Part.SYSTEM, by=SYSTEM)
    return gaps


def delivery_check_all(*, record: UUID | None = None) -> int:
    """Look at every approved request, or those of one record; return how many were delivered."""
    rows = ClearanceRequest.objects.filter(state=RequestState.APPROVED)
    rows = rows.filter(record=record) if record else rows
    return sum(not delivery_check(request_id, by=SYSTEM) for request_id in rows.values_list("pk", flat=True))


def gaps_of(row: ClearanceRequest) -> list[str]:
    """Return what an approved request still lacks, as codes in the order in which to do it."""
    decision = decision_of(row)
    record = row.record
    if decision is None or record is None:
        return ["record"]
    published = {one.service for one in interface_list()} if record.interfaces else set()
    offered = tuple(one for one in record.interfaces if one in published)
    facts = DeliveryFacts(
        record=record.code,
        state=record.state,
        interfaces=offered,
        contracts=_contracts(row, offered) if decision.kind == DecisionKind.INTEGRATE else 0,
        dependents=tuple(one.name for one in dependents_of(record)) if row.kind == RequestKind.END else (),
    )
    return delivery_gaps(RequestKind(row.kind), DecisionKind(decision.kind), facts)


def _contracts(row: ClearanceRequest, offered: tuple[str, ...]) -> int:
    """Count the contracts in force by which the proposer may call one of the interfaces."""
    peer = row.agency.peer_id
    return sum(
        f"{grant.service.peer_id}/{grant.service.name}" in offered and consumer_of(grant) == peer
        for contract in contract_list(peer_id=peer)
        if contract.state == "valid"
        for grant in contract.content.connection_grants()
    )


def _end_when_due(row: ClearanceRequest) -> None:
    """End the application of an approved end on its day, as soon as nothing depends on it any more."""
    record = row.record
    if row.kind != RequestKind.END or record is None or record.state == LifeState.ENDED:
        return
    if today() < (row.ends_on or today()) or dependents_of(record):
        return
    application_end(record.id, on=today(), gate=Gate(ChangeSource.CLEARANCE, row.number), by=SYSTEM)
    row.record = Application.objects.get(pk=record.id)
