"""``/health``: what a supervisor wants to know of a gateway, on loopback only."""

from collections.abc import Callable

import orjson

from terpadu_gateway.journal import Journal
from terpadu_gateway.listeners import Gate, Handler
from terpadu_gateway.messages import Answer, Exchange, Scope
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

    async def handle(self, scope: Scope, exchange: Exchange) -> None:
        """Answer a request on a listener that is for health alone."""
        if scope.path != PATH:
            Answer(404, {}, b"").send(exchange)
            return
        self.answer().send(exchange)

    def beside(self, handler: Handler) -> Handler:
        """Return a handler that answers ``GET /health`` itself and leaves the rest to another."""

        async def handle(scope: Scope, exchange: Exchange) -> None:
            if scope.path == PATH and scope.method == "GET":
                self.answer().send(exchange)
            else:
                await handler(scope, exchange)

        return handle

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
