"""Requests for clearance with all that belongs to them: documents, overlap reports, reviews, decisions, appeals, history."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.enums import (
    DecisionKind,
    Desk,
    Funding,
    Instance,
    Opinion,
    Part,
    RequestAction,
    RequestKind,
    RequestState,
    ReviewState,
)
from terpadu.portfolio.models.applications import Application, texts


def classed(public: str, *, internal: str = "", personal: str = "") -> dict[str, Privacy]:
    """Return the privacy class of each field, named in one text per class."""
    return {
        **dict.fromkeys(public.split(), Privacy.PUBLIC),
        **dict.fromkeys(internal.split(), Privacy.INTERNAL),
        **dict.fromkeys(personal.split(), Privacy.PERSONAL),
    }


class ClearanceRequest(models.Model):
    """A request of an agency for one moment in an application's life.

    number: "" until it is sent in. subject: the application it is about, None for a new one. record: the inventory record
    that an approval made or enriched. regulation, procedure, path: of the dated data it goes by. appealed_from: the state
    before its appeal, "" without one. due_at: when the present state must end. appeal_until: last moment for an appeal.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=30, blank=True)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=RequestKind)
    state = models.CharField(max_length=20, choices=RequestState, default=RequestState.DRAFT)
    appealed_from = models.CharField(max_length=20, choices=RequestState, blank=True)
    regulation = models.CharField(max_length=60, blank=True)
    procedure = models.CharField(max_length=40, blank=True)
    path = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=200)
    function = models.TextField(blank=True)
    need = models.TextField(blank=True)
    rab_codes = texts(20)
    ral_codes = texts(20)
    rad_codes = texts(20)
    user_groups = texts(60)
    users_target = models.PositiveIntegerField(null=True, blank=True)
    rupiah = models.PositiveBigIntegerField(null=True, blank=True)
    yearly_rupiah = models.PositiveBigIntegerField(null=True, blank=True)
    fiscal_year = models.PositiveSmallIntegerField(null=True, blank=True)
    funding = models.CharField(max_length=20, choices=Funding, blank=True)
    interfaces_plan = models.TextField(blank=True)
    why_not_existing = models.TextField(blank=True)
    ends_on = models.DateField(null=True, blank=True)
    subject = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    record = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_by = models.UUIDField()
    created_at = models.DateTimeField(default=now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    state_since = models.DateTimeField(default=now)
    due_at = models.DateTimeField(null=True, blank=True)
    is_late = models.BooleanField(default=False)
    appeal_until = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "id number agency kind state title function subject record submitted_at delivered_at expires_on ends_on",
        internal="appealed_from regulation procedure path need rab_codes ral_codes rad_codes user_groups users_target rupiah "
        "yearly_rupiah fiscal_year funding interfaces_plan why_not_existing created_at state_since due_at is_late "
        "appeal_until version",
        personal="created_by",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], name="request_number_once", condition=~models.Q(number="")
            ),
            models.CheckConstraint(
                name="request_numbered",
                condition=models.Q(state__in=["draft", "withdrawn"]) | ~models.Q(number=""),
            ),
            models.CheckConstraint(name="request_has_title", condition=models.Q(title__regex=r"\S")),
            models.CheckConstraint(
                name="request_names_its_subject",
                condition=models.Q(state__in=["draft", "withdrawn"])
                | models.Q(kind="establish")
                | models.Q(subject__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="request_by_state"),
            models.Index(fields=["agency", "-created_at"], name="request_of_agency"),
            models.Index(fields=["record"], name="request_of_record"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.id)


class RequestDocument(models.Model):
    """A file that supports a request. kind: what it is, such as "terms". It lies under its digest, outside the web root."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ClearanceRequest, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.UUIDField()
    added_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "",
        internal="id request kind file_name media_type size_bytes sha256 added_at removed_at",
        personal="added_by",
    )

    def __str__(self) -> str:
        return self.kind


class RequestReport(models.Model):
    """What the engine found for a request, frozen: it is never written again, and its digest stands in the letter.

    versions: of the engine, its words and its weights. proposal: what was compared. records: with how many applications.
    sha256: of the canonical JSON of engine, versions, records, proposal and candidates.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ClearanceRequest, on_delete=models.CASCADE, related_name="reports")
    made_at = models.DateTimeField(default=now)
    engine = models.CharField(max_length=60)
    versions = models.JSONField()
    records = models.PositiveIntegerField()
    proposal = models.JSONField()
    candidates = models.JSONField()
    dependents = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "", internal="id request made_at engine versions records proposal candidates dependents sha256"
    )

    def __str__(self) -> str:
        return self.sha256[:12]


class DeskReview(models.Model):
    """What a desk says. taken_by: who works on it; delegated_to: a colleague who was asked by name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ClearanceRequest, on_delete=models.CASCADE, related_name="reviews")
    desk = models.CharField(max_length=20, choices=Desk)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    due_at = models.DateTimeField()
    taken_by = models.UUIDField(null=True, blank=True)
    delegated_to = models.UUIDField(null=True, blank=True)
    opinion = models.CharField(max_length=20, choices=Opinion, blank=True)
    text = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    given_by = models.UUIDField(null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    is_late = models.BooleanField(default=False)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "",
        internal="id request desk state due_at opinion text conditions given_at is_late",
        personal="taken_by delegated_to given_by",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "desk"], name="review_desk_once"),
            models.CheckConstraint(
                name="review_given_with_opinion", condition=~models.Q(state="done") | ~models.Q(opinion="")
            ),
        ]

    def __str__(self) -> str:
        return self.desk


class RequestComment(models.Model):
    """Something said about a request. is_internal: for desks and deciders only, not for the proposer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ClearanceRequest, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField()
    is_internal = models.BooleanField(default=False)
    by_person = models.UUIDField()
    by_part = models.CharField(max_length=20, choices=Part)
    at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "", internal="id request text is_internal by_part at", personal="by_person"
    )

    def __str__(self) -> str:
        return str(self.id)


class Decision(models.Model):
    """A decision on a request. reason is public; why_not_reuse and conditions too. letter: the signed PDF, None until made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ClearanceRequest, on_delete=models.CASCADE, related_name="decisions")
    instance = models.CharField(max_length=10, choices=Instance, default=Instance.FIRST)
    kind = models.CharField(max_length=20, choices=DecisionKind)
    target = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    conditions = models.TextField(blank=True)
    why_not_reuse = models.TextField(blank=True)
    expires_on = models.DateField(null=True, blank=True)
    report_sha256 = models.CharField(max_length=64, blank=True)
    decided_by = models.UUIDField()
    decider_title = models.CharField(max_length=200)
    agency_code = models.CharField(max_length=60)
    decided_at = models.DateTimeField(default=now)
    letter = models.UUIDField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "id request instance kind target reason conditions why_not_reuse expires_on report_sha256 decider_title "
        "agency_code decided_at",
        internal="letter",
        personal="decided_by",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "instance"], name="decision_once_an_instance"),
            models.CheckConstraint(
                name="decision_new_expires",
                condition=~models.Q(kind="new") | models.Q(expires_on__isnull=False),
            ),
            models.CheckConstraint(
                name="decision_names_target",
                condition=~models.Q(kind__in=["reuse", "integrate", "extend"])
                | models.Q(target__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Appeal(models.Model):
    """An objection to a decision, or to a finding of its overlap report. contested: codes of candidates that are disputed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.OneToOneField(ClearanceRequest, on_delete=models.CASCADE, related_name="appeal")
    grounds = models.TextField()
    contested = texts(20)
    filed_by = models.UUIDField()
    filed_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=RequestAction, blank=True)
    reason = models.TextField(blank=True)
    closed_by = models.UUIDField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "outcome reason closed_at filed_at",
        internal="id request grounds contested due_at",
        personal="filed_by closed_by",
    )

    def __str__(self) -> str:
        return str(self.id)


class RequestStep(models.Model):
    """One step of a request: what was done, by which part, and where it led."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(ClearanceRequest, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=RequestState)
    part = models.CharField(max_length=20, choices=Part)
    note = models.TextField(blank=True)
    by_person = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "", internal="id request action state part note at", personal="by_person"
    )

    class Meta:
        indexes = [models.Index(fields=["request", "id"], name="step_of_request")]

    def __str__(self) -> str:
        return self.action
