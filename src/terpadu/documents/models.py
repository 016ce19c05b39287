"""Tables of documents: the register of what was issued, and the log of each copy fetched."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.documents.enums import Status
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Document(models.Model):
    """One issued document. Its facts are in the file alone; the row holds what is needed to find and verify it.

    person_id: the holder, in whose wallet it lies. about_id: whom it is about, when that is another person.
    masked_name: the name it bears, masked for the public page. sha256: of the signed file, in hex.
    request_mark: keyed hash of what was asked for, so that a repeated request can be told from a different one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    about_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=80)
    token = models.CharField(max_length=22, unique=True)
    masked_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=100, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.VALID)
    issued_at = models.DateTimeField(default=now)
    valid_until = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    agency_code = models.CharField(max_length=60)
    agency_name = models.CharField(max_length=120)
    signer_name = models.CharField(max_length=120)
    signer_title = models.CharField(max_length=120)
    is_sample = models.BooleanField(default=False)
    case_id = models.UUIDField(null=True, db_index=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    request_mark = models.CharField(max_length=64)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "about_id": Privacy.PERSONAL,
        "kind": Privacy.INTERNAL,
        "number": Privacy.PERSONAL,
        "token": Privacy.PERSONAL,
        "masked_name": Privacy.PERSONAL,
        "sha256": Privacy.INTERNAL,
        "path": Privacy.INTERNAL,
        "status": Privacy.INTERNAL,
        "issued_at": Privacy.INTERNAL,
        "valid_until": Privacy.INTERNAL,
        "ended_at": Privacy.INTERNAL,
        "end_reason": Privacy.PERSONAL,
        "replaced_by": Privacy.INTERNAL,
        "agency_code": Privacy.PUBLIC,
        "agency_name": Privacy.PUBLIC,
        "signer_name": Privacy.INTERNAL,
        "signer_title": Privacy.PUBLIC,
        "is_sample": Privacy.INTERNAL,
        "case_id": Privacy.INTERNAL,
        "idempotency_key": Privacy.INTERNAL,
        "request_mark": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency_code", "kind", "number"], name="document_number_once"),
            models.CheckConstraint(
                condition=models.Q(status=Status.VALID, ended_at__isnull=True)
                | models.Q(status__in=[Status.REPLACED, Status.REVOKED], ended_at__isnull=False),
                name="document_ended_with_time",
            ),
        ]
        indexes = [models.Index(fields=["person_id", "-id"], name="document_wallet")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class DocumentCopy(models.Model):
    """Somebody fetched a copy of a document's file: who, when, for what. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="copies")
    at = models.DateTimeField(default=now)
    actor_kind = models.CharField(max_length=10)
    actor_person_id = models.UUIDField(null=True)
    actor_agency = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=80)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "document": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "actor_kind": Privacy.INTERNAL,
        "actor_person_id": Privacy.PERSONAL,
        "actor_agency": Privacy.INTERNAL,
        "reason": Privacy.INTERNAL,
    }

    class Meta:
        indexes = [models.Index(fields=["document", "at"], name="document_copy_log")]

    def __str__(self) -> str:
        return f"copy {self.id}"
