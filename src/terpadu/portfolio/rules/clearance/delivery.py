"""When an approved request is delivered: the record is in the inventory and the connected interface exists."""

from __future__ import annotations

from dataclasses import dataclass

from terpadu.portfolio.enums import DecisionKind, LifeState, RequestKind

D, K = DecisionKind, RequestKind


@dataclass(frozen=True)
class DeliveryFacts:
    """What exists on the platform for a request.

    record: code of its inventory record, "" without one. state: of that record. interfaces: of the record (or of the
    application it was told to join) that are published on the exchange. contracts: in force between the two agencies for
    one of those. dependents: what still needs an application that is to end.
    """

    record: str
    state: str
    interfaces: tuple[str, ...]
    contracts: int
    dependents: tuple[str, ...]


def delivery_gaps(kind: RequestKind, decision: DecisionKind, facts: DeliveryFacts) -> list[str]:
    """Return what is still missing, as codes in the order in which to do it; empty when the request is delivered."""
    if not facts.record:
        return ["record"]
    if kind is K.END:
        return ["dependents"] if facts.dependents else [] if facts.state == LifeState.ENDED else ["ended"]
    if kind is K.TAKE_INTO_USE and facts.state != LifeState.LIVE:
        return ["live"]
    gaps = [] if facts.interfaces else ["interface"]
    if decision is D.INTEGRATE and not facts.contracts:
        gaps.append("contract")
    return gaps
