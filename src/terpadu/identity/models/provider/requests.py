"""Authorization requests, pushed (RFC 9126) or taken from the browser, until they are decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.identity.models.provider.clients import Client
from terpadu.kernel.clock import now
from terpadu.kernel.privacy import Privacy


class AuthorizationRequest(models.Model):
    """A validated authorization request; found by the digest of its handle, marked when decided, then of no use.

    expires_at: until when it can be opened. opened_at: a browser came in time, so that sign-in may take longer.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField()
    is_pushed = models.BooleanField()
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)
    opened_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "digest": Privacy.SENSITIVE,
        "client": Privacy.INTERNAL,
        "parameters": Privacy.INTERNAL,
        "is_pushed": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "expires_at": Privacy.INTERNAL,
        "opened_at": Privacy.INTERNAL,
        "decided_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return self.digest[:8]
