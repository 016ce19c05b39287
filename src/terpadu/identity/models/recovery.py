"""The table of recoveries: a person who lost every way to sign in gets new ones, with the eyes of two officers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import EvidenceKind, RecoveryState
from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Recovery(models.Model):
    """New ways to sign in for a person who stays the same. is_in_person: both officers saw the person and the evidence.

    usable_from: when the code begins to work: at once in person, else after a day in which the person can cancel.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=RecoveryState, default=RecoveryState.OPENED)
    agency_code = models.CharField(max_length=60)
    evidence = models.CharField(max_length=20, choices=EvidenceKind)
    reason = models.CharField(max_length=400)
    is_in_person = models.BooleanField()
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField(default=now, db_default=Now())
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    code_hash = models.CharField(max_length=64, blank=True)
    usable_from = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "state": Privacy.PERSONAL,
        "agency_code": Privacy.INTERNAL,
        "evidence": Privacy.PERSONAL,
        "reason": Privacy.PERSONAL,
        "is_in_person": Privacy.PERSONAL,
        "opened_by": Privacy.PERSONAL,
        "opened_at": Privacy.PERSONAL,
        "approved_by": Privacy.PERSONAL,
        "approved_at": Privacy.PERSONAL,
        "code_hash": Privacy.SENSITIVE,
        "usable_from": Privacy.INTERNAL,
        "expires_at": Privacy.INTERNAL,
        "ended_at": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="recovery_four_eyes",
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("opened_by")),
            ),
            models.CheckConstraint(
                name="recovery_not_by_oneself",
                condition=~models.Q(opened_by=models.F("person"))
                & (models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("person"))),
            ),
            models.CheckConstraint(
                name="recovery_used_after_approval",
                condition=~models.Q(state__in=["approved", "used"]) | models.Q(approved_by__isnull=False),
            ),
            models.UniqueConstraint(
                name="recovery_one_at_a_time",
                fields=["person"],
                condition=models.Q(state__in=["opened", "approved"]),
            ),
        ]
        indexes = [models.Index(fields=["agency_code", "state"], name="recovery_queue")]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"
