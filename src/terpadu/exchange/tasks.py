"""What the worker does for the exchange: a fresh snapshot, a log that grows, both sides' records compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from terpadu.exchange.events import ContractSigned, LogGrown, RecordsTaken
from terpadu.exchange.selectors.registry import contract_get
from terpadu.exchange.services.doors import doors_of_peer_provision
from terpadu.exchange.services.events import events_prune
from terpadu.exchange.services.identities import RENEWAL
from terpadu.exchange.services.log import log_cosign, log_extend
from terpadu.exchange.services.propagation import TIMER, deliveries_plan, delivery_try
from terpadu.exchange.services.reconciliation import reconcile
from terpadu.exchange.services.renewals import renew_daily
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.exchange.services.traffic import traffic_prune
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import subscribe
from terpadu.kernel.timers import on_timer, timer_set

PRUNE_EVERY = timedelta(hours=1)
RECONCILE_EVERY = timedelta(hours=1)


@subscribe(ContractSigned, name="exchange.xroad_routes")
def renew_xroad_routes(event: ContractSigned) -> None:
    """Let X-Road clients see what a newly signed or revoked contract opens or closes."""
    doors_of_peer_provision(contract_get(event.content_hash).signers)


@subscribe(ContractSigned, name="exchange.propagate_signature")
def propagate_signature(event: ContractSigned) -> None:
    """Let every foreign peer of a contract know what one of ours signed."""
    deliveries_plan(event.content_hash, sender=event.peer_id, kind=event.kind)


@on_timer(TIMER)
def deliver_signature(key: str, payload: dict[str, Any]) -> None:
    """Try to deliver one signature to a foreign manager."""
    delivery_try(key)


@on_timer(RENEWAL)
def renew_contract_certificates(key: str, payload: dict[str, Any]) -> None:
    """Renew what contracts with foreign peers are signed with, and come back in a day."""
    renew_daily()


@on_timer("exchange.snapshot")
def renew_snapshot(key: str, payload: dict[str, Any]) -> None:
    """Publish the snapshot anew, which also sets the timer for the next time."""
    snapshot_publish()


@subscribe(RecordsTaken, name="exchange.log_extend")
def extend_log(event: RecordsTaken) -> None:
    """Log whatever waits; a batch that an earlier call took along leaves nothing to do."""
    log_extend()


@subscribe(LogGrown, name="exchange.log_cosign")
def cosign_log(event: LogGrown) -> None:
    """Ask the witnesses to sign the newest state."""
    log_cosign()


@on_timer("exchange.reconcile")
def reconcile_hourly(key: str, payload: dict[str, Any]) -> None:
    """Compare both sides' records, let old hours of traffic go, and come back in an hour."""
    reconcile()
    traffic_prune()
    timer_set("exchange.reconcile", key=key, due_at=now() + RECONCILE_EVERY)


@on_timer("exchange.events")
def prune_events(key: str, payload: dict[str, Any]) -> None:
    """Forget old events and come back in an hour."""
    events_prune()
    timer_set("exchange.events", key=key, due_at=now() + PRUNE_EVERY)
