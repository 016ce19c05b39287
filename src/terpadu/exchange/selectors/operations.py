"""What the operator of the exchange sees: who is joined with whom, how much goes there, and what runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.adapters.programs import Program
from terpadu.exchange.models import Contract, DoorHost, Gateway, Grant, Orphan, Peer
from terpadu.exchange.selectors.console import CONNECTIONS
from terpadu.exchange.selectors.traffic import Span, Traffic, traffic_by_pair
from terpadu.kernel.clock import now

Condition = Literal["ok", "wait", "late", "idle"]
WAIT_SHARE, LATE_SHARE = 0.01, 0.05
"""From which share of failed exchanges on a connection is shown as troubled, and as bad (assumed)."""


@dataclass(frozen=True)
class Connection:
    """Who may read of whom by agreements in force, and what went over it. grants: how many rights."""

    reader: AgencyView
    provider: AgencyView
    grants: int
    calls: int
    failed: int
    p95_ms: float | None

    @property
    def condition(self) -> Condition:
        """Whether it works, by the share that failed; "idle" when nothing went over it."""
        if not self.calls:
            return "idle"
        share = self.failed / self.calls
        return "late" if share >= LATE_SHARE else "wait" if share >= WAIT_SHARE else "ok"


@dataclass(frozen=True)
class ExchangeMap:
    """The agencies that have joined, and their connections, busiest first."""

    agencies: tuple[AgencyView, ...]
    connections: tuple[Connection, ...]

    @property
    def alone(self) -> list[AgencyView]:
        """The agencies that have joined and neither read nor give yet."""
        busy = {agency for one in self.connections for agency in (one.reader.code, one.provider.code)}
        return [agency for agency in self.agencies if agency.code not in busy]


def exchange_map(*, span: Span) -> ExchangeMap:
    """Return who is joined with whom, with the exchanges of the last 24 hours or 30 days. Four queries."""
    agencies = {agency.peer_id: agency for agency in agency_list()}
    joined = Peer.objects.order_by("agency__peer_id").values_list("agency__peer_id", flat=True)
    traffic = {(one.names[0], one.names[1]): one for one in traffic_by_pair(span=span)}
    grants = _granted()
    pairs = sorted(grants.keys() | traffic.keys())
    found = [
        _connection(
            agencies[reader],
            agencies[provider],
            grants.get((reader, provider), 0),
            traffic.get((reader, provider)),
        )
        for reader, provider in pairs
        if reader in agencies and provider in agencies
    ]
    found.sort(key=lambda one: (-one.calls, one.provider.short_name, one.reader.short_name))
    return ExchangeMap(tuple(agencies[peer_id] for peer_id in joined), tuple(found))


def programs() -> list[Program]:
    """Return the gateways and programs of doors that were provisioned, by name. Two queries."""
    found = []
    for row in Gateway.objects.exclude(plan={}).order_by("name"):
        page = row.plan.get("outway_listen") or row.plan.get("health_listen")
        found.append(Program("gateway", row.name, page or row.plan.get("inway_listen", ""), bool(page)))
    hosts = DoorHost.objects.order_by("name")
    return found + [Program("doors", host.name, host.listen, has_page=True) for host in hosts]


def open_orphans() -> int:
    """Return how many exchanges lack the other side's record. One query by index."""
    return Orphan.objects.filter(settled_at__isnull=True).count()


def _granted() -> dict[tuple[str, str], int]:
    rows = Grant.objects.filter(kind__in=CONNECTIONS, contract__in=Contract.objects.in_force(now()))
    counts: dict[tuple[str, str], int] = {}
    for consumer, delegator, provider in rows.values_list("consumer", "delegator", "provider"):
        pair = (delegator or consumer, provider)
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def _connection(reader: AgencyView, provider: AgencyView, grants: int, seen: Traffic | None) -> Connection:
    if seen is None:
        return Connection(reader, provider, grants, calls=0, failed=0, p95_ms=None)
    return Connection(reader, provider, grants, seen.calls, seen.failed, seen.p95_ms)
