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
    """All families that touch an agency, or the country. top: the largest."""

    families: int
    applications: int
    top: tuple[FamilyFigure, ...]


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
