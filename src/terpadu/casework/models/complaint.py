"""Complaints of applicants about how their case is handled."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from terpadu.casework.enums import ComplaintState
from terpadu.casework.models.case import Case
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Queries that read as sentences."""

    def open(self) -> ComplaintQuerySet:
        """Keep those that wait for an answer."""
        return self.filter(state__in=(ComplaintState.RECEIVED, ComplaintState.IN_HAND))


class Complaint(models.Model):
    """What an applicant says is wrong with the handling of a case, and what the agency answers.

    take_by, due_at: until when somebody should have taken it in hand, and answered it. forgotten_at: when the words were
    removed, because they were kept long enough.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    agency_code = models.CharField(max_length=60)
    service_id = models.CharField(max_length=80)
    state = models.CharField(max_length=20, choices=ComplaintState.choices, default=ComplaintState.RECEIVED)
    text = models.TextField()
    received_at = models.DateTimeField(default=now)
    take_by = models.DateTimeField()
    due_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    taken_by = models.UUIDField(null=True)
    taken_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    objects = ComplaintQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "case": Privacy.INTERNAL,
        "agency_code": Privacy.INTERNAL,
        "service_id": Privacy.PERSONAL,
        "state": Privacy.INTERNAL,
        "text": Privacy.SENSITIVE,
        "received_at": Privacy.INTERNAL,
        "take_by": Privacy.INTERNAL,
        "due_at": Privacy.INTERNAL,
        "is_late": Privacy.INTERNAL,
        "taken_by": Privacy.PERSONAL,
        "taken_at": Privacy.INTERNAL,
        "answer": Privacy.PERSONAL,
        "closed_at": Privacy.INTERNAL,
        "forgotten_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(closed_at__isnull=True), name="complaint_one_open"
            ),
            models.CheckConstraint(
                name="complaint_closed_in_its_end",
                condition=Q(state__in=["received", "in_hand"], closed_at__isnull=True)
                | Q(state__in=["answered", "withdrawn"], closed_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["agency_code", "due_at"], name="complaint_of_agency")]

    def __str__(self) -> str:
        return f"complaint {self.id}"
