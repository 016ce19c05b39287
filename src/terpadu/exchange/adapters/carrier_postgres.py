"""PostgreSQL as the carrier of events."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Max

from terpadu.exchange.adapters.carriers import KEPT, Carried
from terpadu.exchange.models import CarriedEvent
from terpadu.kernel.clock import now

_KEEP = """
insert into exchange_carriedevent (topic, event_id, body, carried_at) values (%s, %s, %s, %s)
on conflict (topic, event_id) do nothing returning sequence, body, carried_at
"""


class PostgresCarrier:
    """See `carriers.Carrier`. An event is kept when the surrounding transaction is."""

    name = "postgres"

    @transaction.atomic
    def append(self, topic: str, *, event_id: str, body: bytes) -> Carried:
        """Keep an event. A lock on the topic until the commit lets its places grow in the order of commits."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7305))", [topic])
            cursor.execute(_KEEP, [topic, event_id, body.decode(), now()])
            kept = cursor.fetchone()
        if kept is None:
            known = CarriedEvent.objects.values_list("sequence", "body", "carried_at")
            kept = known.get(topic=topic, event_id=event_id)
        return Carried(int(kept[0]), kept[1].encode(), kept[2])

    def read(self, topic: str, *, after: int, limit: int) -> list[Carried]:
        """Return the events behind a place. One query."""
        rows = CarriedEvent.objects.filter(topic=topic, sequence__gt=after).order_by("sequence")[:limit]
        return [Carried(row.sequence, row.body.encode(), row.carried_at) for row in rows]

    def head(self, topic: str) -> int:
        """Return the newest place. One query."""
        return CarriedEvent.objects.filter(topic=topic).aggregate(newest=Max("sequence"))["newest"] or 0

    def prune(self) -> None:
        """Delete what is too old. One query."""
        CarriedEvent.objects.filter(carried_at__lt=now() - KEPT).delete()

    def close(self) -> None:
        """Nothing to give up."""
