"""What carries events: the contract that PostgreSQL and NATS JetStream keep alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

KEPT: Final = timedelta(days=30)
"""How long an event is kept for those who pull it."""


class CarrierAway(Exception):
    """The carrier cannot be reached, or did not confirm in time. `reason`: stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Carried:
    """An event and its place in its topic. Places grow, with gaps."""

    sequence: int
    body: bytes
    carried_at: datetime


class Carrier(Protocol):
    """Keeps events of topics in order until they are older than KEPT. Every method may raise CarrierAway.

    name: says whose places a cursor counts.
    """

    name: str

    def append(self, topic: str, *, event_id: str, body: bytes) -> Carried:
        """Keep an event and return it once it cannot be lost; for an id that is known return the one that has it."""

    def read(self, topic: str, *, after: int, limit: int) -> list[Carried]:
        """Return the events of a topic behind a place, in order. Nothing can come between two of them later."""

    def head(self, topic: str) -> int:
        """Return the place of a topic's newest event, 0 when there is none."""

    def prune(self) -> None:
        """Forget what is older than KEPT."""

    def close(self) -> None:
        """Give up connections."""
