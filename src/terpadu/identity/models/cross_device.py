"""The table of requests that one screen shows and a person's phone answers."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import CrossDeviceKind, CrossDeviceState
from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class CrossDeviceRequest(models.Model):
    """A screen asks, a phone answers: to sign in, to share data, to verify somebody, to be helped.

    code_hash: keyed hash of what the QR code carries. number: the two digits to compare. officer_id, agency_code,
    position_id: who asks at a counter. network, device: where the asking screen is. level: acr that the phone had.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=CrossDeviceKind)
    state = models.CharField(max_length=20, choices=CrossDeviceState, default=CrossDeviceState.WAITING)
    code_hash = models.CharField(max_length=64, unique=True)
    number = models.PositiveSmallIntegerField()
    network = models.CharField(max_length=60)
    device = models.CharField(max_length=60, blank=True)
    officer_id = models.UUIDField(null=True)
    agency_code = models.CharField(max_length=60, blank=True)
    position_id = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    items = ArrayField(models.CharField(max_length=80), default=list)
    created_at = models.DateTimeField(default=now, db_default=Now())
    expires_at = models.DateTimeField(db_index=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    level = models.CharField(max_length=10, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "state": Privacy.INTERNAL,
        "code_hash": Privacy.SENSITIVE,
        "number": Privacy.INTERNAL,
        "network": Privacy.PERSONAL,
        "device": Privacy.PERSONAL,
        "officer_id": Privacy.PERSONAL,
        "agency_code": Privacy.INTERNAL,
        "position_id": Privacy.INTERNAL,
        "purpose": Privacy.PERSONAL,
        "items": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
        "expires_at": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "decided_at": Privacy.PERSONAL,
        "level": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cross_device_answered_by_somebody",
                condition=~models.Q(state__in=["approved", "used"]) | models.Q(person__isnull=False),
            ),
            models.CheckConstraint(
                name="cross_device_counter_has_officer",
                condition=models.Q(kind="identify") | models.Q(officer_id__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["person", "-created_at"], name="cross_device_of_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
