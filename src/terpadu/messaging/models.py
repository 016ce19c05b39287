"""One table: the messages of all inboxes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Message(models.Model):
    """One notice to one person: the template with its values; it is written out in the language of its reader."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    template = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    context = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    dedup_key = models.CharField(max_length=120)
    sent_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "template": Privacy.INTERNAL,
        "version": Privacy.INTERNAL,
        "context": Privacy.PERSONAL,
        "link": Privacy.INTERNAL,
        "dedup_key": Privacy.INTERNAL,
        "sent_at": Privacy.INTERNAL,
        "read_at": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "dedup_key"], name="message_once")]
        indexes = [
            models.Index(fields=["person_id", "-id"], name="message_inbox"),
            models.Index(
                fields=["person_id"], name="message_unread", condition=models.Q(read_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.id}"
