"""Frozen overlap reports, people's verdicts on pairs, and the models that learned from them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.enums import OverlapKind


class ModelVersion(models.Model):
    """A frozen model: never changed, only followed. content: its file. verdicts: how many verdicts it learned from."""

    version = models.CharField(max_length=16, primary_key=True)
    content = models.TextField()
    verdicts = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "version": Privacy.PUBLIC,
        "content": Privacy.PUBLIC,
        "verdicts": Privacy.PUBLIC,
        "made_at": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return self.version


class OverlapReport(models.Model):
    """One frozen run over the inventory with the versions of everything that its findings depend on.

    families: members (codes), kind and least score of each, largest first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    engine = models.CharField(max_length=8)
    vocabulary = models.CharField(max_length=16)
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    records = models.PositiveIntegerField()
    records_sha256 = models.CharField(max_length=64)
    threshold = models.FloatField()
    families = models.JSONField()
    made_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "engine": Privacy.PUBLIC,
        "vocabulary": Privacy.PUBLIC,
        "model": Privacy.PUBLIC,
        "records": Privacy.PUBLIC,
        "records_sha256": Privacy.PUBLIC,
        "threshold": Privacy.PUBLIC,
        "families": Privacy.PUBLIC,
        "made_at": Privacy.PUBLIC,
    }

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="overlap_report_newest")]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.model_id}"


class OverlapFinding(models.Model):
    """A pair of a report. left and right: codes of applications, left before right. why: shares and words of the finding."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(OverlapReport, on_delete=models.PROTECT, related_name="+")
    left = models.CharField(max_length=20)
    right = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=OverlapKind)
    score = models.FloatField()
    why = models.JSONField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "report": Privacy.PUBLIC,
        "left": Privacy.PUBLIC,
        "right": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "score": Privacy.PUBLIC,
        "why": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "left", "right"], name="overlap_finding_once"),
            models.CheckConstraint(
                name="overlap_finding_order", condition=models.Q(left__lt=models.F("right"))
            ),
        ]
        indexes = [
            models.Index(fields=["report", "-score"], name="overlap_finding_best"),
            models.Index(fields=["report", "right"], name="overlap_finding_right"),
        ]

    def __str__(self) -> str:
        return f"{self.left} {self.right}"


class Verdict(models.Model):
    """What a person said of a pair, with the reason; the newest that was not taken back counts. Rows are never changed but
    for `withdrawn_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    left = models.CharField(max_length=20)
    right = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=OverlapKind)
    reason = models.TextField()
    said_by = models.CharField(max_length=80)
    said_at = models.DateTimeField(default=now, db_default=Now())
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "left": Privacy.PUBLIC,
        "right": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "reason": Privacy.INTERNAL,
        "said_by": Privacy.PERSONAL,
        "said_at": Privacy.INTERNAL,
        "withdrawn_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="overlap_verdict_order", condition=models.Q(left__lt=models.F("right"))
            ),
        ]
        indexes = [models.Index(fields=["left", "right"], name="overlap_verdict_pair")]

    def __str__(self) -> str:
        return f"{self.left} {self.right} {self.kind}"
