"""``/health`` and ``/metrics``: what a supervisor wants to know of a gateway, on loopback only."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson

from terpadu_gateway.answers import Answer
from terpadu_gateway.journal import Journal
from terpadu_gateway.listeners import Gate, Handler
from terpadu_gateway.messages import Exchange, Scope
from terpadu_gateway.shipping import Shipper
from terpadu_gateway.snapshots import SnapshotKeeper

PATH = "/health"


class Health:
    """Gathers the gateway's condition.

    Args:
        name: the gateway's name.
        snapshots, journal, shipper, gate: its parts.
        clock: gives Unix seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        snapshots: SnapshotKeeper,
        journal: Journal,
        shipper: Shipper,
        gate: Gate,
        clock: Callable[[], float],
    ) -> None:
        self._name = name
        self._snapshots = snapshots
        self._journal = journal
        self._shipper = shipper
        self._gate = gate
        self._clock = clock
        self._pages = {PATH: self.answer}

    def add_page(self, path: str, page: Callable[[], Answer]) -> None:
        """Serve a further page beside health."""
        self._pages[path] = page

    async def handle(self, scope: Scope, exchange: Exchange) -> None:
        """Answer a request on a listener that is for health and metrics alone."""
        page = self._pages.get(scope.path)
        (page() if page is not None else Answer(404, {}, b"")).send(exchange)

    def beside(self, handler: Handler) -> Handler:
        """Return a handler that answers health and metrics itself and leaves the rest to another."""

        async def own(page: Callable[[], Answer], exchange: Exchange) -> None:
            page().send(exchange)

        def handle(scope: Scope, exchange: Exchange) -> Coroutine[Any, Any, None]:
            page = self._pages.get(scope.path)
            if page is not None and scope.method == "GET":
                return own(page, exchange)
            return handler(scope, exchange)

        return handle

    def gauges(self) -> dict[str, float]:
        """Return the condition in numbers, for the metrics."""
        current = self._snapshots.current
        return {
            "in_hand": self._gate.in_hand,
            "draining": self._gate.draining,
            "snapshot_version": current.version if current else 0,
            "snapshot_age_seconds": max(0.0, self._clock() - current.issued_at) if current else 0.0,
            "records_writable": self._journal.writable,
            "unshipped_bytes": self._shipper.backlog()[1],
        }

    def answer(self) -> Answer:
        """Return the condition: 200 when calls can be answered, else 503."""
        state = self._snapshot_state()
        able = state in ("fresh", "stale") and self._journal.writable and not self._gate.draining
        segments, backlog = self._shipper.backlog()
        current = self._snapshots.current
        body = {
            "gateway": self._name,
            "ready": able,
            "draining": self._gate.draining,
            "snapshot": {
                "state": state,
                "version": current.version if current else 0,
                "age_seconds": max(0, int(self._clock()) - current.issued_at) if current else None,
            },
            "records": {
                "writable": self._journal.writable,
                "unshipped_segments": segments,
                "unshipped_bytes": backlog,
            },
        }
        return Answer(200 if able else 503, {"content-type": "application/json"}, orjson.dumps(body))

    def _snapshot_state(self) -> str:
        current, now = self._snapshots.current, self._clock()
        if current is None:
            return "none"
        if now >= current.hard_expires_at:
            return "expired"
        return "stale" if now >= current.soft_expires_at else "fresh"
