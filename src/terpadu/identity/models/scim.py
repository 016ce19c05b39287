"""Tables of agencies' directories, as they send them by SCIM 2.0 (RFC 7643): users, groups and who is in which."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, Now

from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class ScimUser(models.Model):
    """An officer as an agency's directory names them. It says nothing about the person, and never makes one.

    nik_hash: "" until the directory tells the NIK. person: filled once somebody with this NIK and name has an account. first_day, last_day: both inclusive; null for no
    limit. version: grows with every change (ETag). deleted_at: the directory no longer has it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    user_name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True)
    formatted_name = models.CharField(max_length=200, blank=True)
    given_name = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    nik_hash = models.CharField(max_length=64, blank=True, db_index=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now, db_default=Now())
    updated_at = models.DateTimeField(default=now, db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "agency": Privacy.INTERNAL,
        "user_name": Privacy.PERSONAL,
        "external_id": Privacy.PERSONAL,
        "formatted_name": Privacy.PERSONAL,
        "given_name": Privacy.PERSONAL,
        "family_name": Privacy.PERSONAL,
        "display_name": Privacy.PERSONAL,
        "is_active": Privacy.INTERNAL,
        "nik_hash": Privacy.SENSITIVE,
        "first_day": Privacy.INTERNAL,
        "last_day": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "version": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "updated_at": Privacy.INTERNAL,
        "deleted_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.F("agency"),
                Lower("user_name"),
                condition=models.Q(deleted_at__isnull=True),
                name="scim_user_name_once",
            ),
            models.UniqueConstraint(
                fields=["agency", "nik_hash"],
                condition=models.Q(deleted_at__isnull=True) & ~models.Q(nik_hash=""),
                name="scim_user_nik_once",
            ),
            models.UniqueConstraint(
                fields=["agency", "external_id"],
                condition=models.Q(deleted_at__isnull=True) & ~models.Q(external_id=""),
                name="scim_user_external_once",
            ),
            models.CheckConstraint(
                name="scim_user_days",
                condition=models.Q(first_day__isnull=True)
                | models.Q(last_day__isnull=True)
                | models.Q(last_day__gte=models.F("first_day")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ScimGroup(models.Model):
    """A group of an agency's directory. position: what the agency's administrator says its members hold; null for nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    display_name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True)
    position = models.ForeignKey("directory.Position", on_delete=models.PROTECT, related_name="+", null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now, db_default=Now())
    updated_at = models.DateTimeField(default=now, db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "agency": Privacy.INTERNAL,
        "display_name": Privacy.INTERNAL,
        "external_id": Privacy.INTERNAL,
        "position": Privacy.INTERNAL,
        "version": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "updated_at": Privacy.INTERNAL,
        "deleted_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.F("agency"),
                Lower("display_name"),
                condition=models.Q(deleted_at__isnull=True),
                name="scim_group_name_once",
            ),
            models.UniqueConstraint(
                fields=["agency", "external_id"],
                condition=models.Q(deleted_at__isnull=True) & ~models.Q(external_id=""),
                name="scim_group_external_once",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class ScimMember(models.Model):
    """A user of a directory is in a group of it."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(ScimGroup, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(ScimUser, on_delete=models.PROTECT, related_name="+")

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "group": Privacy.INTERNAL,
        "user": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="scim_member_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.user_id}"
