"""Satisfaction: how often each score was given, and which cases were answered for. Nothing says who gave which."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models

from terpadu.casework.models.case import Case
from terpadu.kernel.privacy import Privacy


class SurveyTally(models.Model):
    """What was answered about one service in one month: only sums, so that no answer can be told from another.

    questionnaire: its code. month: its first day. answers: how many people answered. counts: element to four numbers,
    how often the scores 1 to 4 were given.
    """

    id = models.BigAutoField(primary_key=True)
    agency_code = models.CharField(max_length=60)
    service_id = models.CharField(max_length=80)
    questionnaire = models.CharField(max_length=40)
    month = models.DateField()
    answers = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "agency_code": Privacy.PUBLIC,
        "service_id": Privacy.PUBLIC,
        "questionnaire": Privacy.PUBLIC,
        "month": Privacy.PUBLIC,
        "answers": Privacy.INTERNAL,
        "counts": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service_id", "questionnaire", "month"], name="survey_tally_once_a_month"
            )
        ]
        indexes = [models.Index(fields=["agency_code", "month"], name="survey_tally_of_agency")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.month:%Y-%m}: {self.answers}"


class SurveyReceipt(models.Model):
    """A case was answered for: keeps it from being answered twice. It has no answer and no time, only the day."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)  # uuid7 would keep the time
    person_id = models.UUIDField(db_index=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "case": Privacy.INTERNAL,
        "answered_on": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return f"answered for {self.case_id}"
