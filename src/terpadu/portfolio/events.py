"""What others may learn from the portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from terpadu.kernel.outbox import Event


@dataclass(frozen=True)
class ApplicationRegistered(Event):
    """A record came into the inventory. source: which gate made it."""

    name: ClassVar[str] = "portfolio.application_registered"
    application_id: UUID
    agency_code: str
    source: str


@dataclass(frozen=True)
class ApplicationChanged(Event):
    """Fields of a record have new values."""

    name: ClassVar[str] = "portfolio.application_changed"
    application_id: UUID
    agency_code: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ApplicationsImported(Event):
    """A list was taken over as a whole; its records are not told one by one."""

    name: ClassVar[str] = "portfolio.applications_imported"
    run_id: UUID
    agency_code: str
    created: int
    changed: int


@dataclass(frozen=True)
class ImportQueued(Event):
    """A large list waits to be checked or written by a worker."""

    name: ClassVar[str] = "portfolio.import_queued"
    run_id: UUID
    step: str


@dataclass(frozen=True)
class ClearanceMoved(Event):
    """A request for clearance came into another state. action: what was done; state: where it stands now."""

    name: ClassVar[str] = "portfolio.clearance_moved"
    request_id: UUID
    number: str
    agency_code: str
    action: str
    state: str


@dataclass(frozen=True)
class ClearanceDecided(Event):
    """A request was decided, in the first instance or on appeal. decision: one of enums.DecisionKind."""

    name: ClassVar[str] = "portfolio.clearance_decided"
    request_id: UUID
    decision_id: UUID
    number: str
    agency_code: str
    decision: str
