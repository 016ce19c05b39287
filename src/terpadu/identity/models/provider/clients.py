"""Clients: the applications and systems of agencies that people sign in to."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import ClientAuthMethod, ClientKind, ClientProfile, ClientStage
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


def _texts(max_length: int) -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=max_length), default=list, blank=True)


class Client(models.Model):
    """An application of an agency, by its metadata (RFC 7591 names where there is one).

    claim_uses: list of {claim, is_essential, purpose {id, en}, legal_basis}. version: grows with every change, so that
    copies in memory know when they are old. proposed: metadata that waits for approval. secret_digest: HMAC-SHA-256.
    exception_until: the last day on which plain OpenID Connect is allowed. resources: audiences it may ask tokens for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client_id = models.CharField(max_length=60, unique=True)
    version = models.PositiveIntegerField(default=1)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ClientKind)
    stage = models.CharField(max_length=12, choices=ClientStage, default=ClientStage.SANDBOX)
    profile = models.CharField(max_length=10, choices=ClientProfile, default=ClientProfile.FAPI2)
    exception_until = models.DateField(null=True)
    exception_reason = models.CharField(max_length=200, blank=True)
    suspended_at = models.DateTimeField(null=True)
    suspended_reason = models.CharField(max_length=200, blank=True)
    requested_by = models.UUIDField(null=True)
    proposed = models.JSONField(null=True)

    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    description = models.CharField(max_length=300, blank=True)
    description_en = models.CharField(max_length=300, blank=True)
    home_uri = models.CharField(max_length=300, blank=True)
    logo_uri = models.CharField(max_length=300, blank=True)
    policy_uri = models.CharField(max_length=300, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    redirect_uris = _texts(500)
    post_logout_redirect_uris = _texts(500)
    backchannel_logout_uri = models.CharField(max_length=300, blank=True)
    frontchannel_logout_uri = models.CharField(max_length=300, blank=True)
    sector_identifier_uri = models.CharField(max_length=300, blank=True)
    sector = models.CharField(max_length=253)

    auth_method = models.CharField(max_length=30, choices=ClientAuthMethod)
    secret_digest = models.CharField(max_length=64, blank=True)
    jwks = models.JSONField(default=dict)
    jwks_uri = models.CharField(max_length=300, blank=True)
    jwks_fetched_at = models.DateTimeField(null=True)
    id_token_alg = models.CharField(max_length=10, default="ES256")
    must_sign_request = models.BooleanField(default=False)
    grant_types = _texts(80)
    scopes = _texts(60)
    resources = _texts(300)
    detail_types = _texts(60)
    claim_uses = models.JSONField(default=list)
    min_acr = models.CharField(max_length=10, blank=True)
    default_max_age = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=now, db_default=Now())
    updated_at = models.DateTimeField(default=now, db_default=Now())

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        **dict.fromkeys(
            [
                "client_id",
                "agency",
                "kind",
                "stage",
                "name",
                "name_en",
                "description",
                "description_en",
                "home_uri",
                "logo_uri",
                "policy_uri",
                "redirect_uris",
                "post_logout_redirect_uris",
                "scopes",
                "claim_uses",
                "jwks",
                "jwks_uri",
                "sector",
            ],
            Privacy.PUBLIC,
        ),
        **dict.fromkeys(
            [
                "id",
                "version",
                "profile",
                "exception_until",
                "exception_reason",
                "suspended_at",
                "suspended_reason",
                "proposed",
                "contact",
                "backchannel_logout_uri",
                "frontchannel_logout_uri",
                "sector_identifier_uri",
                "auth_method",
                "jwks_fetched_at",
                "id_token_alg",
                "must_sign_request",
                "grant_types",
                "resources",
                "detail_types",
                "min_acr",
                "default_max_age",
                "created_at",
                "updated_at",
            ],
            Privacy.INTERNAL,
        ),
        "requested_by": Privacy.PERSONAL,
        "secret_digest": Privacy.SENSITIVE,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="client_id_form",
                condition=models.Q(client_id__regex=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$"),
            ),
            models.CheckConstraint(
                name="client_exception_ends",
                condition=~models.Q(profile=ClientProfile.OIDC) | models.Q(exception_until__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["agency", "client_id"], name="client_of_agency")]

    def __str__(self) -> str:
        return self.client_id


class ClientLogo(models.Model):
    """A client's logo as people see it: fetched once when it was approved, drawn anew, served by us alone.

    source: logo_uri from which it came; it counts while the client still names it. digest: SHA-256 of body, in its address.
    """

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    fetched_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "client": Privacy.PUBLIC,
        "source": Privacy.PUBLIC,
        "digest": Privacy.PUBLIC,
        "body": Privacy.PUBLIC,
        "fetched_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return self.digest[:8]


class FetchHost(models.Model):
    """A host ("host" or "host:port") from which the provider may fetch for an agency's clients, and send logouts to."""

    id = models.BigAutoField(primary_key=True)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    host = models.CharField(max_length=260)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "agency": Privacy.INTERNAL,
        "host": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "host"], name="fetch_host_once")]

    def __str__(self) -> str:
        return self.host
