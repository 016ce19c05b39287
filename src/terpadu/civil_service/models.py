"""Tables of the civil service: employees, and the credits of those who handled steps."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.civil_service.enums import EmploymentKind
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Employee(models.Model):
    """A person who is a civil servant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(unique=True)
    nip = models.CharField(max_length=18, unique=True)
    kind = models.CharField(max_length=4, choices=EmploymentKind.choices)
    agency_code = models.CharField(max_length=60, db_index=True)
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "nip": Privacy.PERSONAL,
        "kind": Privacy.INTERNAL,
        "agency_code": Privacy.INTERNAL,
        "title": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return f"employee {self.id}"


class Credit(models.Model):
    """One handled step as evidence. person_id: who acted. held_until: until then it can be questioned."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    position_id = models.CharField(max_length=60)
    agency_code = models.CharField(max_length=60)
    case_id = models.UUIDField()
    case_number = models.CharField(max_length=60)
    service_id = models.CharField(max_length=120)
    service_name = models.JSONField()
    step_id = models.CharField(max_length=60)
    step_name = models.JSONField()
    action = models.CharField(max_length=60)
    effort_minutes = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    on_time = models.BooleanField()
    held_until = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "position_id": Privacy.INTERNAL,
        "agency_code": Privacy.INTERNAL,
        "case_id": Privacy.INTERNAL,
        "case_number": Privacy.INTERNAL,
        "service_id": Privacy.INTERNAL,
        "service_name": Privacy.PUBLIC,
        "step_id": Privacy.INTERNAL,
        "step_name": Privacy.PUBLIC,
        "action": Privacy.INTERNAL,
        "effort_minutes": Privacy.INTERNAL,
        "started_at": Privacy.INTERNAL,
        "finished_at": Privacy.PERSONAL,
        "on_time": Privacy.PERSONAL,
        "held_until": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "case_id", "step_id", "finished_at"], name="credit_once"
            ),
            models.CheckConstraint(
                condition=models.Q(started_at__lte=models.F("finished_at")), name="credit_time_forwards"
            ),
        ]
        indexes = [models.Index(fields=["person_id", "-finished_at"], name="credit_of_person")]

    def __str__(self) -> str:
        return f"credit {self.id}"
