"""Tasks: one row for each time a case enters a step that officers handle."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from terpadu.casework.models.case import Case
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class TaskQuerySet(models.QuerySet["Task"]):
    """Queries that read as sentences."""

    def open(self) -> TaskQuerySet:
        """Keep those that nobody has finished."""
        return self.filter(finished_at__isnull=True)

    def for_position(self, *, agency_code: str, kind: str) -> TaskQuerySet:
        """Keep those of an agency that a kind of position may handle."""
        return self.filter(agency_code=agency_code, position_kinds__contains=[kind])


class Task(models.Model):
    """One visit of a case to an officers' step.

    is_four_eyes: nobody who finished another step of the case may take it. due_at: the step's own limit, or the case's promise. returned: the applicant has answered a request for changes.
    taken_by: the officer who holds it now, as a person, with position and moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    agency_code = models.CharField(max_length=60)
    service_id = models.CharField(max_length=80)
    step_id = models.CharField(max_length=40)
    position_kinds = ArrayField(models.CharField(max_length=40))
    is_batch = models.BooleanField(default=False)
    is_four_eyes = models.BooleanField(default=False)
    is_returned = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    taken_by = models.UUIDField(null=True)
    taken_position = models.CharField(max_length=60, blank=True)
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.UUIDField(null=True)
    action = models.CharField(max_length=20, blank=True)

    objects = TaskQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "case": Privacy.INTERNAL,
        "agency_code": Privacy.INTERNAL,
        "service_id": Privacy.INTERNAL,
        "step_id": Privacy.INTERNAL,
        "position_kinds": Privacy.INTERNAL,
        "is_batch": Privacy.INTERNAL,
        "is_four_eyes": Privacy.INTERNAL,
        "is_returned": Privacy.INTERNAL,
        "opened_at": Privacy.INTERNAL,
        "due_at": Privacy.INTERNAL,
        "taken_by": Privacy.PERSONAL,
        "taken_position": Privacy.INTERNAL,
        "taken_at": Privacy.INTERNAL,
        "finished_at": Privacy.INTERNAL,
        "finished_by": Privacy.PERSONAL,
        "action": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(finished_at__isnull=True), name="task_one_open"
            ),
            models.CheckConstraint(
                name="task_taken_by_and_at",
                condition=Q(taken_by__isnull=True, taken_at__isnull=True)
                | Q(taken_by__isnull=False, taken_at__isnull=False),
            ),
            models.CheckConstraint(
                name="task_finished_by_and_at",
                condition=Q(finished_by__isnull=True) | Q(finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency_code", "due_at"], name="task_queue", condition=Q(finished_at__isnull=True)
            ),
            GinIndex(fields=["position_kinds"], name="task_positions"),
        ]

    def __str__(self) -> str:
        return f"{self.step_id} of {self.case_id}"
