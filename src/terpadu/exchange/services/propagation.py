"""Our peers' signatures on their way to every foreign peer of a contract, with retries (FSC core, "Signatures")."""

from __future__ import annotations

import random
from datetime import timedelta

import structlog
from django.db import transaction

from terpadu.exchange.adapters.managers import (
    FscIdentity,
    Letter,
    ManagerAway,
    ManagerRefused,
    manager_send,
)
from terpadu.exchange.models import Contract, ContractDelivery, ForeignPeer, Peer, Signature
from terpadu.exchange.selectors.places import fsc_manager_url, manager_url
from terpadu.exchange.services.identities import fsc_identity
from terpadu.kernel.clock import now
from terpadu.kernel.timers import timer_set

log = structlog.get_logger(__name__)

TIMER = "exchange.contract_delivery"
GIVE_UP_AFTER = timedelta(days=7)
LONGEST_WAIT = timedelta(hours=1)
TRIES_AFTER_REFUSAL = 6
"""A manager may refuse what comes before the contract itself has reached it; so a refusal is not believed at once."""


@transaction.atomic
def deliveries_plan(content_hash: str, *, sender: str, kind: str, is_renewed: bool = False) -> int:
    """Plan the delivery of a signature to the foreign peers of its contract; return how many there are.

    is_renewed: whether it takes the place of one that has arrived.
    """
    peer = Peer.objects.select_related("agency").get(agency__peer_id=sender)
    if ForeignPeer.objects.filter(peer=peer).exists():
        return 0  # its own manager tells the others
    contract = Contract.objects.get(content_hash=content_hash)
    receivers = ForeignPeer.objects.filter(peer__agency__peer_id__in=contract.signers)
    for receiver in receivers:
        row, _ = ContractDelivery.objects.get_or_create(
            contract=contract, sender=peer, receiver=receiver, kind=_kind(contract, receiver, kind)
        )
        if is_renewed:
            row.arrived_at, row.given_up_at, row.tries, row.created_at = None, None, 0, now()
            row.save(update_fields=["arrived_at", "given_up_at", "tries", "created_at"])
        if row.arrived_at is None:
            timer_set(TIMER, key=str(row.id), due_at=now())
    return len(receivers)


def delivery_try(delivery_id: str) -> bool:
    """Try to deliver one signature; say whether it has arrived. When it has not, the timer is set for the next try."""
    rows = ContractDelivery.objects.select_related("contract", "sender__agency", "receiver__peer__agency")
    row = rows.get(pk=delivery_id)
    if row.arrived_at is not None or row.given_up_at is not None:
        return row.arrived_at is not None
    try:
        manager_send(row.receiver.manager_url, _letter(row))
    except ManagerAway as error:
        return _postpone(row, error.reason, is_final=False)
    except ManagerRefused as error:
        return _postpone(row, error.reason, is_final=row.tries + 1 >= TRIES_AFTER_REFUSAL)
    row.arrived_at, row.tries, row.last_error = now(), row.tries + 1, ""
    row.save(update_fields=["arrived_at", "tries", "last_error"])
    return True


def delivery_retry(delivery_id: str) -> None:
    """Try a delivery again from now on, also one that was given up."""
    ContractDelivery.objects.filter(pk=delivery_id).update(given_up_at=None, tries=0, created_at=now())
    timer_set(TIMER, key=delivery_id, due_at=now())


def _postpone(row: ContractDelivery, reason: str, *, is_final: bool) -> bool:
    row.tries, row.last_error = row.tries + 1, reason[:200]
    if is_final or now() - row.created_at > GIVE_UP_AFTER:
        row.given_up_at = now()
    else:
        wait = min(timedelta(seconds=2 ** min(row.tries, 12)), LONGEST_WAIT)
        due = now() + wait * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
        timer_set(TIMER, key=str(row.id), due_at=due)
    row.save(update_fields=["tries", "last_error", "given_up_at"])
    log.warning("contract_delivery_failed", delivery=str(row.id), tries=row.tries, reason=reason)
    return False


def _kind(contract: Contract, receiver: ForeignPeer, kind: str) -> str:
    """Return how a signature is handed over: with the whole contract where the receiver cannot know it yet."""
    knows = Signature.objects.filter(contract=contract, peer=receiver.peer).exists()
    told = ContractDelivery.objects.filter(contract=contract, receiver=receiver).exists()
    return "submit" if kind == "accept" and not knows and not told else kind


def _letter(row: ContractDelivery) -> Letter:
    kind = "accept" if row.kind == "submit" else row.kind
    signature = Signature.objects.get(contract=row.contract, peer=row.sender, kind=kind)
    identity: FscIdentity = fsc_identity(row.sender.agency.peer_id)
    body = {"contract_content": row.contract.content, "signature": signature.jws}
    address = _address(row.sender)
    if row.kind == "submit":
        return Letter("POST", "/contracts", body, identity, address)
    return Letter("PUT", f"/contracts/{row.contract.content_hash}/{kind}", body, identity, address)


def _address(peer: Peer) -> str:
    peer_id = peer.agency.peer_id
    return fsc_manager_url(peer.fsc_url, peer_id) if peer.fsc_url else manager_url(peer_id)
