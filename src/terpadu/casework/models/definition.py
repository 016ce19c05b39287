"""Published service definitions: one immutable row for each version."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class ServiceDefinition(models.Model):
    """One version of a service.

    source: the file as it was published; content_hash: sha-256 of it. content: the same as JSON in the
    order of the file, which is read quickly.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    agency_code = models.CharField(max_length=60)
    life_events = ArrayField(models.CharField(max_length=40))
    search_text = models.TextField()
    source = models.TextField()
    content = models.TextField()
    content_hash = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=now)
    published_by = models.CharField(max_length=80)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "service_id": Privacy.PUBLIC,
        "version": Privacy.PUBLIC,
        "agency_code": Privacy.PUBLIC,
        "life_events": Privacy.PUBLIC,
        "search_text": Privacy.PUBLIC,
        "source": Privacy.PUBLIC,
        "content": Privacy.PUBLIC,
        "content_hash": Privacy.PUBLIC,
        "published_at": Privacy.PUBLIC,
        "published_by": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service_id", "version"], name="definition_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} v{self.version}"
