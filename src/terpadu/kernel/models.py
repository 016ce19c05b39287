"""Tables of the kernel: audit events, outbox events with their deliveries, timers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class AuditEvent(models.Model):
    """What was done, by whom and for whom, about what. Append-only and without foreign keys, so that it survives deletions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=now, db_index=True)
    event = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=10)
    actor_person_id = models.UUIDField(null=True)
    actor_agency = models.CharField(max_length=60, blank=True)
    actor_position = models.CharField(max_length=60, blank=True)
    represented_person_id = models.UUIDField(null=True)
    about_kind = models.CharField(max_length=40)
    about_id = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "event": Privacy.INTERNAL,
        "actor_kind": Privacy.INTERNAL,
        "actor_person_id": Privacy.PERSONAL,
        "actor_agency": Privacy.INTERNAL,
        "actor_position": Privacy.INTERNAL,
        "represented_person_id": Privacy.PERSONAL,
        "about_kind": Privacy.INTERNAL,
        "about_id": Privacy.INTERNAL,
        "facts": Privacy.INTERNAL,
    }

    class Meta:
        indexes = [models.Index(fields=["about_kind", "about_id", "at"], name="audit_about")]

    def __str__(self) -> str:
        return f"{self.event} {self.about_kind}:{self.about_id}"


class OutboxEvent(models.Model):
    """An event written in the transaction that caused it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=now)
    name = models.CharField(max_length=80)
    payload = models.JSONField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "name": Privacy.INTERNAL,
        "payload": Privacy.PERSONAL,
    }

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Delivery(models.Model):
    """One subscriber's copy of an event: due, done, or given up."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.PROTECT, related_name="+")
    subscriber = models.CharField(max_length=80)
    due_at = models.DateTimeField(default=now)
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "event": Privacy.INTERNAL,
        "subscriber": Privacy.INTERNAL,
        "due_at": Privacy.INTERNAL,
        "tries": Privacy.INTERNAL,
        "done_at": Privacy.INTERNAL,
        "dead_at": Privacy.INTERNAL,
        "last_error": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="delivery_due",
                condition=models.Q(done_at__isnull=True, dead_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} -> {self.subscriber}"


class Timer(models.Model):
    """Something that must happen at a moment, once, found again by its kind and key."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    fired_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "key": Privacy.INTERNAL,
        "due_at": Privacy.INTERNAL,
        "payload": Privacy.INTERNAL,
        "fired_at": Privacy.INTERNAL,
        "tries": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="timer_once")]
        indexes = [
            models.Index(fields=["due_at"], name="timer_due", condition=models.Q(fired_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
