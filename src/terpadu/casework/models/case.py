"""A case with its answers, its chained events and its attachments."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from terpadu.casework.enums import PublicState
from terpadu.casework.models.definition import ServiceDefinition
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class CaseNumber(models.Model):
    """The last number given by an agency in a year."""

    id = models.BigAutoField(primary_key=True)
    agency_code = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "agency_code": Privacy.PUBLIC,
        "year": Privacy.PUBLIC,
        "last": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency_code", "year"], name="case_number_once")]

    def __str__(self) -> str:
        return f"{self.agency_code} {self.year}: {self.last}"


class Case(models.Model):
    """One application of a person for one service, from draft to end.

    remaining_minutes: working minutes left of the promise while the clock stands still, else null. due_at: promised
    moment while it runs. marked: field id to the officer's note, while sent back. data_version: counts changes, so that
    an officer's page that is out of date is noticed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(db_index=True)
    definition = models.ForeignKey(ServiceDefinition, on_delete=models.PROTECT, related_name="+")
    service_id = models.CharField(max_length=80)
    agency_code = models.CharField(max_length=60)
    number = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField()
    subject_person_id = models.UUIDField(null=True)
    subject_name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=20, choices=PublicState.choices, default=PublicState.DRAFT)
    step_id = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(default=now)
    saved_at = models.DateTimeField(default=now)
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    submit_key = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(null=True)
    remaining_minutes = models.IntegerField(null=True)
    answer_by = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)
    marked = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    data_version = models.PositiveIntegerField(default=0)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "definition": Privacy.INTERNAL,
        "service_id": Privacy.PERSONAL,
        "agency_code": Privacy.INTERNAL,
        "number": Privacy.PERSONAL,
        "sequence": Privacy.INTERNAL,
        "subject_person_id": Privacy.PERSONAL,
        "subject_name": Privacy.PERSONAL,
        "state": Privacy.PERSONAL,
        "step_id": Privacy.INTERNAL,
        "started_at": Privacy.INTERNAL,
        "saved_at": Privacy.INTERNAL,
        "submitted_at": Privacy.INTERNAL,
        "closed_at": Privacy.INTERNAL,
        "submit_key": Privacy.INTERNAL,
        "due_at": Privacy.INTERNAL,
        "remaining_minutes": Privacy.INTERNAL,
        "answer_by": Privacy.INTERNAL,
        "is_late": Privacy.INTERNAL,
        "marked": Privacy.PERSONAL,
        "message": Privacy.PERSONAL,
        "reason": Privacy.PERSONAL,
        "data_version": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency_code", "number"], name="case_number_unique"),
            models.CheckConstraint(
                name="case_sent_when_not_draft",
                condition=Q(state="draft", submitted_at__isnull=True)
                | Q(state__in=["cancelled", "lapsed"])
                | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_clock_runs_or_stands",
                condition=Q(due_at__isnull=True) | Q(remaining_minutes__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["person_id", "-saved_at"], name="case_of_person")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_editable(self) -> bool:
        """Tell whether the applicant has the ball."""
        return self.state in (PublicState.DRAFT, PublicState.NEEDS_CHANGES)


class CaseAnswers(models.Model):
    """What was answered and read for a case.

    answers: field id to {value, status, source, fetched_at, transaction_id, registry_value, note}. sources: source id
    to {values, read_at, transaction_id, provider}. outages: source id to {kind, at}. pages: ids of the pages saved.
    removed: answers taken out when it was sent, because the way did not lead past them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(db_index=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="answers")
    answers = models.JSONField(default=dict)
    sources = models.JSONField(default=dict)
    outages = models.JSONField(default=dict)
    pages = models.JSONField(default=list)
    removed = models.JSONField(default=dict)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "case": Privacy.INTERNAL,
        "answers": Privacy.SENSITIVE,
        "sources": Privacy.SENSITIVE,
        "outages": Privacy.INTERNAL,
        "pages": Privacy.INTERNAL,
        "removed": Privacy.SENSITIVE,
    }

    def __str__(self) -> str:
        return f"answers of {self.case_id}"


class CaseEvent(models.Model):
    """One thing that happened to a case. Append-only: a trigger refuses changes, and each row carries the hash of the last."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    step_id = models.CharField(max_length=40, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_person_id = models.UUIDField(null=True)
    actor_position = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "case": Privacy.INTERNAL,
        "seq": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "step_id": Privacy.INTERNAL,
        "actor_kind": Privacy.INTERNAL,
        "actor_person_id": Privacy.PERSONAL,
        "actor_position": Privacy.INTERNAL,
        "facts": Privacy.PERSONAL,
        "previous_hash": Privacy.INTERNAL,
        "hash": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="case_event_in_order")]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.seq} {self.kind}"


class Attachment(models.Model):
    """An uploaded file; its bytes lie in the uploads directory under its id. removed_at: taken back by the applicant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    field_id = models.CharField(max_length=40)
    file_name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "case": Privacy.INTERNAL,
        "field_id": Privacy.INTERNAL,
        "file_name": Privacy.PERSONAL,
        "content_type": Privacy.INTERNAL,
        "size_bytes": Privacy.INTERNAL,
        "sha256": Privacy.PERSONAL,
        "uploaded_at": Privacy.INTERNAL,
        "removed_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return f"{self.content_type} for {self.case_id}"
