"""What the provider no longer needs is deleted every ten minutes; what people may ask about stays."""

from __future__ import annotations

from datetime import timedelta

from terpadu.identity.models import Authorization, AuthorizationRequest, DeviceGrant, RefreshToken
from terpadu.identity.services.provider.guards import guards_purge
from terpadu.kernel.clock import now

PURGE = "identity.provider_purge"
KEYS = "identity.provider_keys"
KEEP_AUTHORIZATIONS = timedelta(days=365)
"""How long a person's history of sign-ins to services is kept (assumed)."""


def provider_purge() -> int:
    """Delete guards, requests, devices and refresh tokens that are over, and old history; returns how many rows."""
    edge = now() - timedelta(minutes=5)
    count = guards_purge()
    for rows in (
        AuthorizationRequest.objects.filter(expires_at__lt=edge),
        DeviceGrant.objects.filter(expires_at__lt=edge),
        RefreshToken.objects.filter(expires_at__lt=edge),
        Authorization.objects.filter(ends_at__lt=now() - KEEP_AUTHORIZATIONS),
    ):
        count += rows.delete()[0]
    return count
