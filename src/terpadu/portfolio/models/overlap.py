"""Frozen overlap reports, people's verdicts on pairs, and the models that learned from them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.enums import OverlapKind, OverlapStep
from terpadu.portfolio.models.applications import texts


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

    found: how many pairs the engine found; the strongest of each application are kept as findings, the rest is counted in
    `kinds` (kind → pairs). records_sha256: the digest of what was compared.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    engine = models.CharField(max_length=8)
    vocabulary = models.CharField(max_length=16)
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    records = models.PositiveIntegerField()
    records_sha256 = models.CharField(max_length=64)
    threshold = models.FloatField()
    found = models.PositiveIntegerField(default=0)
    kinds = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "engine": Privacy.PUBLIC,
        "vocabulary": Privacy.PUBLIC,
        "model": Privacy.PUBLIC,
        "records": Privacy.PUBLIC,
        "records_sha256": Privacy.PUBLIC,
        "threshold": Privacy.PUBLIC,
        "found": Privacy.PUBLIC,
        "kinds": Privacy.PUBLIC,
        "made_at": Privacy.PUBLIC,
    }

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="overlap_report_newest")]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.model_id}"


class OverlapFinding(models.Model):
    """A pair of a report. left and right: codes of applications, left before right. why: shares and words of the finding.

    agencies: codes of both owners. sectors: codes of the business process list down to the sector, of both. family: the key
    of the family in which both are, or "".
    """

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(OverlapReport, on_delete=models.PROTECT, related_name="+")
    left = models.CharField(max_length=20)
    right = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=OverlapKind)
    score = models.FloatField()
    why = models.JSONField()
    agencies = texts(60)
    sectors = texts(20)
    family = models.CharField(max_length=16, default="", db_default="", blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "report": Privacy.PUBLIC,
        "left": Privacy.PUBLIC,
        "right": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "score": Privacy.PUBLIC,
        "why": Privacy.PUBLIC,
        "agencies": Privacy.PUBLIC,
        "sectors": Privacy.PUBLIC,
        "family": Privacy.PUBLIC,
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


class OverlapFamily(models.Model):
    """Applications of which every two overlap, in one report. key: the digest of its members, the same in every report.

    kind: the closest that holds for every two. score: the least between two. centre: the member that is most like the others.
    words: what most members say, rarest first. members: codes, the centre first.
    """

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(OverlapReport, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=16)
    name = models.TextField()
    kind = models.CharField(max_length=10, choices=OverlapKind)
    score = models.FloatField()
    centre = models.CharField(max_length=20)
    applications = models.PositiveIntegerField()
    words = texts(60)
    members = texts(20)
    agencies = texts(60)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        name: Privacy.PUBLIC
        for name in (
            "id",
            "report",
            "key",
            "name",
            "kind",
            "score",
            "centre",
            "applications",
            "words",
            "members",
            "agencies",
        )
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="overlap_family_once")]
        indexes = [models.Index(fields=["report", "-applications", "key"], name="overlap_family_largest")]

    def __str__(self) -> str:
        return self.key


class OverlapRun(models.Model):
    """The making of a report, for those who wait for it. step: where it stands."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    step = models.CharField(max_length=10, choices=OverlapStep, default=OverlapStep.READING)
    started_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "step": Privacy.PUBLIC,
        "started_at": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.step}"


class VerdictQuerySet(models.QuerySet["Verdict"]):
    """Verdicts, in the order in which they count."""

    def counting(self) -> VerdictQuerySet:
        """Keep those that were not taken back, pair by pair, the one that counts first."""
        return self.filter(withdrawn_at=None).order_by("left", "right", "-by_national", "-said_at", "-id")


class Verdict(models.Model):
    """What a person said of a pair, with the reason. Rows are never changed but for `withdrawn_at`.

    by_national: said by the national team, whose word counts before that of those who manage the applications. Among equals
    the newest counts that was not taken back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    left = models.CharField(max_length=20)
    right = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=OverlapKind)
    reason = models.TextField()
    said_by = models.CharField(max_length=80)
    by_national = models.BooleanField(default=False)
    said_at = models.DateTimeField(default=now, db_default=Now())
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "left": Privacy.PUBLIC,
        "right": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "reason": Privacy.INTERNAL,
        "said_by": Privacy.PERSONAL,
        "by_national": Privacy.INTERNAL,
        "said_at": Privacy.INTERNAL,
        "withdrawn_at": Privacy.INTERNAL,
    }

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="overlap_verdict_order", condition=models.Q(left__lt=models.F("right"))
            ),
        ]
        indexes = [models.Index(fields=["left", "right"], name="overlap_verdict_pair")]

    def __str__(self) -> str:
        return f"{self.left} {self.right} {self.kind}"
