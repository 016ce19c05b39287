"""What identity does later: what nobody finished or needs any more is deleted, mandates and the law's clocks run out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from terpadu.identity.services.cross_device import requests_purge
from terpadu.identity.services.mandates import EXPIRE, mandate_expire
from terpadu.identity.services.proofing import tickets_purge
from terpadu.identity.services.registration import LAPSE, registrations_purge
from terpadu.identity.services.rights import DUE, data_request_due
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
    """Delete counts, sessions, codes and requests that nobody can use any more, and come back tomorrow."""
    tries_purge()
    tickets_purge()
    requests_purge()
    sessions_purge()
    timer_set(PURGE, key=key, due_at=now() + timedelta(days=1))


@on_timer(EXPIRE)
def expire_mandate(key: str, payload: dict[str, Any]) -> None:
    """Note that a mandate's time is over."""
    mandate_expire(UUID(key))


@on_timer(DUE)
def end_of_clock(key: str, payload: dict[str, Any]) -> None:
    """Do what the end of the law's clock means for a request about somebody's data."""
    data_request_due(UUID(key))
