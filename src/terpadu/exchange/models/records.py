"""Records that gateways delivered, and the trail that is read out of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.exchange.enums import DisclosureKind, Outcome
from terpadu.exchange.models.peers import Gateway
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class SegmentPosition(models.Model):
    """How far a segment of a gateway was taken: the byte at which its next batch must begin."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="+")
    segment = models.CharField(max_length=100)
    offset = models.PositiveBigIntegerField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "gateway": Privacy.INTERNAL,
        "segment": Privacy.INTERNAL,
        "offset": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "segment"], name="segment_position_once")]

    def __str__(self) -> str:
        return f"{self.segment}:{self.offset}"


class DeliveredRecord(models.Model):
    """One record of one side's phase of an exchange, as it stands in the gateway's segment file.

    line: the record's JSON, byte for byte what its gateway wrote down.
    batch_offset, place: the byte of the segment at which its batch began, and the how-manieth of the batch it is.
    leaf_index: its place in the transparency log; None until it is logged.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="+")
    segment = models.CharField(max_length=100)
    batch_offset = models.PositiveBigIntegerField()
    place = models.PositiveIntegerField()
    transaction_id = models.UUIDField(db_index=True)
    line = models.TextField()
    received_at = models.DateTimeField(default=now)
    leaf_index = models.PositiveBigIntegerField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "gateway": Privacy.INTERNAL,
        "segment": Privacy.INTERNAL,
        "batch_offset": Privacy.INTERNAL,
        "place": Privacy.INTERNAL,
        "transaction_id": Privacy.INTERNAL,
        "line": Privacy.PERSONAL,
        "received_at": Privacy.INTERNAL,
        "leaf_index": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "segment", "batch_offset", "place"], name="delivered_record_once"
            ),
            models.UniqueConstraint(fields=["leaf_index"], name="delivered_record_leaf"),
        ]
        indexes = [
            models.Index(
                fields=["received_at", "id"],
                name="delivered_record_unlogged",
                condition=models.Q(leaf_index__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment}:{self.batch_offset}+{self.place}"


class TrailRow(models.Model):
    """One exchange, put together from the records of both sides. subject: keyed pseudonym, "" when nobody is named.

    weight: how good the record was that the row's facts come from. is_disputed: the two sides contradict each other.
    interaction: transaction id of the call whose result was deferred; of this one or of the one that this one belongs to.
    disclosure: class of the grant; disclosed_from: from when the person sees the exchange, None for never.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    transaction_id = models.UUIDField()
    at = models.DateTimeField()
    subject = models.CharField(max_length=64, blank=True)
    consumer = models.CharField(max_length=20)
    delegator = models.CharField(max_length=20, blank=True)
    provider = models.CharField(max_length=20)
    service = models.CharField(max_length=100)
    operation = models.CharField(max_length=100, blank=True)
    grant_hash = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=100, blank=True)
    evidence = models.CharField(max_length=200, blank=True)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    fields = models.JSONField(default=list)
    status = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome)
    error_code = models.CharField(max_length=60, blank=True)
    weight = models.PositiveSmallIntegerField()
    has_consumer_side = models.BooleanField(default=False)
    has_provider_side = models.BooleanField(default=False)
    is_disputed = models.BooleanField(default=False)
    interaction = models.UUIDField(null=True, blank=True, db_index=True)
    disclosure = models.CharField(max_length=10, choices=DisclosureKind, default=DisclosureKind.NOW)
    disclosed_from = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "transaction_id": Privacy.INTERNAL,
        "at": Privacy.PERSONAL,
        "subject": Privacy.PERSONAL,
        "consumer": Privacy.PERSONAL,
        "delegator": Privacy.PERSONAL,
        "provider": Privacy.PERSONAL,
        "service": Privacy.PERSONAL,
        "operation": Privacy.PERSONAL,
        "grant_hash": Privacy.INTERNAL,
        "purpose": Privacy.PERSONAL,
        "evidence": Privacy.PERSONAL,
        "on_behalf_of": Privacy.PERSONAL,
        "fields": Privacy.PERSONAL,
        "status": Privacy.INTERNAL,
        "outcome": Privacy.PERSONAL,
        "error_code": Privacy.INTERNAL,
        "weight": Privacy.INTERNAL,
        "has_consumer_side": Privacy.INTERNAL,
        "has_provider_side": Privacy.INTERNAL,
        "is_disputed": Privacy.INTERNAL,
        "interaction": Privacy.INTERNAL,
        "disclosure": Privacy.PERSONAL,
        "disclosed_from": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transaction_id", "consumer", "provider"], name="trail_row_once")
        ]
        indexes = [
            models.Index(fields=["provider", "consumer", "-at", "-id"], name="trail_of_parties"),
            models.Index(
                fields=["evidence", "-at", "-id"], name="trail_of_case", condition=~models.Q(evidence="")
            ),
            models.Index(
                fields=["subject", "-at", "-id"], name="trail_of_subject", condition=~models.Q(subject="")
            ),
            models.Index(
                fields=["grant_hash", "-at", "-id"],
                name="trail_kept_back",
                condition=~models.Q(disclosure=DisclosureKind.NOW),
            ),
        ]

    def __str__(self) -> str:
        return str(self.transaction_id)
