"""Authorizations: one for each sign-in of a person to a client, with its code and its family of refresh tokens."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from terpadu.identity.models.provider.clients import Client
from terpadu.identity.models.provider.consents import Consent
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Authorization(models.Model):
    """What a person allowed a client, once. Its code is marked when used; revoking the row ends all its tokens.

    sign_in: the session in which it was given (None: device flow). jkt: thumbprint of the key that the code is bound
    to (RFC 9449, section 10), then of the key of its tokens. actor: identifier of the person who acts when `person` is
    represented by somebody else, with `mandate` as the reference of the right to do so. verified_wish: what the request
    demanded of verified claims.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    actor_person = models.ForeignKey("identity.Person", null=True, on_delete=models.PROTECT, related_name="+")
    mandate = models.CharField(max_length=60, blank=True)
    consent = models.ForeignKey(Consent, null=True, on_delete=models.PROTECT, related_name="+")
    sign_in = models.ForeignKey("identity.SignIn", null=True, on_delete=models.SET_NULL, related_name="+")
    scope = models.CharField(max_length=300)
    claims = ArrayField(models.CharField(max_length=60), default=list)
    id_token_claims = ArrayField(models.CharField(max_length=60), default=list)
    details = models.JSONField(default=list)
    verified_wish = models.JSONField(default=dict)
    resource = models.CharField(max_length=300, blank=True)
    acr = models.CharField(max_length=10)
    amr = ArrayField(models.CharField(max_length=20), default=list)
    auth_time = models.DateTimeField()
    nonce = models.CharField(max_length=300, blank=True)
    jkt = models.CharField(max_length=43, blank=True)
    code_digest = models.CharField(max_length=64, unique=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    redirect_uri = models.CharField(max_length=500, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(max_length=20, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        **dict.fromkeys(
            [
                "client",
                "person",
                "actor_person",
                "mandate",
                "consent",
                "sign_in",
                "scope",
                "claims",
                "id_token_claims",
                "details",
                "verified_wish",
                "acr",
                "amr",
                "auth_time",
                "created_at",
                "revoked_at",
                "revoked_reason",
            ],
            Privacy.PERSONAL,
        ),
        **dict.fromkeys(
            ["id", "resource", "redirect_uri", "code_expires_at", "code_used_at", "ends_at"], Privacy.INTERNAL
        ),
        **dict.fromkeys(["nonce", "jkt", "code_digest", "code_challenge"], Privacy.SENSITIVE),
    }

    class Meta:
        indexes = [
            models.Index(fields=["person", "-created_at"], name="authorization_of_person"),
            models.Index(fields=["sign_in"], name="authorization_of_sign_in"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RefreshToken(models.Model):
    """One refresh token of an authorization's family; used up by its first use (RFC 9700, section 4.14)."""

    digest = models.CharField(max_length=64, primary_key=True)
    authorization = models.ForeignKey(Authorization, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "digest": Privacy.SENSITIVE,
        "authorization": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "expires_at": Privacy.INTERNAL,
        "used_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return self.digest[:8]
