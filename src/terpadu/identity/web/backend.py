"""Django's way from a session to an account."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from terpadu.identity.models import Account


class AccountBackend(BaseBackend):
    """Find the account of a session. It opens none: secrets are checked by `services.sign_in` alone."""

    def get_user(self, user_id: UUID | str) -> Account | None:
        """Return the account with its person, or None when it is closed. One query."""
        return Account.objects.select_related("person").filter(pk=user_id, is_active=True).first()
