"""Reference data of identity: limits and rights with their sources, read once from this package's `data`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from terpadu.identity.rules.abuse import AbuseLimits
from terpadu.identity.rules.rights import RightsLaw

DATA = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True)
class FaceLimits:
    """Of the face match. threshold: similarity from which it counts, 0 to 1."""

    threshold: float
    tries: int
    max_bytes: int


@dataclass(frozen=True)
class CounterLimits:
    """Of counters. positions: kinds of position that work there."""

    ticket_minutes: int
    positions: tuple[str, ...]
    request_minutes: int


@dataclass(frozen=True)
class RecoveryLimits:
    """Of recoveries, in hours."""

    delay_hours: int
    open_hours: int
    usable_hours: int


@dataclass(frozen=True)
class RepresentationLimits:
    """Of acting for others."""

    parent_until_age: int
    reread_days: int
    use_without_registry_days: int
    offer_days: int
    longest_days: int
    assisted_minutes: int

    @property
    def longest(self) -> timedelta:
        """How long a given mandate may run."""
        return timedelta(days=self.longest_days)


@dataclass(frozen=True)
class AssuranceLimits:
    """All limits in force; the file names the source of each."""

    valid_from: date
    face: FaceLimits
    counter: CounterLimits
    recovery: RecoveryLimits
    representation: RepresentationLimits


def _read(name: str) -> Any:
    return YAML(typ="safe").load((DATA / name).read_text("utf-8"))


@cache
def assurance_limits() -> AssuranceLimits:
    """Return the limits of assurance (`data/assurance.yaml`)."""
    return TypeAdapter(AssuranceLimits).validate_python(_read("assurance.yaml"))


@cache
def rights_law() -> RightsLaw:
    """Return the law on data rights (`data/rights.yaml`)."""
    return TypeAdapter(RightsLaw).validate_python(_read("rights.yaml"))


@cache
def abuse_limits() -> AbuseLimits:
    """Return the thresholds of abuse signals (`data/abuse.yaml`)."""
    return TypeAdapter(AbuseLimits).validate_python(_read("abuse.yaml"))
