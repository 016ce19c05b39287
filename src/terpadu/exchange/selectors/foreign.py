"""Peers with a manager elsewhere, and what has not reached them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from terpadu.exchange.models import ContractDelivery, ForeignPeer


@dataclass(frozen=True)
class DeliveryView:
    """A signature that has not reached a foreign manager. is_given_up: nobody tries any more."""

    id: str
    content_hash: str
    sender: str
    receiver: str
    manager_url: str
    kind: str
    tries: int
    last_error: str
    created_at: datetime
    is_given_up: bool


def foreign_ids(peer_ids: Iterable[str]) -> frozenset[str]:
    """Return those of some peer ids whose manager is elsewhere. One query."""
    rows = ForeignPeer.objects.filter(peer__agency__peer_id__in=set(peer_ids))
    return frozenset(rows.values_list("peer__agency__peer_id", flat=True))


def foreign_peer(peer_id: str) -> ForeignPeer | None:
    """Return a foreign peer's row with peer and agency, None when its manager is hosted here. One query."""
    rows = ForeignPeer.objects.select_related("peer__agency")
    return rows.filter(peer__agency__peer_id=peer_id).first()


def deliveries_open(*, sender: str = "") -> list[DeliveryView]:
    """Return what has not arrived, of all our peers or of one, oldest first. One query."""
    rows = ContractDelivery.objects.filter(arrived_at__isnull=True).order_by("created_at", "id")
    rows = rows.select_related("contract", "sender__agency", "receiver__peer__agency")
    found = rows.filter(sender__agency__peer_id=sender) if sender else rows
    return [
        DeliveryView(
            id=str(row.id),
            content_hash=row.contract.content_hash,
            sender=row.sender.agency.peer_id,
            receiver=row.receiver.peer.agency.peer_id,
            manager_url=row.receiver.manager_url,
            kind=row.kind,
            tries=row.tries,
            last_error=row.last_error,
            created_at=row.created_at,
            is_given_up=row.given_up_at is not None,
        )
        for row in found
    ]
