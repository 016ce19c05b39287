"""Where clearance asks for overlaps: the overlap engine registers here, and anybody may ask about a proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from terpadu.portfolio.errors import OverlapUnavailable
from terpadu.portfolio.rules.overlap.records import OverlapRecord


@dataclass(frozen=True)
class Candidate:
    """An existing application that overlaps with a proposal.

    code: in the inventory. score: 0 to 1. kind: duplicate, product, function or "". because: what speaks for it, by
    feature with its number. words: the words that both have in common.
    """

    code: str
    name: str
    agency_code: str
    agency_name: str
    state: str
    score: float
    kind: str = ""
    because: Mapping[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as it is frozen in a report."""
        return {**asdict(self), "words": list(self.words)}


@dataclass(frozen=True)
class Finding:
    """What an engine found. versions: of everything the result depends on. records: how many applications were compared."""

    engine: str
    versions: Mapping[str, str]
    records: int
    candidates: tuple[Candidate, ...]


class OverlapDesk(Protocol):
    """An engine that compares a proposal with the whole inventory."""

    def look(self, proposal: OverlapRecord, *, most: int, leave_out: str = "") -> Finding:
        """Return the strongest candidates, best first. leave_out: code of the application that the proposal is about."""
        ...

    def warm(self) -> None:
        """Make ready for the first proposal without keeping the caller."""
        ...


_desks: list[OverlapDesk] = []


def register_overlap_desk(desk: OverlapDesk) -> None:
    """Register an engine; the one registered last is asked."""
    _desks.append(desk)


def overlap_desk() -> OverlapDesk:
    """Return the engine to ask. Raises OverlapUnavailable when none is registered."""
    if not _desks:
        raise OverlapUnavailable()
    return _desks[-1]
