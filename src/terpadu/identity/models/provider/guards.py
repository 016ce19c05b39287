"""What must not be seen twice, shared by all processes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.privacy import Privacy


class ReplayGuard(models.Model):
    """A one-time thing that was seen, or a token that was revoked, until nobody could use it anyway.

    key: SHA-256 of its kind, its owner and its identifier.
    """

    key = models.BinaryField(primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {"key": Privacy.INTERNAL, "expires_at": Privacy.INTERNAL}

    def __str__(self) -> str:
        return bytes(self.key).hex()[:8]
