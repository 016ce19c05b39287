"""Events between agencies: kept until they are old, how far each subscription is, and what is held up."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from terpadu.exchange.enums import PurposeState
from terpadu.exchange.models.contracts import Contract, Grant
from terpadu.exchange.models.purposes import Purpose
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class CarriedEvent(models.Model):
    """An event that PostgreSQL carries. sequence: its place; places of one topic grow in the order of commit.

    topic: "<peer id>/<service>/<type>". body: the CloudEvent as JSON.
    """

    sequence = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=330)
    event_id = models.CharField(max_length=100)
    body = models.TextField()
    carried_at = models.DateTimeField(default=now, db_index=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "sequence": Privacy.INTERNAL,
        "topic": Privacy.PUBLIC,
        "event_id": Privacy.INTERNAL,
        "body": Privacy.PERSONAL,
        "carried_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "event_id"], name="carried_event_once")]
        indexes = [models.Index(fields=["topic", "sequence"], name="carried_event_order")]

    def __str__(self) -> str:
        return f"{self.topic} {self.sequence}"


class EventSubscriptionQuerySet(models.QuerySet["EventSubscription"]):
    """Subscriptions, found by whether they are served."""

    def agreed(self, at: datetime) -> EventSubscriptionQuerySet:
        """Keep those whose contract holds at a moment."""
        return self.filter(grant__contract__in=Contract.objects.in_force(at))

    def of_active_purpose(self) -> EventSubscriptionQuerySet:
        """Keep those whose purpose is active, or is not registered; the others are told when it is active again."""
        resting = Purpose.objects.exclude(state=PurposeState.ACTIVE).annotate(
            text=Cast("pk", models.TextField())
        )
        named = KeyTextTransform("id", KeyTransform("purpose", "grant__properties"))
        purpose_id = Coalesce(named, models.Value("", models.TextField()))
        return self.annotate(purpose_id=purpose_id).exclude(purpose_id__in=resting.values("text"))


class EventSubscription(models.Model):
    """How far the events of a topic were pushed under one grant.

    operation: the operation of the subscriber that takes them. carrier: name of the carrier whose places these are. cursor: place of the last event that needs no more work
    here. head: place of the newest event. lease, lease_upto, leased_until: the batch that a gateway has in hand.
    tries, paused_until, code: when the subscriber as a whole fails, since when it is left alone and why.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+")
    operation = models.CharField(max_length=100)
    topic = models.CharField(max_length=330, db_index=True)
    carrier = models.CharField(max_length=20)
    cursor = models.PositiveBigIntegerField()
    head = models.PositiveBigIntegerField()
    lease = models.UUIDField(null=True, blank=True)
    lease_upto = models.PositiveBigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=now)

    objects = EventSubscriptionQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        (
            *(
                "id",
                "grant",
                "operation",
                "topic",
                "carrier",
                "cursor",
                "head",
                "lease",
                "lease_upto",
                "leased_until",
            ),
            *("tries", "paused_until", "code", "created_at"),
        ),
        Privacy.INTERNAL,
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "operation"], name="event_subscription_once")]

    def __str__(self) -> str:
        return f"{self.topic} up to {self.cursor}"


class HeldEvent(models.Model):
    """An event that did not arrive, or waits behind one of its key that did not.

    key: hash of what orders it. due_at: when it is tried again. stopped_at: since when it waits for a person instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(EventSubscription, on_delete=models.PROTECT, related_name="held")
    sequence = models.PositiveBigIntegerField()
    event_id = models.CharField(max_length=100)
    key = models.CharField(max_length=64)
    body = models.TextField()
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=60)
    due_at = models.DateTimeField(default=now)
    held_at = models.DateTimeField(default=now)
    stopped_at = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "subscription": Privacy.INTERNAL,
        "sequence": Privacy.INTERNAL,
        "event_id": Privacy.INTERNAL,
        "key": Privacy.PERSONAL,
        "body": Privacy.PERSONAL,
        "tries": Privacy.INTERNAL,
        "code": Privacy.INTERNAL,
        "due_at": Privacy.INTERNAL,
        "held_at": Privacy.INTERNAL,
        "stopped_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "sequence"], name="held_event_once")]
        indexes = [models.Index(fields=["subscription", "key", "sequence"], name="held_event_order")]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.code}"
