"""What decides when a person sees an exchange, and who looked at what no person is shown yet."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from terpadu.exchange.enums import LookScope
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class ClosedCase(models.Model):
    """A case of an agency that has ended. Append-only: a trigger refuses changes.

    reader: peer id of the agency in whose name data were read for the case. reference: as the calls named it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reader = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    closed_at = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "reader": Privacy.INTERNAL,
        "reference": Privacy.PERSONAL,
        "closed_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "reference"], name="closed_case_once")]

    def __str__(self) -> str:
        return str(self.id)


class SupervisorLook(models.Model):
    """One look of the supervisor at what persons are not shown. Append-only: a trigger refuses changes.

    person_id, position, agency: who looked. scope: at what. subject: pseudonym of the person whose exchanges were shown, ""
    for no single one. transactions: which exchanges. reason: typed beforehand, "" where none is asked for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=now)
    scope = models.CharField(max_length=10, choices=LookScope)
    person_id = models.UUIDField()
    position = models.CharField(max_length=64)
    agency = models.CharField(max_length=60)
    reason = models.CharField(max_length=500, blank=True)
    subject = models.CharField(max_length=64, blank=True)
    transactions = ArrayField(models.UUIDField(), default=list)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "scope": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "position": Privacy.INTERNAL,
        "agency": Privacy.INTERNAL,
        "reason": Privacy.PERSONAL,
        "subject": Privacy.PERSONAL,
        "transactions": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="supervisor_look_has_reason",
                condition=~models.Q(scope=LookScope.PERSON) | ~models.Q(reason=""),
            )
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="supervisor_look_newest"),
            models.Index(fields=["subject"], name="supervisor_look_at", condition=~models.Q(subject="")),
        ]

    def __str__(self) -> str:
        return str(self.id)
