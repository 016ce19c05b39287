"""What the worker does for the exchange: a fresh snapshot before the old one grows stale."""

from __future__ import annotations

from typing import Any

from terpadu.exchange.events import ContractSigned
from terpadu.exchange.selectors.registry import contract_get
from terpadu.exchange.services.doors import doors_of_peer_provision
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel.outbox import subscribe
from terpadu.kernel.timers import on_timer


@subscribe(ContractSigned, name="exchange.xroad_routes")
def renew_xroad_routes(event: ContractSigned) -> None:
    """Let X-Road clients see what a newly signed or revoked contract opens or closes."""
    doors_of_peer_provision(contract_get(event.content_hash).signers)


@on_timer("exchange.snapshot")
def renew_snapshot(key: str, payload: dict[str, Any]) -> None:
    """Publish the snapshot anew, which also sets the timer for the next time."""
    snapshot_publish()
