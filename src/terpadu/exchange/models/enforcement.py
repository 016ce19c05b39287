"""What is kept of enforcement: shares of quotas, persons' consents, and breaks of OpenAPI documents."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.exchange.enums import ConsentState
from terpadu.exchange.models.peers import Gateway
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class QuotaLease(models.Model):
    """A gateway's share of one grant's quota on one side and day: calls granted and used, calls a second, until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grant_hash = models.CharField(max_length=120)
    side = models.CharField(max_length=3)
    day = models.DateField()
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="+")
    granted = models.PositiveIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)
    rate = models.FloatField(default=0)
    expires_at = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        ("id", "grant_hash", "side", "day", "gateway", "granted", "used", "rate", "expires_at"),
        Privacy.INTERNAL,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant_hash", "side", "day", "gateway"], name="quota_lease_once")
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.day}: {self.used} of {self.granted}"


class QuotaPerson(models.Model):
    """How many calls about one person a gateway has let pass on a day, where a contract limits that."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grant_hash = models.CharField(max_length=120)
    side = models.CharField(max_length=3)
    day = models.DateField()
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=64)
    used = models.PositiveIntegerField(default=0)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "grant_hash": Privacy.INTERNAL,
        "side": Privacy.INTERNAL,
        "day": Privacy.INTERNAL,
        "gateway": Privacy.INTERNAL,
        "subject": Privacy.PERSONAL,
        "used": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grant_hash", "side", "day", "subject", "gateway"], name="quota_person_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.day}"


class Consent(models.Model):
    """A person's permission for one agency to read named fields of another: asked, given, refused or withdrawn.

    subject: keyed pseudonym, as records have it. consumer, provider: peer ids. until: when it ends by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    subject = models.CharField(max_length=64)
    grant_hash = models.CharField(max_length=120)
    consumer = models.CharField(max_length=20)
    provider = models.CharField(max_length=20)
    service = models.CharField(max_length=100)
    purpose = models.CharField(max_length=100)
    fields = models.JSONField()
    state = models.CharField(max_length=10, choices=ConsentState, default=ConsentState.ASKED)
    asked_at = models.DateTimeField(default=now)
    given_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person_id": Privacy.PERSONAL,
        "subject": Privacy.PERSONAL,
        "grant_hash": Privacy.INTERNAL,
        "consumer": Privacy.PERSONAL,
        "provider": Privacy.PERSONAL,
        "service": Privacy.PERSONAL,
        "purpose": Privacy.PERSONAL,
        "fields": Privacy.PERSONAL,
        "state": Privacy.PERSONAL,
        "asked_at": Privacy.PERSONAL,
        "given_at": Privacy.PERSONAL,
        "ended_at": Privacy.PERSONAL,
        "until": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "grant_hash"],
                name="consent_open_once",
                condition=models.Q(state__in=["asked", "given"]),
            )
        ]
        indexes = [models.Index(fields=["person_id", "-asked_at"], name="consent_of_person")]

    def __str__(self) -> str:
        return f"{self.state} {self.purpose}"


class InterfaceBreak(models.Model):
    """A place at which a system, or those who ask it, break an interface's OpenAPI document; how often, and when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=20)
    service = models.CharField(max_length=100)
    operation = models.CharField(max_length=100)
    place = models.CharField(max_length=300)
    count = models.PositiveBigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_transaction_id = models.UUIDField()

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        (
            "id",
            "provider",
            "service",
            "operation",
            "place",
            "count",
            "first_at",
            "last_at",
            "last_transaction_id",
        ),
        Privacy.INTERNAL,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "service", "operation", "place"], name="interface_break_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.operation} {self.place}"


class InterfaceDocument(models.Model):
    """An OpenAPI document as it was published, kept under its digest for as long as a contract may name it."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    openapi = models.TextField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {"sha256": Privacy.PUBLIC, "openapi": Privacy.PUBLIC}

    def __str__(self) -> str:
        return self.sha256
