"""Consents: what a person let an application have, with every earlier version."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from terpadu.identity.models.provider.clients import Client
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents, found by whether they count."""

    def in_force(self) -> ConsentQuerySet:
        """Keep those that are neither ended nor expired."""
        return self.filter(ended_at__isnull=True, expires_at__gt=now())


class Consent(models.Model):
    """One version of a person's consent to one client; a change ends it and adds the next.

    claims, refused: codes of claims given and left unticked. asked: digest of what was shown (claims with their purposes
    and data shares), so that a changed question is asked again. details: data shares allowed (RFC 9396).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    scope = models.CharField(max_length=300)
    claims = ArrayField(models.CharField(max_length=60), default=list)
    refused = ArrayField(models.CharField(max_length=60), default=list)
    details = models.JSONField(default=list)
    asked = models.CharField(max_length=64)
    given_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=20, blank=True)

    objects = ConsentQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "client": Privacy.PERSONAL,
        "version": Privacy.PERSONAL,
        "scope": Privacy.PERSONAL,
        "claims": Privacy.PERSONAL,
        "refused": Privacy.PERSONAL,
        "details": Privacy.PERSONAL,
        "asked": Privacy.INTERNAL,
        "given_at": Privacy.PERSONAL,
        "expires_at": Privacy.PERSONAL,
        "ended_at": Privacy.PERSONAL,
        "ended_reason": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "client", "version"], name="consent_version"),
            models.UniqueConstraint(
                fields=["person", "client"],
                name="consent_one_open",
                condition=models.Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} v{self.version}"
