"""The nine priority services and how far each is integrated, by facts of the platform alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from django.db.models import Q
from pydantic import BaseModel, ConfigDict

from terpadu.directory.public import agency_list
from terpadu.exchange.models import Contract, Gateway, Grant, Interface
from terpadu.exchange.selectors.console import CONNECTIONS
from terpadu.exchange.selectors.purpose_forms import Words
from terpadu.exchange.selectors.reference import read_data
from terpadu.exchange.selectors.traffic import traffic_by_caller
from terpadu.kernel.clock import now

PublicServices = Callable[[], Mapping[str, int]]
"""Gives how many public services use each interface, by "<agency code>/<interface>"."""
_sources: list[PublicServices] = []


class PriorityService(BaseModel):
    """A priority service. agencies: codes of those who stand for it; side: whether it lives from giving or reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    name: Words
    owner: Words
    agencies: tuple[str, ...]
    side: Literal["gives", "reads"]


class PriorityList(BaseModel):
    """The list, the norm it comes from and as of when it was drawn up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    norm: str
    services: tuple[PriorityService, ...]


@dataclass(frozen=True)
class Integration:
    """How far a priority service is integrated.

    sources: data sources connected; contracts: rights in force; calls: exchanges of the last 30 days; public_services:
    services in the catalogue that stand on it. stage: how many of the four there are.
    """

    service: PriorityService
    sources: int
    contracts: int
    calls: int
    public_services: int

    @property
    def stage(self) -> int:
        """How many of the four facts hold."""
        return sum(bool(one) for one in (self.sources, self.contracts, self.calls, self.public_services))


def register_public_services(source: PublicServices) -> None:
    """Register who knows the public services; the exchange stands below them and cannot ask by itself."""
    _sources.append(source)


@cache
def priority_list() -> PriorityList:
    """Return the list of priority services as it was drawn up."""
    return PriorityList.model_validate(read_data("priority_services.yaml"))


def priority_integration() -> list[Integration]:
    """Return how far each priority service is integrated, in their order. Four queries and what the sources cost."""
    sources, rights, calls = _sources_by_agency(), _rights(), _calls()
    uses: dict[str, int] = {}
    for source in _sources:
        for interface, count in source().items():
            uses[interface.partition("/")[0]] = uses.get(interface.partition("/")[0], 0) + count
    return [
        Integration(
            service=one,
            sources=sum(sources[one.side].get(code, 0) for code in one.agencies),
            contracts=sum(rights[one.side].get(code, 0) for code in one.agencies),
            calls=sum(calls[one.side].get(code, 0) for code in one.agencies),
            public_services=sum(uses.get(code, 0) for code in one.agencies)
            if one.side == "gives"
            else sum(uses.values()),
        )
        for one in priority_list().services
    ]


def _sources_by_agency() -> dict[str, dict[str, int]]:
    """Count connected interfaces by who gives, and gateways that call out by who reads."""
    rows = Interface.objects.filter(~Q(base_url="") | Q(door__isnull=False))
    given: dict[str, int] = {}
    for code in rows.values_list("peer__agency__code", flat=True):
        given[code] = given.get(code, 0) + 1
    plans = Gateway.objects.exclude(plan={}).values_list("plan", flat=True)
    read = {str(code): 1 for plan in plans if plan.get("outway_listen") for code in plan.get("agencies", ())}
    return {"gives": given, "reads": read}


def _rights() -> dict[str, dict[str, int]]:
    rows = Grant.objects.filter(kind__in=CONNECTIONS, contract__in=Contract.objects.in_force(now()))
    codes = _codes()
    found: dict[str, dict[str, int]] = {"gives": {}, "reads": {}}
    for provider, consumer in rows.values_list("provider", "consumer"):
        for side, peer_id in (("gives", provider), ("reads", consumer)):
            code = codes.get(peer_id, peer_id)
            found[side][code] = found[side].get(code, 0) + 1
    return found


def _calls() -> dict[str, dict[str, int]]:
    codes = _codes()
    found: dict[str, dict[str, int]] = {"gives": {}, "reads": {}}
    for one in traffic_by_caller(span="day"):
        caller, provider = (codes.get(name, name) for name in one.names)
        found["gives"][provider] = found["gives"].get(provider, 0) + one.calls
        found["reads"][caller] = found["reads"].get(caller, 0) + one.calls
    return found


def _codes() -> dict[str, str]:
    return {agency.peer_id: agency.code for agency in agency_list()}
