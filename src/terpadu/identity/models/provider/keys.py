"""Keys with which the provider signs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.identity.enums import KeyState
from terpadu.kernel.clock import now
from terpadu.kernel.privacy import Privacy


class SigningKey(models.Model):
    """A signing key. sealed: the private JWK, sealed for this row. public: the JWK that everybody may see."""

    kid = models.CharField(max_length=60, primary_key=True)
    alg = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=KeyState)
    sealed = models.BinaryField()
    public = models.JSONField()
    created_at = models.DateTimeField(default=now)
    active_from = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "kid": Privacy.PUBLIC,
        "alg": Privacy.PUBLIC,
        "state": Privacy.PUBLIC,
        "sealed": Privacy.SENSITIVE,
        "public": Privacy.PUBLIC,
        "created_at": Privacy.INTERNAL,
        "active_from": Privacy.INTERNAL,
        "retired_at": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alg", "state"],
                name="signing_key_one",
                condition=models.Q(state__in=[KeyState.NEXT, KeyState.ACTIVE]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.alg} {self.state} {self.kid}"
