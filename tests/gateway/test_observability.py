"""Metrics that operators scrape and traces that both gateways' spans share; neither names a person."""

import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from terpadu_gateway import tracing
from terpadu_gateway.answers import Answer
from terpadu_gateway.tracing import Tracer
from tests.gateway import registry
from tests.gateway.country import NIK, REGISTRY
from tests.gateway.processes import Gateway, wait_until
from tests.gateway.road import Road

TRANSACTION = "01a1ffe6-ae32-7819-a387-3a7095712cb8"


def samples(gateway: Gateway) -> dict[tuple[str, tuple[str, ...]], float]:
    text = httpx.get(gateway.health_url.replace("/health", "/metrics")).text
    families = text_string_to_metric_families(text)
    return {
        (one.name, tuple(one.labels[name] for name in sorted(one.labels))): one.value
        for family in families
        for one in family.samples
    }


def test_metrics_count_exchanges_by_interface_answers_and_seconds(fresh_road: Road) -> None:
    for _ in range(3):
        fresh_road.call()
    fresh_road.call(registry.UNKNOWN)
    fresh_road.call(authorization="Bearer wrong")

    out, into = samples(fresh_road.portal), samples(fresh_road.agency)
    for side, found in (("out", out), ("in", into)):
        count = "terpadu_gateway_exchanges_total"
        assert found[count, ("", "cari", "answered", REGISTRY, "kependudukan", side)] == 3
        assert found[count, ("system.not_found", "cari", "refused", REGISTRY, "kependudukan", side)] == 1
    assert out["terpadu_gateway_answers_total", ("consumer-gateway", "200")] == 3
    assert out["terpadu_gateway_seconds_count", ("consumer-gateway",)] == 4
    assert out["terpadu_gateway_seconds_bucket", ("+Inf", "consumer-gateway")] == 4
    assert into["terpadu_gateway_records_writable", ()] == 1
    assert into["terpadu_gateway_snapshot_version", ()] == fresh_road.country.version
    assert into["process_resident_memory_bytes", ()] > 0
    page = httpx.get(fresh_road.portal.health_url.replace("/health", "/metrics")).text
    assert NIK not in page


def test_tracer_ties_both_sides_together_by_the_transaction_id() -> None:
    exporter = InMemorySpanExporter()
    tracer = Tracer("gerbang", endpoint="http://127.0.0.1:1/", exporter=exporter)
    answer = Answer(502, {"fsc-transaction-id": TRANSACTION}, b"")
    tracer.note_answer("consumer-gateway", answer, started=1.0, ended=1.5)
    tracer.note_answer("provider-gateway", answer, started=1.1, ended=1.4)
    tracer.note_answer("provider-gateway", Answer(401, {}, b""), started=1.1, ended=1.4)
    tracer.close()

    out, into = exporter.get_finished_spans()
    assert out.context is not None and into.context is not None and into.parent is not None
    assert out.context.trace_id == into.context.trace_id == UUID(TRANSACTION).int
    assert into.parent.span_id == out.context.span_id
    assert out.parent is None
    assert not out.status.is_ok
    assert out.start_time is not None and out.end_time is not None
    assert abs((out.end_time - out.start_time) / 1e9 - 0.5) < 0.001
    assert time.time_ns() - out.end_time < 60e9


def test_tracer_leaves_a_collector_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "_LAST_SECONDS", 0.01)
    was_left: list[bool] = []

    class Silent(SpanExporter):
        def __init__(self) -> None:
            self.left = threading.Event()

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            was_left.append(self.left.wait(5))
            return SpanExportResult.FAILURE

        def shutdown(self) -> None:
            self.left.set()

    tracer = Tracer("gerbang", endpoint="http://127.0.0.1:1/", exporter=Silent())
    answer = Answer(200, {"fsc-transaction-id": TRANSACTION}, b"")
    tracer.note_answer("consumer-gateway", answer, started=1.0, ended=1.5)
    tracer.close()

    assert was_left == [True]


def test_gateway_with_a_collector_sends_it_the_spans_of_an_exchange(build_road) -> None:  # type: ignore[no-untyped-def]  # the fixture's own type
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    road: Road = build_road()
    endpoint = f'\n[tracing]\nendpoint = "http://127.0.0.1:{server.server_address[1]}/v1/traces"\n'
    road.portal.config.write_text(road.portal.config.read_text() + endpoint)
    road.start()
    transaction = road.call().headers["fsc-transaction-id"]
    assert road.portal.terminate() == 0

    wait_until(lambda: received)
    server.shutdown()
    server.server_close()
    assert UUID(transaction).bytes in b"".join(received) or received[0][:2] == b"\x1f\x8b"
