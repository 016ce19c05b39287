"""The table of requests by which people use their rights over their data (UU 27/2022)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import DataRequestState, DataRight
from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class DataRequest(models.Model):
    """One use of a right. section: the body of data it is about. agency_code: who answers. due_at: the law's clock.

    sealed: the person's own words. lifted_at: end of a restriction that was granted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    right = models.CharField(max_length=20, choices=DataRight)
    state = models.CharField(max_length=20, choices=DataRequestState, default=DataRequestState.OPEN)
    section = models.CharField(max_length=40, blank=True)
    agency_code = models.CharField(max_length=60)
    sealed = models.BinaryField(null=True)
    made_at = models.DateTimeField(default=now, db_default=Now())
    made_by = models.UUIDField()
    due_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    answer = models.TextField(blank=True)
    lifted_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "right": Privacy.PERSONAL,
        "state": Privacy.PERSONAL,
        "section": Privacy.PERSONAL,
        "agency_code": Privacy.INTERNAL,
        "sealed": Privacy.SENSITIVE,
        "made_at": Privacy.PERSONAL,
        "made_by": Privacy.PERSONAL,
        "due_at": Privacy.INTERNAL,
        "is_late": Privacy.INTERNAL,
        "decided_at": Privacy.INTERNAL,
        "decided_by": Privacy.PERSONAL,
        "answer": Privacy.PERSONAL,
        "lifted_at": Privacy.INTERNAL,
    }

    class Meta:
        indexes = [
            models.Index(fields=["person", "-made_at"], name="data_request_of_person"),
            models.Index(
                fields=["agency_code", "due_at"],
                name="data_request_queue",
                condition=models.Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.right} {self.id}"
