"""Tables of representation: who may act for whom, in which services, until when, and every use of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import EvidenceKind, MandateEnd, MandateKind
from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Mandates, found by when they hold."""

    def in_force(self, at: datetime) -> MandateQuerySet:
        """Keep those under which somebody may act at a moment."""
        begun = self.filter(started_at__lte=at, ended_at__isnull=True, actor__isnull=False)
        return begun.filter(models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=at))

    def of(self, person_id: object) -> MandateQuerySet:
        """Keep those in which a person is one of the two sides."""
        return self.filter(models.Q(subject_id=person_id) | models.Q(actor_id=person_id))


class Mandate(models.Model):
    """A person (actor) may act for another (subject) in named services until a moment.

    services: identifiers, or "*" for all. actor: none while a given mandate waits for the one who is to act.
    started_at: none while it waits (for acceptance, or for an officer). sealed: what a guardian typed of the child.
    read_at: when the family registry last confirmed it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=MandateKind)
    subject = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    services = ArrayField(models.CharField(max_length=80), default=list)
    created_at = models.DateTimeField(default=now, db_default=Now())
    started_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    end = models.CharField(max_length=20, choices=MandateEnd, blank=True)
    read_at = models.DateTimeField(null=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    evidence = models.CharField(max_length=20, choices=EvidenceKind, blank=True)
    evidence_number = models.CharField(max_length=80, blank=True)
    sealed = models.BinaryField(null=True)
    officer_id = models.UUIDField(null=True)
    agency_code = models.CharField(max_length=60, blank=True)

    objects = MandateQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "kind": Privacy.PERSONAL,
        "subject": Privacy.PERSONAL,
        "actor": Privacy.PERSONAL,
        "services": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
        "started_at": Privacy.PERSONAL,
        "valid_until": Privacy.PERSONAL,
        "ended_at": Privacy.PERSONAL,
        "ended_by": Privacy.PERSONAL,
        "end": Privacy.PERSONAL,
        "read_at": Privacy.INTERNAL,
        "code_hash": Privacy.SENSITIVE,
        "code_expires_at": Privacy.INTERNAL,
        "actor_name": Privacy.PERSONAL,
        "evidence": Privacy.PERSONAL,
        "evidence_number": Privacy.PERSONAL,
        "sealed": Privacy.SENSITIVE,
        "officer_id": Privacy.PERSONAL,
        "agency_code": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="mandate_started_is_complete",
                condition=models.Q(started_at__isnull=True)
                | models.Q(subject__isnull=False, actor__isnull=False),
            ),
            models.CheckConstraint(
                name="mandate_not_for_oneself",
                condition=models.Q(subject__isnull=True)
                | models.Q(actor__isnull=True)
                | ~models.Q(subject=models.F("actor")),
            ),
            models.UniqueConstraint(
                name="mandate_parent_once",
                fields=["subject", "actor"],
                condition=models.Q(kind="parent", ended_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["actor", "-created_at"], name="mandate_of_actor"),
            models.Index(fields=["subject", "-created_at"], name="mandate_of_subject"),
            models.Index(fields=["code_hash"], name="mandate_code", condition=~models.Q(code_hash="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class MandateUse(models.Model):
    """One thing done under a mandate; both sides can read it. reference: such as a case number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now, db_default=Now())
    action = models.CharField(max_length=60)
    service_id = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=80, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "mandate": Privacy.INTERNAL,
        "at": Privacy.PERSONAL,
        "action": Privacy.PERSONAL,
        "service_id": Privacy.PERSONAL,
        "reference": Privacy.PERSONAL,
    }

    class Meta:
        indexes = [models.Index(fields=["mandate", "-at"], name="mandate_uses")]

    def __str__(self) -> str:
        return f"{self.action} {self.id}"
