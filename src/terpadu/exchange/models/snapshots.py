"""Snapshots as they were published."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.clock import now
from terpadu.kernel.privacy import Privacy


class PublishedSnapshot(models.Model):
    """One version of the snapshot: the signed bytes that gateways fetch."""

    version = models.PositiveBigIntegerField(primary_key=True)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "version": Privacy.PUBLIC,
        "body": Privacy.PUBLIC,
        "sha256": Privacy.PUBLIC,
        "published_at": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"snapshot {self.version}"
