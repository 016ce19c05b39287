"""OpenTelemetry traces, when an operator names a collector: one span per side, tied together by the transaction id.

The trace id is the transaction id itself, and the span ids follow from it, so that both gateways' spans meet in one trace
without any header between them.
"""

import hashlib
import logging
import threading
import time
from uuid import UUID

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from terpadu_gateway.answers import Answer
from terpadu_wire.problems import Side

log = structlog.get_logger()
_NANO = 1_000_000_000
_LAST_SECONDS = 2.0
"""How long one request to the collector may take, and the last ones together when the gateway ends."""


class Tracer:
    """Makes a span of each answer and hands it to a collector in the background.

    Args:
        gateway: the gateway's name.
        endpoint: OTLP/HTTP address of the collector, such as ``http://127.0.0.1:4318/v1/traces``.
        exporter: sends spans; by default to ``endpoint``.
    """

    def __init__(self, gateway: str, *, endpoint: str, exporter: SpanExporter | None = None) -> None:
        self._resource = Resource.create({"service.name": "terpadu-gateway", "service.instance.id": gateway})
        self._exporter = exporter or OTLPSpanExporter(endpoint=endpoint, timeout=_LAST_SECONDS)
        self._processor = BatchSpanProcessor(self._exporter)
        _log_as_we_do(logging.getLogger("opentelemetry"))

    def note_answer(self, side: Side, answer: Answer, *, started: float, ended: float) -> None:
        """Make the span of an answer that belongs to an exchange; times in seconds of ``time.perf_counter``."""
        transaction_id = answer.headers.get("fsc-transaction-id", "")
        if not transaction_id:
            return
        trace, now = UUID(transaction_id).int, time.time_ns()
        ours, theirs = _span_id(transaction_id, "out"), _span_id(transaction_id, "in")
        provider = side == "provider-gateway"
        failed = answer.status >= 500
        span = ReadableSpan(
            name=f"exchange {'in' if provider else 'out'}",
            context=_context(trace, theirs if provider else ours),
            parent=_context(trace, ours) if provider else None,
            resource=self._resource,
            attributes={"http.response.status_code": answer.status, "terpadu.transaction_id": transaction_id},
            kind=SpanKind.SERVER if provider else SpanKind.CLIENT,
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=now - int((ended - started) * _NANO),
            end_time=now,
        )
        self._processor.on_end(span)

    def close(self) -> None:
        """Send what is waiting and end; a collector that does not answer is left after some seconds."""
        giving_up = threading.Timer(_LAST_SECONDS, self._exporter.shutdown)
        giving_up.start()
        self._processor.shutdown()  # type: ignore[no-untyped-call]  # the SDK's shutdown has no annotations
        giving_up.cancel()


class _Said(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log.warning("tracing.failed", said=record.getMessage()[:300])


def _log_as_we_do(library: logging.Logger) -> None:
    """Let a library's complaints be events like all others."""
    library.handlers, library.propagate = [_Said(logging.WARNING)], False


def _span_id(transaction_id: str, side: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{side} {transaction_id}".encode()).digest()[:8], "big")


def _context(trace: int, span: int) -> SpanContext:
    return SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
