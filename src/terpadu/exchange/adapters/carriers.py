"""What carries events: NATS JetStream when `NATS_URL` is set, else PostgreSQL. One contract for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from django.conf import settings

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
    """Keeps events of topics in order until they are older than KEPT. Every method may raise CarrierAway."""

    def append(self, topic: str, *, event_id: str, body: bytes) -> int:
        """Keep an event and return its place once it cannot be lost; the same id again returns the first place."""

    def read(self, topic: str, *, after: int, limit: int) -> list[Carried]:
        """Return the events of a topic behind a place, in order. Nothing can come between two of them later."""

    def head(self, topic: str) -> int:
        """Return the place of a topic's newest event, 0 when there is none."""

    def prune(self) -> None:
        """Forget what is older than KEPT."""

    def close(self) -> None:
        """Give up connections."""


def carrier() -> Carrier:
    """Return this process's carrier."""
    return _carrier(settings.NATS_URL)


@lru_cache(maxsize=2)
def _carrier(url: str) -> Carrier:
    # Only the one that is used: NATS's client is not needed in memory without NATS.
    if url:
        from terpadu.exchange.adapters.carrier_nats import NatsCarrier

        return NatsCarrier(url)
    from terpadu.exchange.adapters.carrier_postgres import PostgresCarrier

    return PostgresCarrier()
