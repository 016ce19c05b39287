"""Tables of the directory."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.directory.enums import AgencyKind
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Agency(models.Model):
    """An organisation that owns systems and gives services; a peer on the exchange."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=60, unique=True)
    peer_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=AgencyKind)
    region_code = models.CharField(max_length=13, blank=True)
    created_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "code": Privacy.PUBLIC,
        "peer_id": Privacy.PUBLIC,
        "name": Privacy.PUBLIC,
        "name_en": Privacy.PUBLIC,
        "short_name": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "region_code": Privacy.PUBLIC,
        "created_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="agency_code_form", condition=models.Q(code__regex=r"^[a-z][a-z0-9]*([.-][a-z0-9]+)*$")
            ),
            models.CheckConstraint(
                name="agency_peer_form", condition=models.Q(peer_id__regex=r"^[A-Za-z0-9._-]{1,20}$")
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Unit(models.Model):
    """A part of an agency, such as a section."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "agency": Privacy.PUBLIC,
        "name": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="unit_once")]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """What an officer can hold in an agency; who holds it from when to when is kept by `identity`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "agency": Privacy.PUBLIC,
        "unit": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "title": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="position_kind_form", condition=models.Q(kind__regex=r"^[a-z][a-z0-9_]*$")
            ),
            models.UniqueConstraint(
                fields=["agency", "unit", "kind", "title"], name="position_once", nulls_distinct=False
            ),
        ]
        indexes = [models.Index(fields=["kind", "agency"], name="position_by_kind")]

    def __str__(self) -> str:
        return self.title


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates, found by what they are good for."""

    def in_force(self, at: datetime) -> CertificateQuerySet:
        """Keep those that hold at a moment."""
        return self.filter(valid_from__lte=at, valid_to__gt=at, revoked_at__isnull=True)

    def newest_first(self) -> CertificateQuerySet:
        """Order by the end of their validity, latest first."""
        return self.order_by("-valid_to", "-id")


class Certificate(models.Model):
    """A certificate of an agency's key; private keys are files and never rows.

    is_external: the key is kept by the agency itself, so that nothing can be signed with it here. authority: name of the
    authority that issued it, "" for the platform's own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    serial = models.CharField(max_length=48, unique=True)
    pem = models.TextField()
    thumbprint = models.CharField(max_length=64)
    public_key_thumbprint = models.CharField(max_length=64, db_index=True)
    spki = models.CharField(max_length=200)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    is_external = models.BooleanField(default=False)
    authority = models.CharField(max_length=200, blank=True, default="")

    objects = CertificateQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "agency": Privacy.PUBLIC,
        "serial": Privacy.PUBLIC,
        "pem": Privacy.PUBLIC,
        "thumbprint": Privacy.PUBLIC,
        "public_key_thumbprint": Privacy.PUBLIC,
        "spki": Privacy.PUBLIC,
        "valid_from": Privacy.PUBLIC,
        "valid_to": Privacy.PUBLIC,
        "revoked_at": Privacy.PUBLIC,
        "is_external": Privacy.PUBLIC,
        "authority": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="certificate_dates", condition=models.Q(valid_to__gt=models.F("valid_from"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.serial}"
