"""Where overlap families come from: the overlap engine registers, dashboards ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class FamilyFigure:
    """One family of applications that do the same. kind: duplicate, product or function. address: of its page, or ""."""

    key: str
    name: str
    kind: str
    applications: int
    agencies: int
    address: str = ""


@dataclass(frozen=True)
class FamilyFigures:
    """All families that touch an agency, or the country. kinds: kind, families and applications of each. top: the largest."""

    kinds: tuple[tuple[str, int, int], ...]
    top: tuple[FamilyFigure, ...]

    @property
    def families(self) -> int:
        """How many there are."""
        return sum(families for _kind, families, _applications in self.kinds)

    @property
    def applications(self) -> int:
        """How many applications they hold."""
        return sum(applications for _kind, _families, applications in self.kinds)


FamilySource = Callable[[str], FamilyFigures | None]
_sources: list[FamilySource] = []


def register_families(source: FamilySource) -> None:
    """Register who knows families: takes an agency's code, "" for all, and returns None before the first report."""
    _sources.append(source)


def families_of(agency_code: str) -> FamilyFigures | None:
    """Return the families that touch an agency ("": all); None when nothing has been computed yet."""
    for source in _sources:
        if found := source(agency_code):
            return found
    return None
