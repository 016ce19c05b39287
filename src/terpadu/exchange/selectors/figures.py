"""Figures of the exchange for the platform's metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max, Min, Sum
from prometheus_client.core import GaugeMetricFamily, Metric

from terpadu.directory.public import certificate_list
from terpadu.exchange.models import DeliveredRecord, PublishedSnapshot, TrafficCount
from terpadu.exchange.selectors.events import events_held
from terpadu.exchange.selectors.operations import open_orphans
from terpadu.kernel.clock import JAKARTA, now
from terpadu.kernel.http.metrics import gauge


def exchange_figures() -> Iterator[Metric]:
    """Yield today's exchanges, open orphans, ages of snapshot and certificates, records to be logged, events held up. Seven queries."""
    moment = now()
    today = moment.astimezone(JAKARTA).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = TrafficCount.objects.filter(span="day", begin_at=today, side="in").values_list("outcome")
    exchanges = GaugeMetricFamily(
        "terpadu_exchanges_today", "Exchanges today, as the givers count them", labels=("outcome",)
    )
    for outcome, calls in rows.annotate(calls=Sum("calls")).order_by("outcome"):
        exchanges.add_metric((outcome,), calls)
    yield exchanges
    held, stopped = events_held()
    yield gauge("events_held", "Events that did not reach a subscriber yet and are held up", held)
    yield gauge("events_stopped", "Held events that wait for a person", stopped)
    yield gauge("orphans_open", "Exchanges that lack the other side's record", open_orphans())
    published = PublishedSnapshot.objects.aggregate(at=Max("published_at"))["at"]
    if published is not None:
        yield gauge(
            "snapshot_age_seconds", "Age of the newest snapshot", (moment - published).total_seconds()
        )
    ends = min((one.valid_to for one in certificate_list()), default=None)
    if ends is not None:
        yield gauge(
            "certificate_seconds", "Time until the first certificate ends", (ends - moment).total_seconds()
        )
    waiting = DeliveredRecord.objects.filter(leaf_index__isnull=True).aggregate(at=Min("received_at"))["at"]
    lag = (moment - waiting).total_seconds() if waiting else 0.0
    yield gauge("log_lag_seconds", "Age of the oldest record that is not in the log", lag)
