"""How good applications are, and the plan by which duplicates end: assessments, plans, waves, moves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.enums import EndingForm, Fate, PlanState
from terpadu.portfolio.models.applications import Application
from terpadu.portfolio.models.clearance import classed


class Assessment(models.Model):
    """The answers that the owner of an application gave to the short questionnaire; the latest one counts.

    answers: question to points, 0 to 4. questionnaire: version of the dated data.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="assessments")
    questionnaire = models.CharField(max_length=60)
    answers = models.JSONField()
    note = models.TextField(blank=True)
    given_by = models.UUIDField(null=True, blank=True)
    given_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "", internal="id application questionnaire answers note given_at", personal="given_by"
    )

    class Meta:
        indexes = [models.Index(fields=["application", "-given_at"], name="assessment_latest")]

    def __str__(self) -> str:
        return str(self.id)


class Plan(models.Model):
    """A consolidation plan. basis: the act by which it is adopted, empty while it is a draft."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.DRAFT)
    starts_on = models.DateField()
    wave_months = models.PositiveSmallIntegerField(default=6)
    wave_size = models.PositiveSmallIntegerField(default=10)
    basis = models.CharField(max_length=200, blank=True)
    created_by = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    adopted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "id name purpose state starts_on basis adopted_at",
        internal="wave_months wave_size created_at version",
        personal="created_by",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="plan_has_name", condition=models.Q(name__regex=r"\S")),
            models.CheckConstraint(
                name="plan_adopted_by_an_act", condition=~models.Q(state="adopted") | ~models.Q(basis="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Wave(models.Model):
    """One step of a plan in time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()

    PRIVACY: ClassVar[dict[str, Privacy]] = classed("id plan number starts_on ends_on")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="wave_once"),
            models.CheckConstraint(
                name="wave_ends_after_start", condition=models.Q(ends_on__gt=models.F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Move(models.Model):
    """What happens to one member of a family in a plan.

    family: key and name of the family as the plan knows it. successor: the member that stays, None for the one that is kept.
    done: keys of the steps that are done (contracts, data, archive, legal form, ...), each with its day.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="moves")
    wave = models.ForeignKey(Wave, on_delete=models.SET_NULL, null=True, blank=True, related_name="moves")
    family = models.CharField(max_length=60)
    family_name = models.CharField(max_length=200)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    fate = models.CharField(max_length=10, choices=Fate)
    successor = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    because = models.CharField(max_length=40)
    form = models.CharField(max_length=10, choices=EndingForm, blank=True)
    done = models.JSONField(default=dict)
    is_decided = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = classed(
        "id plan wave family family_name application fate successor because form done",
        internal="is_decided note",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "application"], name="move_once_in_a_plan"),
            models.CheckConstraint(
                name="move_away_needs_a_successor",
                condition=~models.Q(fate__in=["migrate", "merge"]) | models.Q(successor__isnull=False),
            ),
            models.CheckConstraint(
                name="move_not_onto_itself",
                condition=models.Q(successor__isnull=True) | ~models.Q(successor=models.F("application")),
            ),
        ]
        indexes = [models.Index(fields=["plan", "family"], name="move_of_family")]

    def __str__(self) -> str:
        return self.fate
