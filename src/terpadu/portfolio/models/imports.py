"""Imports: the saved reading of an agency's columns, each run with its outcome, and former names of agencies."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.enums import AliasKind, RunState


class ColumnMapping(models.Model):
    """How an agency's columns were read, confirmed by a person; used again for a file with the same columns.

    agency_code: "" for the national team's lists. headers: sha-256 of the normalised headings. columns: heading by field.
    """

    id = models.BigAutoField(primary_key=True)
    agency_code = models.CharField(max_length=60, blank=True)
    headers = models.CharField(max_length=64)
    columns = models.JSONField()
    confirmed_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        ("id", "agency_code", "headers", "columns", "confirmed_at"), Privacy.INTERNAL
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency_code", "headers"], name="mapping_once")]

    def __str__(self) -> str:
        return f"{self.agency_code} {self.headers[:8]}"


class ImportRuns(models.QuerySet["ImportRun"]):
    """Imports, asked for in words."""

    def at_work(self) -> Self:
        """Those in the middle of a step."""
        return self.filter(state__in=(RunState.CHECKING, RunState.APPLYING))


class ImportRun(models.Model):
    """One file on its way into the inventory: all of it or nothing.

    agency_code: whose list it is, "" when a column names the owner. columns: heading by field as confirmed.
    counts: rows by outcome (created, changed, same, rejected). progress: rows handled in the present step.
    is_queued: whether the worker does the present step, and not the program that asked for it.
    fault: stable code of what stopped the whole file, "" when nothing did.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency_code = models.CharField(max_length=60, blank=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=RunState, default=RunState.UPLOADED)
    is_queued = models.BooleanField(default=False)
    columns = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    progress = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=60, blank=True)
    fault_values = models.JSONField(default=dict)
    started_by = models.UUIDField(null=True)
    started_at = models.DateTimeField(default=now, db_default=Now())
    finished_at = models.DateTimeField(null=True)

    objects = ImportRuns.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        **dict.fromkeys(
            [
                "id",
                "agency_code",
                "file_name",
                "sha256",
                "size_bytes",
                "state",
                "is_queued",
                "columns",
                "counts",
                "rows",
                "progress",
                "fault",
                "fault_values",
                "started_at",
                "finished_at",
            ],
            Privacy.INTERNAL,
        ),
        "started_by": Privacy.PERSONAL,
    }

    class Meta:
        indexes = [models.Index(fields=["agency_code", "-started_at"], name="import_of_agency")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class AgencyAlias(models.Model):
    """A former name or code of an agency. A split has one row for each successor, so a list must say which one."""

    id = models.BigAutoField(primary_key=True)
    former = models.CharField(max_length=200)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=AliasKind)
    changed_on = models.DateField()
    legal_basis = models.CharField(max_length=200, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        ("id", "former", "agency", "kind", "changed_on", "legal_basis"), Privacy.PUBLIC
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["former", "agency"], name="alias_once")]

    def __str__(self) -> str:
        return f"{self.former} -> {self.agency_id}"
