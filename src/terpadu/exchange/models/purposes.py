"""Purposes, the attributes by which they are approved automatically, and the terms on which that happens."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.exchange.enums import PurposeState
from terpadu.exchange.models.peers import Interface, Peer
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Purpose(models.Model):
    """Why one agency reads data of another: the signed content, and where it stands.

    content: as `terpadu_wire.purposes` has it; fixed once it is submitted. digest: SHA-256 that contracts name.
    submitted_jws, approved_jws: the agencies' signatures; the second is of the provider's manager when it passed by its terms.
    suspended_by: sides that hold it back. reason: why it was rejected or suspended, "" otherwise.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=100)
    consumer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=PurposeState, default=PurposeState.DRAFT)
    suspended_by = models.JSONField(default=list)
    reason = models.CharField(max_length=2000, blank=True)
    expected_calls = models.PositiveIntegerField()
    is_automatic = models.BooleanField(default=False)
    submitted_jws = models.TextField(blank=True)
    approved_jws = models.TextField(blank=True)
    changed_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        (
            "id",
            "code",
            "consumer",
            "provider",
            "content",
            "digest",
            "state",
            "suspended_by",
            "reason",
            "expected_calls",
            "is_automatic",
            "submitted_jws",
            "approved_jws",
            "changed_at",
        ),
        Privacy.PUBLIC,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "provider", "code"],
                name="purpose_code_once",
                condition=~models.Q(state__in=["archived", "rejected"]),
            ),
            models.CheckConstraint(
                name="purpose_state",
                condition=models.Q(state__in=PurposeState.values),
            ),
        ]
        indexes = [models.Index(fields=["provider", "state"], name="purpose_by_provider")]

    def __str__(self) -> str:
        return self.code


class PeerAttribute(models.Model):
    """A fact about an agency that the operator of the exchange has certified, such as "kewenangan:pencatatan-sipil"."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="attributes")
    code = models.CharField(max_length=100)
    source = models.CharField(max_length=300)
    certified_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        ("id", "peer", "code", "source", "certified_at"), Privacy.PUBLIC
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "code"], name="peer_attribute_once")]

    def __str__(self) -> str:
        return self.code


class ApprovalTerms(models.Model):
    """On which terms an interface's purposes are approved automatically; see `rules.purposes.Terms`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    interface = models.OneToOneField(Interface, on_delete=models.PROTECT, related_name="approval_terms")
    attributes = models.JSONField(default=list)
    per_consumer = models.PositiveIntegerField()
    in_total = models.PositiveIntegerField()

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        ("id", "interface", "attributes", "per_consumer", "in_total"), Privacy.PUBLIC
    )

    def __str__(self) -> str:
        return f"terms of {self.interface_id}"
