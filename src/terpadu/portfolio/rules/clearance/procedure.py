"""Which procedure an agency follows, and which path a request takes through it.

The procedure must not cost more than a small share of what it judges. What a path costs is

    cost(path) = rupiah per hour x (proposer + secretariat + desk x number of desks + decider), hours of each

and a request takes the fullest path with cost(path) <= most_percent / 100 x contract value; the shortest one otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from terpadu.portfolio.enums import Desk, RequestKind

LOCAL_LEVEL = 5
"""Letters of a region's code down to regency or city, such as "36.71"."""


@dataclass(frozen=True)
class Office:
    """Who fills a part: holders of a kind of position. agency: its code, "" for the region of the proposer."""

    position: str
    agency: str


@dataclass(frozen=True)
class Path:
    """One way through the procedure. hours: of work by part; "desk" is for each desk. documents: needed, by request kind."""

    key: str
    hours: Mapping[str, Fraction]
    desks: Mapping[str, tuple[Desk, ...]]
    documents: Mapping[str, tuple[str, ...]]
    checked_by_people: bool

    def desks_for(self, kind: RequestKind) -> tuple[Desk, ...]:
        """Return the desks that look at a kind of request."""
        return self.desks.get(kind.value, self.desks["default"])

    def documents_for(self, kind: RequestKind) -> tuple[str, ...]:
        """Return the kinds of documents that a kind of request needs."""
        return self.documents.get(kind.value, ())

    def cost(self, kind: RequestKind, *, rupiah_per_hour: int) -> int:
        """Return what the path costs everybody together, in whole rupiah, rounded up."""
        desks = len(self.desks_for(kind))
        hours = sum(
            (self.hours[part] for part in ("proposer", "secretariat", "decider")),
            start=self.hours["desk"] * desks,
        )
        return -int(-(hours * rupiah_per_hour) // 1)


@dataclass(frozen=True)
class Days:
    """Working days for each step."""

    completeness: int
    correction: int
    review: int
    decision: int
    appeal: int
    appeal_decision: int


@dataclass(frozen=True)
class Procedure:
    """The procedure of some kinds of agencies. offices: by part or desk. paths: fullest first. assumed: names of days."""

    key: str
    name: Mapping[str, str]
    agency_kinds: tuple[str, ...]
    basis: Mapping[str, str]
    days: Days
    days_assumed: tuple[str, ...]
    offices: Mapping[str, Office]
    paths: tuple[Path, ...]

    def path(self, key: str) -> Path:
        """Return a path by its key. Raises KeyError."""
        return {one.key: one for one in self.paths}[key]


@dataclass(frozen=True)
class Regulation:
    """Everything that is dated data: rates, limits and the procedures. exception_*: months that an exception may last."""

    version: str
    in_force_from: date
    basis: Mapping[str, str]
    rupiah_per_hour: int
    most_percent: int
    strong_score: float
    exception_most_months: int
    usual_months: int
    objection_basis: Mapping[str, str]
    end_notice_days: int
    procedures: tuple[Procedure, ...]

    def procedure_for(self, agency_kind: str) -> Procedure:
        """Return the procedure of a kind of agency; the first when none names it."""
        fitting = [one for one in self.procedures if agency_kind in one.agency_kinds]
        return (fitting or list(self.procedures))[0]

    def procedure(self, key: str) -> Procedure:
        """Return a procedure by its key. Raises KeyError."""
        return {one.key: one for one in self.procedures}[key]

    def path_for(
        self, procedure: Procedure, *, kind: RequestKind, rupiah: int, touches_others: bool = False
    ) -> Path:
        """Return the fullest path whose cost stays within the share of the contract, else the shortest.

        touches_others: whether others depend on what is ended or changed; then the fullest path whatever it costs.
        """
        if touches_others:
            return procedure.paths[0]
        limit = Fraction(rupiah * self.most_percent, 100)
        for path in procedure.paths:
            if path.cost(kind, rupiah_per_hour=self.rupiah_per_hour) <= limit:
                return path
        return procedure.paths[-1]

    def least_value(self, path: Path, *, kind: RequestKind) -> int:
        """Return the contract value from which a path is taken, in whole rupiah."""
        cost = path.cost(kind, rupiah_per_hour=self.rupiah_per_hour)
        return -(-cost * 100 // self.most_percent)


def counted_value(rupiah: int, others: Sequence[int]) -> int:
    """Return the value by which the path is chosen: contracts for the same thing in one year count together."""
    return rupiah + sum(others)


def holds_office(
    office: Office, *, position: str, agency: str, region: str, for_agency: str, for_region: str
) -> bool:
    """Tell whether a position fills an office for an agency.

    agency, region: of who holds the position. for_agency, for_region: of the proposer; regions as Kemendagri's codes.
    """
    if position != office.position:
        return False
    if office.agency:
        return agency == office.agency
    return agency == for_agency or covers(region, for_region)


def covers(region: str, other: str) -> bool:
    """Tell whether two regions belong to the same regency or city (or are the same province)."""
    return bool(region) and other[:LOCAL_LEVEL] == region[:LOCAL_LEVEL]
