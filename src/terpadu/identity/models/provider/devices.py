"""Device authorizations (RFC 8628): a counter or kiosk shows a code, a person allows it on their phone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.identity.enums import DeviceState
from terpadu.identity.models.provider.authorizations import Authorization
from terpadu.identity.models.provider.clients import Client
from terpadu.kernel.clock import now
from terpadu.kernel.privacy import Privacy


class DeviceGrant(models.Model):
    """A device that waits for a person. digest: of the device code; user_digest: keyed, of the code that people type."""

    digest = models.CharField(max_length=64, primary_key=True)
    user_digest = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField()
    jkt = models.CharField(max_length=43, blank=True)
    state = models.CharField(max_length=10, choices=DeviceState, default=DeviceState.WAITING)
    authorization = models.ForeignKey(Authorization, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)
    polled_at = models.DateTimeField(null=True)
    interval = models.PositiveSmallIntegerField(default=5)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "digest": Privacy.SENSITIVE,
        "user_digest": Privacy.SENSITIVE,
        "client": Privacy.INTERNAL,
        "parameters": Privacy.INTERNAL,
        "jkt": Privacy.INTERNAL,
        "state": Privacy.INTERNAL,
        "authorization": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
        "expires_at": Privacy.INTERNAL,
        "polled_at": Privacy.INTERNAL,
        "interval": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return self.digest[:8]
