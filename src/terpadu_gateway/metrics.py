"""Metrics in Prometheus' form, on the loopback listener beside health: counted cheaply, put together when asked for."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from terpadu_gateway.answers import Answer
from terpadu_wire.problems import Side
from terpadu_wire.records import Record

PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histogram of durations, in seconds."""

Gauges = Callable[[], dict[str, float]]
"""Gives the gateway's condition by the name of its gauge."""
_MEANING = {
    "in_hand": "Calls being answered now",
    "draining": "1 while the gateway is shutting down",
    "snapshot_version": "Version of the snapshot that calls are decided by",
    "snapshot_age_seconds": "Age of the snapshot",
    "records_writable": "1 while records can be written",
    "unshipped_bytes": "Records not yet taken by the control plane",
    "certificate_seconds": "Time until the first certificate ends",
}


class Metrics(Collector):
    """What one gateway process counts. ``gauges`` gives its condition; names without prefix."""

    def __init__(self) -> None:
        self.gauges: Gauges = dict
        self._answers: dict[tuple[str, int], int] = defaultdict(int)
        self._records: dict[tuple[str, str, str, str, str, str], int] = defaultdict(int)
        self._seconds: dict[str, float] = defaultdict(float)
        self._within: dict[str, list[int]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def note_answer(self, side: Side, answer: Answer, *, started: float, ended: float) -> None:
        """Count an answer and how long it took; times in seconds of one clock."""
        self._answers[side, answer.status] += 1
        self._seconds[side] += ended - started
        within = self._within.get(side)
        if within is None:
            within = self._within[side] = [0] * (len(BUCKETS) + 1)
        within[bisect_left(BUCKETS, ended - started)] += 1

    def note_record(self, record: Record) -> None:
        """Count an exchange by interface when the record of its answer is made."""
        if record.phase == "response":
            self._records[
                record.side,
                record.provider,
                record.service,
                record.operation,
                record.outcome,
                record.error_code,
            ] += 1

    def page(self) -> Answer:
        """Return everything as Prometheus reads it."""
        return Answer(200, {"content-type": CONTENT_TYPE}, generate_latest(self._registry))

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        exchanges = CounterMetricFamily(
            "terpadu_gateway_exchanges",
            "Exchanges recorded, by interface",
            labels=("side", "provider", "service", "operation", "outcome", "code"),
        )
        for labels, count in self._records.items():
            exchanges.add_metric(labels, count)
        yield exchanges
        answers = CounterMetricFamily("terpadu_gateway_answers", "Answers given", labels=("side", "status"))
        for (side, status), count in self._answers.items():
            answers.add_metric((side, str(status)), count)
        yield answers
        yield self._durations()
        for name, value in self.gauges().items():
            yield GaugeMetricFamily(f"terpadu_gateway_{name}", _MEANING.get(name, name), value=value)

    def _durations(self) -> HistogramMetricFamily:
        durations = HistogramMetricFamily(
            "terpadu_gateway_seconds", "Seconds from a request to its answer", labels=("side",)
        )
        bounds = [*map(str, BUCKETS), "+Inf"]
        for side, within in self._within.items():
            sums, total = [], 0
            for count in within:
                total += count
                sums.append(total)
            durations.add_metric((side,), list(zip(bounds, sums, strict=True)), self._seconds[side])
        return durations
