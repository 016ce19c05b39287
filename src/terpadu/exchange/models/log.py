"""The transparency log as PostgreSQL keeps it: tiles, signed states, witnesses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.exchange.enums import Match
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy

ENTRIES = -1
"""The level under which bundles of entries stand, below the tiles of hashes."""


class LogTile(models.Model):
    """One tile of the log (C2SP tlog-tiles), as full as it is by now. level: ENTRIES for a bundle of entries."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    level = models.SmallIntegerField()
    index = models.PositiveBigIntegerField()
    content = models.BinaryField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "level": Privacy.PUBLIC,
        "index": Privacy.PUBLIC,
        "content": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="log_tile_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class LogCheckpoint(models.Model):
    """One signed state of the log. note: the checkpoint with the log's signature; cosignatures: lines of witnesses below it."""

    size = models.PositiveBigIntegerField(primary_key=True)
    note = models.TextField()
    cosignatures = models.TextField(blank=True)
    signed_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "size": Privacy.PUBLIC,
        "note": Privacy.PUBLIC,
        "cosignatures": Privacy.PUBLIC,
        "signed_at": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"log of {self.size}"

    @property
    def signed_note(self) -> str:
        """Return the checkpoint with every signature that is there."""
        return self.note + self.cosignatures


class LogWitness(models.Model):
    """A program of somebody else that cosigns the log. size: the state that it signed last."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200, unique=True)
    url = models.URLField(max_length=300)
    vkey = models.CharField(max_length=400)
    size = models.PositiveBigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "name": Privacy.PUBLIC,
        "url": Privacy.PUBLIC,
        "vkey": Privacy.PUBLIC,
        "size": Privacy.PUBLIC,
        "seen_at": Privacy.PUBLIC,
        "last_error": Privacy.INTERNAL,
        "is_active": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return self.name


class Reconciliation(models.Model):
    """One comparison of both sides' records. upto: records received before then were compared. counts: by enums.Match."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    upto = models.DateTimeField(db_index=True)
    checked = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "upto": Privacy.PUBLIC,
        "checked": Privacy.PUBLIC,
        "counts": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"{self.upto:%Y-%m-%d %H:%M}: {self.checked}"


class Orphan(models.Model):
    """An exchange whose two sides do not fit together. settled_at: when the missing record came after all."""

    transaction_id = models.UUIDField(primary_key=True)
    consumer = models.CharField(max_length=20)
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=Match)
    at = models.DateTimeField()
    found_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "transaction_id": Privacy.INTERNAL,
        "consumer": Privacy.INTERNAL,
        "provider": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "found_at": Privacy.INTERNAL,
        "settled_at": Privacy.INTERNAL,
    }

    class Meta:
        indexes = [
            models.Index(
                fields=["-found_at"], name="orphan_open", condition=models.Q(settled_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id}: {self.kind}"
