"""Tables of proofing: who found out that a person is who they say, how and when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import EvidenceKind, ProofingMethod
from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Proofing(models.Model):
    """One check of who a person is. score and threshold: of a face match, 0 to 1. is_passed: the decision. No picture."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=20, choices=ProofingMethod)
    is_passed = models.BooleanField(default=True)
    at = models.DateTimeField(default=now, db_default=Now())
    evidence = models.CharField(max_length=20, choices=EvidenceKind, blank=True)
    officer_id = models.UUIDField(null=True)
    agency_code = models.CharField(max_length=60, blank=True)
    score = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    checked_by = models.CharField(max_length=60, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "method": Privacy.PERSONAL,
        "is_passed": Privacy.PERSONAL,
        "at": Privacy.PERSONAL,
        "evidence": Privacy.PERSONAL,
        "officer_id": Privacy.PERSONAL,
        "agency_code": Privacy.INTERNAL,
        "score": Privacy.SENSITIVE,
        "threshold": Privacy.INTERNAL,
        "checked_by": Privacy.INTERNAL,
    }

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="proofing_of_person")]
        constraints = [
            models.CheckConstraint(
                name="proofing_counter_has_officer",
                condition=~models.Q(method="counter") | models.Q(officer_id__isnull=False),
            ),
            models.CheckConstraint(
                name="proofing_face_has_score",
                condition=~models.Q(method="face") | models.Q(score__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.id}"


class CounterTicket(models.Model):
    """What a person's phone shows at a counter, once and for a few minutes. code_hash: keyed hash of the code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "code_hash": Privacy.SENSITIVE,
        "expires_at": Privacy.INTERNAL,
        "used_at": Privacy.PERSONAL,
    }

    def __str__(self) -> str:
        return str(self.id)
