"""Tables of maturity. Agencies stand here by code, with the name and group they had in that year."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy
from terpadu.maturity.enums import (
    AgencyGroup,
    Consent,
    EvidenceKind,
    FindingKind,
    LocusState,
    MeasurementKind,
    Role,
    RoundState,
)


class Round(models.Model):
    """One year's measurement with one instrument."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    year = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    instrument_code = models.CharField(max_length=60)
    instrument_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=RoundState, default=RoundState.PREPARATION)
    self_due_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "year": Privacy.PUBLIC,
        "name": Privacy.PUBLIC,
        "instrument_code": Privacy.PUBLIC,
        "instrument_sha256": Privacy.PUBLIC,
        "state": Privacy.PUBLIC,
        "self_due_at": Privacy.PUBLIC,
        "published_at": Privacy.PUBLIC,
        "created_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "instrument_code"], name="round_once"),
            models.CheckConstraint(
                name="round_published_when",
                condition=models.Q(state=RoundState.PUBLISHED, published_at__isnull=False)
                | (~models.Q(state=RoundState.PUBLISHED) & models.Q(published_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.instrument_code}"


class Locus(models.Model):
    """One agency in a round. minutes_sha256: the signed minutes of its self-assessment, kept as a file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="loci")
    agency_code = models.CharField(max_length=60, db_index=True)
    agency_name = models.CharField(max_length=200)
    group = models.CharField(max_length=20, choices=AgencyGroup)
    region_code = models.CharField(max_length=13, blank=True)
    kind = models.CharField(max_length=20, choices=MeasurementKind)
    state = models.CharField(max_length=20, choices=LocusState, default=LocusState.OPEN)
    consent = models.CharField(max_length=20, choices=Consent, default=Consent.UNASKED)
    minutes_sha256 = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.UUIDField(null=True)
    objection_due_at = models.DateTimeField(null=True)
    finalised_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "round": Privacy.PUBLIC,
        "agency_code": Privacy.PUBLIC,
        "agency_name": Privacy.PUBLIC,
        "group": Privacy.PUBLIC,
        "region_code": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "state": Privacy.INTERNAL,
        "consent": Privacy.INTERNAL,
        "minutes_sha256": Privacy.INTERNAL,
        "submitted_at": Privacy.INTERNAL,
        "submitted_by": Privacy.PERSONAL,
        "objection_due_at": Privacy.INTERNAL,
        "finalised_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "agency_code"], name="locus_once"),
            models.CheckConstraint(
                name="locus_submitted_with_papers",
                condition=models.Q(state=LocusState.OPEN)
                | (
                    models.Q(submitted_at__isnull=False)
                    & ~models.Q(minutes_sha256="")
                    & ~models.Q(consent=Consent.UNASKED)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_code} {self.round_id}"


class Appointment(models.Model):
    """A person's role in a round: in one agency, as assessor of one agency, or in the national team (no locus).

    agency_code: the agency the person comes from; an assessor never assesses it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="appointments")
    locus = models.ForeignKey(Locus, on_delete=models.PROTECT, related_name="appointments", null=True)
    role = models.CharField(max_length=20, choices=Role)
    person_id = models.UUIDField(db_index=True)
    agency_code = models.CharField(max_length=60)
    unit = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "round": Privacy.INTERNAL,
        "locus": Privacy.INTERNAL,
        "role": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "agency_code": Privacy.INTERNAL,
        "unit": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "locus", "role", "person_id"], name="appointment_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["locus", "role"],
                name="appointment_one_of_a_kind",
                condition=models.Q(role__in=[Role.COORDINATOR, Role.RESPONSIBLE, Role.ENTRY_OPERATOR]),
            ),
            models.CheckConstraint(
                name="appointment_place",
                condition=models.Q(role=Role.NATIONAL_TEAM, locus__isnull=True)
                | (~models.Q(role=Role.NATIONAL_TEAM) & models.Q(locus__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.locus_id}"


class Task(models.Model):
    """An indicator handed to a unit of the agency, with the day by which its answer is due."""

    id = models.BigAutoField(primary_key=True)
    locus = models.ForeignKey(Locus, on_delete=models.CASCADE, related_name="tasks")
    indicator = models.CharField(max_length=10)
    unit = models.CharField(max_length=120)
    person_id = models.UUIDField(null=True)
    due_on = models.DateField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "locus": Privacy.INTERNAL,
        "indicator": Privacy.INTERNAL,
        "unit": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "due_on": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["locus", "indicator"], name="task_once")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.unit}"


class Assessment(models.Model):
    """The level that one stage gives an indicator, with its explanation. version: counts every change of it."""

    id = models.BigAutoField(primary_key=True)
    locus = models.ForeignKey(Locus, on_delete=models.CASCADE, related_name="assessments")
    indicator = models.CharField(max_length=10)
    stage = models.CharField(max_length=20)
    level = models.DecimalField(max_digits=4, decimal_places=2)
    explanation = models.TextField(blank=True)
    service_name = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    assessed_by = models.UUIDField(null=True)
    assessed_at = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "locus": Privacy.INTERNAL,
        "indicator": Privacy.INTERNAL,
        "stage": Privacy.INTERNAL,
        "level": Privacy.INTERNAL,
        "explanation": Privacy.INTERNAL,
        "service_name": Privacy.INTERNAL,
        "version": Privacy.INTERNAL,
        "assessed_by": Privacy.PERSONAL,
        "assessed_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["locus", "indicator", "stage"], name="assessment_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.stage} {self.level}"


class Rating(models.Model):
    """An assessor's own level in a sample rated independently, by which agreement is measured; never a result."""

    id = models.BigAutoField(primary_key=True)
    locus = models.ForeignKey(Locus, on_delete=models.CASCADE, related_name="ratings")
    indicator = models.CharField(max_length=10)
    person_id = models.UUIDField()
    level = models.PositiveSmallIntegerField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "locus": Privacy.INTERNAL,
        "indicator": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "level": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["locus", "indicator", "person_id"], name="rating_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.level}"


class Evidence(models.Model):
    """Something that supports an answer. Never deleted, only withdrawn.

    sha256, size_bytes, media_type: of a file. url: of a link. facts: what the platform saw, with query and date.
    made_on: when the evidence first came into the platform; carried_from: the piece of an earlier year it repeats.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    locus = models.ForeignKey(Locus, on_delete=models.CASCADE, related_name="evidence")
    indicator = models.CharField(max_length=10)
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    media_type = models.CharField(max_length=100, blank=True)
    url = models.URLField(blank=True, max_length=500)
    facts = models.JSONField(default=dict)
    made_on = models.DateField()
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    added_by = models.UUIDField(null=True)
    added_at = models.DateTimeField(default=now, db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "locus": Privacy.INTERNAL,
        "indicator": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "title": Privacy.INTERNAL,
        "sha256": Privacy.INTERNAL,
        "size_bytes": Privacy.INTERNAL,
        "media_type": Privacy.INTERNAL,
        "url": Privacy.INTERNAL,
        "facts": Privacy.INTERNAL,
        "made_on": Privacy.INTERNAL,
        "carried_from": Privacy.INTERNAL,
        "added_by": Privacy.PERSONAL,
        "added_at": Privacy.INTERNAL,
        "withdrawn_at": Privacy.INTERNAL,
    }

    class Meta:
        indexes = [models.Index(fields=["locus", "indicator"], name="evidence_of_indicator")]

    def __str__(self) -> str:
        return f"{self.kind} {self.indicator}"


class Objection(models.Model):
    """An agency contests the level of an indicator; the assessors accept or refuse with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    locus = models.ForeignKey(Locus, on_delete=models.CASCADE, related_name="objections")
    indicator = models.CharField(max_length=10)
    reason = models.TextField()
    raised_by = models.UUIDField(null=True)
    raised_at = models.DateTimeField()
    is_accepted = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "locus": Privacy.INTERNAL,
        "indicator": Privacy.INTERNAL,
        "reason": Privacy.INTERNAL,
        "raised_by": Privacy.PERSONAL,
        "raised_at": Privacy.INTERNAL,
        "is_accepted": Privacy.INTERNAL,
        "answer": Privacy.INTERNAL,
        "answered_by": Privacy.PERSONAL,
        "answered_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["locus", "indicator"], name="objection_once")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.is_accepted}"


class Finding(models.Model):
    """A strength, weakness or recommendation that the assessors write about an aspect."""

    id = models.BigAutoField(primary_key=True)
    locus = models.ForeignKey(Locus, on_delete=models.CASCADE, related_name="findings")
    aspect = models.CharField(max_length=10)
    kind = models.CharField(max_length=20, choices=FindingKind)
    text = models.TextField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "locus": Privacy.INTERNAL,
        "aspect": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "text": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["locus", "aspect", "kind"], name="finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.aspect}"


class Result(models.Model):
    """The final values of a locus, computed from its assessments. Public once the round is published with consent.

    index_exact: the unrounded index as text. levels, aspects, domains: published value by number, as text.
    """

    locus = models.OneToOneField(Locus, on_delete=models.CASCADE, primary_key=True, related_name="result")
    index = models.DecimalField(max_digits=4, decimal_places=2, db_index=True)
    index_exact = models.CharField(max_length=60)
    band = models.CharField(max_length=30)
    levels = models.JSONField()
    aspects = models.JSONField()
    domains = models.JSONField()
    computed_at = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "locus": Privacy.PUBLIC,
        "index": Privacy.PUBLIC,
        "index_exact": Privacy.PUBLIC,
        "band": Privacy.PUBLIC,
        "levels": Privacy.PUBLIC,
        "aspects": Privacy.PUBLIC,
        "domains": Privacy.PUBLIC,
        "computed_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return f"{self.index} {self.band}"
