"""Contracts after FSC: what was proposed, its grants, and what each peer signed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from terpadu.exchange.enums import SignatureKind
from terpadu.exchange.models.peers import Peer
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class ContractQuerySet(models.QuerySet["Contract"]):
    """Contracts, found by what they are worth."""

    def concluded(self) -> ContractQuerySet:
        """Keep those that every signer accepted and nobody rejected or revoked, whatever their dates."""
        said_no = Signature.objects.filter(contract=models.OuterRef("pk")).exclude(kind=SignatureKind.ACCEPT)
        return self.filter(~models.Exists(said_no), waiting_for=0)

    def concluded_or_revoked(self) -> ContractQuerySet:
        """Keep those that gateways must know of: concluded ones, and those that were until a peer revoked them."""
        revoked = Signature.objects.filter(contract=models.OuterRef("pk"), kind=SignatureKind.REVOKE)
        concluded = self.concluded().values("pk")
        return self.filter(models.Q(pk__in=concluded) | models.Exists(revoked))

    def in_force(self, at: datetime) -> ContractQuerySet:
        """Keep those that are concluded and hold at a moment."""
        return self.concluded().filter(not_before__lte=at, not_after__gt=at)


class Contract(models.Model):
    """A contract's content, exactly as hashed and signed. waiting_for: how many accept signatures are missing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    content_hash = models.CharField(max_length=120, unique=True)
    iv = models.UUIDField(unique=True)
    content = models.JSONField()
    signers = models.JSONField()
    waiting_for = models.PositiveSmallIntegerField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    proposed_at = models.DateTimeField(default=now)

    objects = ContractQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "content_hash": Privacy.PUBLIC,
        "iv": Privacy.PUBLIC,
        "content": Privacy.PUBLIC,
        "signers": Privacy.PUBLIC,
        "waiting_for": Privacy.PUBLIC,
        "not_before": Privacy.PUBLIC,
        "not_after": Privacy.PUBLIC,
        "proposed_at": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contract_dates", condition=models.Q(not_after__gt=models.F("not_before"))
            )
        ]

    def __str__(self) -> str:
        return self.content_hash


class Grant(models.Model):
    """One right of a contract, found by its hash. consumer: "" for a publication; delegator: "" when there is none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="grants")
    grant_hash = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=50)
    consumer = models.CharField(max_length=20, blank=True)
    delegator = models.CharField(max_length=20, blank=True)
    provider = models.CharField(max_length=20)
    service = models.CharField(max_length=100)
    purpose = models.CharField(max_length=100, blank=True)
    properties = models.JSONField(default=dict)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "contract": Privacy.PUBLIC,
        "grant_hash": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "consumer": Privacy.PUBLIC,
        "delegator": Privacy.PUBLIC,
        "provider": Privacy.PUBLIC,
        "service": Privacy.PUBLIC,
        "purpose": Privacy.PUBLIC,
        "properties": Privacy.PUBLIC,
    }

    class Meta:
        indexes = [
            models.Index(fields=["provider", "service", "purpose"], name="grant_by_purpose"),
            models.Index(fields=["consumer", "provider"], name="grant_by_consumer"),
        ]

    def __str__(self) -> str:
        return self.grant_hash


class Signature(models.Model):
    """What one peer signed about a contract, as compact JWS."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="signatures")
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=SignatureKind)
    jws = models.TextField()
    signed_at = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "contract": Privacy.PUBLIC,
        "peer": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "jws": Privacy.PUBLIC,
        "signed_at": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "peer", "kind"], name="signature_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.contract_id}"
