"""Tables of identity."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import Sex, SignInMethod, SignInOutcome
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Person(models.Model):
    """A natural person. The NIK is sealed for this row, and found again by its keyed hash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    nik_sealed = models.BinaryField()
    nik_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    birth_on = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex)
    created_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PERSONAL,
        "nik_sealed": Privacy.SENSITIVE,
        "nik_hash": Privacy.SENSITIVE,
        "name": Privacy.PERSONAL,
        "birth_on": Privacy.PERSONAL,
        "sex": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(name="person_named", condition=~models.Q(name="")),
            models.CheckConstraint(name="person_sex", condition=models.Q(sex__in=Sex.values)),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AccountManager(BaseUserManager["Account"]):
    """Accounts, as Django's sessions ask for them."""


class Account(AbstractBaseUser):
    """Lets a person sign in. Passkeys, the authenticator app and recovery codes are rows of allauth's Authenticator."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="account")
    is_active = models.BooleanField(default=True)
    is_password_enough = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now, db_default=Now())

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "id"

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PERSONAL,
        "person": Privacy.PERSONAL,
        "password": Privacy.SENSITIVE,
        "last_login": Privacy.PERSONAL,
        "is_active": Privacy.INTERNAL,
        "is_password_enough": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return str(self.id)


class SignIn(models.Model):
    """One entry of an account's sign-in history; the successful ones name the session they opened."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now, db_default=Now())
    method = models.CharField(max_length=20, choices=SignInMethod)
    outcome = models.CharField(max_length=20, choices=SignInOutcome)
    network = models.CharField(max_length=60)
    device = models.CharField(max_length=60, blank=True)
    session_key = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "account": Privacy.PERSONAL,
        "at": Privacy.PERSONAL,
        "method": Privacy.PERSONAL,
        "outcome": Privacy.PERSONAL,
        "network": Privacy.PERSONAL,
        "device": Privacy.PERSONAL,
        "session_key": Privacy.SENSITIVE,
        "ended_at": Privacy.PERSONAL,
    }

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="sign_in_history"),
            models.Index(
                fields=["session_key"], name="sign_in_open", condition=models.Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.id}"


class TryCount(models.Model):
    """How often something was tried in the present window; the key is a keyed hash of what is limited."""

    key = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField()
    tries = models.PositiveIntegerField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "key": Privacy.INTERNAL,
        "started_at": Privacy.INTERNAL,
        "tries": Privacy.INTERNAL,
    }

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="try_count_age")]

    def __str__(self) -> str:
        return str(self.tries)


class RegistrationDraft(models.Model):
    """A registration between its first and last page: particulars that the registry confirmed, sealed for this row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "sealed": Privacy.SENSITIVE,
        "expires_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return str(self.id)


class DateRange(models.Func):
    """PostgreSQL's daterange(from, to, bounds)."""

    function = "DATERANGE"
    output_field = DateRangeField()


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments, found by when they hold."""

    def in_force(self, on: date) -> AssignmentQuerySet:
        """Keep those that hold on a day."""
        return self.filter(valid_from__lte=on).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=on)
        )


class Assignment(models.Model):
    """A person holds a position from a day (inclusive) to a day (exclusive; none: until further notice).

    A period without a day says that it was taken back on its first. scim_user: the entry of the agency's directory that it
    follows; null for those an administrator gave.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    position = models.ForeignKey("directory.Position", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    scim_user = models.ForeignKey("identity.ScimUser", on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(default=now, db_default=Now())

    objects = AssignmentQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "position": Privacy.INTERNAL,
        "valid_from": Privacy.INTERNAL,
        "valid_to": Privacy.INTERNAL,
        "scim_user": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assignment_dates",
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
            ),
            ExclusionConstraint(
                name="assignment_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("position", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.position_id}"
