"""What breaks when an application ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """Somebody uses an interface. kind: contract or service. owner: id of the agency that uses it, "" when unknown."""

    kind: str
    interface: str
    name: str
    owner: str
    agency_code: str
    reference: str


@dataclass(frozen=True)
class Dependent:
    """One thing that needs an application.

    kind: contract, service, successor (an application that moves to it), request (approved, and about it), or declared
    (its record says so).
    """

    kind: str
    name: str
    interface: str
    agency_code: str
    reference: str


def dependents(
    *,
    interfaces: Sequence[str],
    declared: Sequence[str],
    owner: str,
    uses: Iterable[Use],
    others: Iterable[Dependent] = (),
) -> list[Dependent]:
    """Return what uses one of the interfaces, others that count on the application, and what the record declares beyond.

    Contracts of the owner with itself do not count. A declared service that is seen anyway is named once.
    """
    offered = set(interfaces)
    seen = [
        Dependent(use.kind, use.name, use.interface, use.agency_code, use.reference)
        for use in uses
        if use.interface in offered and not (use.kind == "contract" and use.owner == owner)
    ]
    seen += others
    known = {one.reference for one in seen} | {one.name for one in seen}
    seen += [Dependent("declared", name, "", "", name) for name in declared if name not in known]
    return sorted(seen, key=lambda one: (one.kind, one.name, one.interface, one.reference))
