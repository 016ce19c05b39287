"""What identity does later: registrations that nobody finished are deleted, old counts of tries and sessions too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from terpadu.identity.services.registration import LAPSE, registrations_purge
from terpadu.identity.services.sign_in import sessions_purge
from terpadu.identity.services.tries import PURGE, tries_purge
from terpadu.kernel.clock import now
from terpadu.kernel.timers import on_timer, timer_set


@on_timer(LAPSE)
def lapse_registrations(key: str, payload: dict[str, Any]) -> None:
    """Delete the registrations whose time is over."""
    registrations_purge()


@on_timer(PURGE)
def purge_tries(key: str, payload: dict[str, Any]) -> None:
    """Delete counts that no window needs and sessions that have expired, and come back tomorrow."""
    tries_purge()
    sessions_purge()
    timer_set(PURGE, key=key, due_at=now() + timedelta(days=1))
