"""What the worker does for the exchange: a fresh snapshot before the old one grows stale."""

from __future__ import annotations

from typing import Any

from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel.timers import on_timer


@on_timer("exchange.snapshot")
def renew_snapshot(key: str, payload: dict[str, Any]) -> None:
    """Publish the snapshot anew, which also sets the timer for the next time."""
    snapshot_publish()
