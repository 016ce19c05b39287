"""Agencies that ask to join where the operator wants four eyes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.exchange.enums import JoiningState
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class JoiningRequest(models.Model):
    """An agency's wish to join, or to have a further key certified, which a second person decides.

    certificate_request: PEM of a key that the agency keeps, "" when the platform makes one. asked_by, decided_by:
    persons, never the same. certificate: PEM of what was issued for the agency's own key, "" otherwise.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    certificate_request = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=JoiningState, default=JoiningState.WAITING)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField(default=now)
    decided_by = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    certificate = models.TextField(blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "agency": Privacy.PUBLIC,
        "certificate_request": Privacy.PUBLIC,
        "state": Privacy.INTERNAL,
        "asked_by": Privacy.PERSONAL,
        "asked_at": Privacy.INTERNAL,
        "decided_by": Privacy.PERSONAL,
        "decided_at": Privacy.INTERNAL,
        "reason": Privacy.INTERNAL,
        "certificate": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="joining_four_eyes",
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
            ),
            models.UniqueConstraint(
                fields=["agency"],
                name="joining_waits_once",
                condition=models.Q(state=JoiningState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
