"""Peers whose manager is elsewhere (FSC core), certificates that contracts are signed with, and what is to reach them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.exchange.enums import DeliveryKind
from terpadu.exchange.models.contracts import Contract
from terpadu.exchange.models.peers import Peer
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class ForeignPeer(models.Model):
    """A peer with a manager of its own: where that is, and when it last told us."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    peer = models.OneToOneField(Peer, on_delete=models.PROTECT, related_name="+")
    manager_url = models.CharField(max_length=255)
    announced_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "peer": Privacy.PUBLIC,
        "manager_url": Privacy.PUBLIC,
        "announced_at": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return self.manager_url


class ContractCertificate(models.Model):
    """A certificate whose key a peer signs contracts and tokens with after FSC core; a foreign peer's, or one of ours.

    thumbprint: `x5t#S256`. chain: PEM of the certificate and of those between it and the trust anchor.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    thumbprint = models.CharField(max_length=64)
    public_key_thumbprint = models.CharField(max_length=64)
    spki = models.TextField()
    chain = models.TextField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    seen_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "peer": Privacy.PUBLIC,
        "thumbprint": Privacy.PUBLIC,
        "public_key_thumbprint": Privacy.PUBLIC,
        "spki": Privacy.PUBLIC,
        "chain": Privacy.PUBLIC,
        "valid_from": Privacy.PUBLIC,
        "valid_to": Privacy.PUBLIC,
        "seen_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "thumbprint"], name="contract_certificate_once")
        ]

    def __str__(self) -> str:
        return self.thumbprint


class ContractDelivery(models.Model):
    """A signature of one of our peers on its way to a foreign peer's manager; what has no `arrived_at` did not arrive.

    sender: whose signature it is. given_up_at: the manager refused it for good, or was away too long.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(ForeignPeer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=DeliveryKind)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now)
    arrived_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "contract": Privacy.INTERNAL,
        "sender": Privacy.INTERNAL,
        "receiver": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "tries": Privacy.INTERNAL,
        "last_error": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "arrived_at": Privacy.INTERNAL,
        "given_up_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "sender", "receiver", "kind"], name="contract_delivery_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.contract_id}"
