"""Which carrier this installation uses: NATS JetStream when `NATS_URL` is set, else PostgreSQL."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from terpadu.exchange.adapters.carriers import Carrier


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
