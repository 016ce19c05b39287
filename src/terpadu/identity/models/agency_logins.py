"""Tables of agencies' own logins: where they are, who linked one with their account, and sign-ins on their way."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import LoginProtocol, LoginPurpose, LoginStage
from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class AgencyLogin(models.Model):
    """An agency's OpenID Provider or SAML identity provider, as the login of its officers.

    connection: what was approved (see `rules.agency_logins.connection`). proposed: what waits for approval. levels: the
    agency's `acr` or AuthnContextClassRef values and what each is worth here. secret_sealed: the client secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=10, choices=LoginProtocol)
    name = models.CharField(max_length=80)
    stage = models.CharField(max_length=10, choices=LoginStage, default=LoginStage.DRAFT)
    connection = models.JSONField(default=dict)
    proposed = models.JSONField(null=True)
    secret_sealed = models.BinaryField(null=True)
    requested_by = models.UUIDField(null=True)
    approved_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=now, db_default=Now())
    updated_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "agency": Privacy.INTERNAL,
        "protocol": Privacy.INTERNAL,
        "name": Privacy.PUBLIC,
        "stage": Privacy.INTERNAL,
        "connection": Privacy.INTERNAL,
        "proposed": Privacy.INTERNAL,
        "secret_sealed": Privacy.SENSITIVE,
        "requested_by": Privacy.PERSONAL,
        "approved_by": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
        "updated_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="agency_login_four_eyes",
                condition=models.Q(requested_by__isnull=True)
                | models.Q(approved_by__isnull=True)
                | ~models.Q(requested_by=models.F("approved_by")),
            )
        ]
        indexes = [models.Index(fields=["agency", "stage"], name="agency_login_of_agency")]

    def __str__(self) -> str:
        return self.name


class OfficerLink(models.Model):
    """A person said once, signed in by their own account, that they are this subject of an agency's login.

    subject_hash: keyed hash of the subject with its issuer; the subject itself is not kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    login = models.ForeignKey(AgencyLogin, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    subject_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=now, db_default=Now())
    ended_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "login": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "subject_hash": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
        "ended_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["login", "subject_hash"],
                condition=models.Q(ended_at__isnull=True),
                name="officer_link_subject_once",
            ),
            models.UniqueConstraint(
                fields=["login", "person"],
                condition=models.Q(ended_at__isnull=True),
                name="officer_link_person_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LoginAttempt(models.Model):
    """A browser that was sent to an agency's login and may come back once.

    state_digest: of the `state` (OpenID Connect) or of the request's ID (SAML). browser_digest: of the handle that only the
    asking browser's session has. sealed: nonce, PKCE verifier and page to go on to. subject_hash, acr: what came back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    login = models.ForeignKey(AgencyLogin, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=10, choices=LoginPurpose)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    state_digest = models.CharField(max_length=64, unique=True)
    browser_digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=now, db_default=Now())
    expires_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    subject_hash = models.CharField(max_length=64, blank=True)
    acr = models.CharField(max_length=10, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "login": Privacy.INTERNAL,
        "purpose": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "state_digest": Privacy.INTERNAL,
        "browser_digest": Privacy.INTERNAL,
        "sealed": Privacy.SENSITIVE,
        "created_at": Privacy.INTERNAL,
        "expires_at": Privacy.INTERNAL,
        "answered_at": Privacy.INTERNAL,
        "used_at": Privacy.INTERNAL,
        "subject_hash": Privacy.PERSONAL,
        "acr": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return str(self.id)
