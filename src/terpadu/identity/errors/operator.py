"""What can go wrong for operators of identity, and because of what they did."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError


class AccountLocked(DomainError):
    """Password or passkey were right, but two operators have locked the account."""

    code = "identity.account_locked"
    http_status = 403
    title = _("Your account is locked, to protect you.")
    next_step = _(
        "Ask at any counter, with your identity card. An office can tell you why and have it unlocked."
    )


class LockRefused(DomainError):
    """There is no account to lock, or its lock is not where this step begins."""

    code = "identity.lock_refused"
    http_status = 409
    title = _("This cannot be done with the account now.")
    next_step = _("Open the list again to see where it stands. Somebody without an account cannot be locked.")


class KeyNotReady(DomainError):
    """The next key was published too short a time ago: applications that keep our keys in memory do not know it."""

    code = "identity.key_not_ready"
    http_status = 409
    title = _("Applications may not know the next key yet.")
    next_step = _("Rotate when the day of publication is over, or say that it cannot wait.")


class KeyInUse(DomainError):
    """Only a key that signs no longer can be taken away."""

    code = "identity.key_in_use"
    http_status = 409
    title = _("This key is in use.")
    next_step = _("Rotate first; then it can be taken away.")
