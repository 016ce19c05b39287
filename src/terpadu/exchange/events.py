"""What the exchange tells others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from terpadu.kernel.outbox import Event


@dataclass(frozen=True)
class ContractProposed(Event):
    """A contract waits for signatures. signers: peer ids that must accept."""

    name: ClassVar[str] = "exchange.contract_proposed"
    content_hash: str
    signers: tuple[str, ...]


@dataclass(frozen=True)
class ContractSigned(Event):
    """A peer accepted, rejected or revoked a contract. state: where the contract stands now."""

    name: ClassVar[str] = "exchange.contract_signed"
    content_hash: str
    peer_id: str
    kind: str
    state: str


@dataclass(frozen=True)
class ExchangeDisputed(Event):
    """The two sides' records of one exchange contradict each other."""

    name: ClassVar[str] = "exchange.exchange_disputed"
    transaction_id: str
    consumer: str
    provider: str


@dataclass(frozen=True)
class InterfacePublished(Event):
    """A peer published an interface, or a new version of it. service: "<peer id>/<name>", how calls name it."""

    name: ClassVar[str] = "exchange.interface_published"
    peer_id: str
    service: str
    title: str


@dataclass(frozen=True)
class PurposeMoved(Event):
    """A purpose was submitted, approved, rejected, suspended, resumed or archived.

    state: where it stands now; "waiting" wants an answer of the provider. consumer, provider: agency codes.
    """

    name: ClassVar[str] = "exchange.purpose_moved"
    purpose_id: str
    code: str
    text_id: str
    text_en: str
    consumer: str
    provider: str
    action: str
    state: str
    at: str


@dataclass(frozen=True)
class InterfaceBroken(Event):
    """A message broke an interface's OpenAPI document at a place where none had before. provider: peer id."""

    name: ClassVar[str] = "exchange.interface_broken"
    provider: str
    service: str
    operation: str
    place: str


@dataclass(frozen=True)
class ConsentAsked(Event):
    """A person is asked for their consent. consumer: peer id of who wants to read."""

    name: ClassVar[str] = "exchange.consent_asked"
    consent_id: str
    person_id: str
    consumer: str
    until: str


@dataclass(frozen=True)
class RecordsTaken(Event):
    """A gateway's batch of records was taken and waits to be logged. count: how many."""

    name: ClassVar[str] = "exchange.records_taken"
    count: int


@dataclass(frozen=True)
class LogGrown(Event):
    """The transparency log has a newer signed state. size: number of its leaves."""

    name: ClassVar[str] = "exchange.log_grown"
    size: int


@dataclass(frozen=True)
class OrphansFound(Event):
    """A reconciliation found exchanges of which one side has no record, or whose sides contradict each other.

    counts: how many new ones by the agency (peer id) that is a side of them. total: how many there are. at: of the run.
    """

    name: ClassVar[str] = "exchange.orphans_found"
    counts: dict[str, int]
    total: int
    at: datetime


@dataclass(frozen=True)
class EventReceived(Event):
    """Another agency's event reached the platform, which takes it under a contract. key: what orders it."""

    name: ClassVar[str] = "exchange.event_received"
    event_id: str
    peer_id: str
    service: str
    type: str
    key: str
