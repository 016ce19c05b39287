"""What the platform can measure about applications: sources register, rationalisation asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from terpadu.portfolio.models import Application

MeasureSource = Callable[[Sequence[Application]], Mapping[UUID, float]]
_sources: dict[str, MeasureSource] = {}


def register_measure(key: str, source: MeasureSource) -> None:
    """Register who measures "traffic", "sign_ins" or "people": takes applications, returns a number for each that it can tell."""
    _sources[key] = source


def measured(key: str, rows: Sequence[Application]) -> Mapping[UUID, float]:
    """Return what is measured of applications; empty when nobody measures it here."""
    return _sources[key](rows) if key in _sources else {}
