"""What identity does later: what is over is deleted, keys are rotated, clients learn that a session ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from terpadu.identity.events import LogoutDue, SessionEnded
from terpadu.identity.services.provider import keys, logout, purge
from terpadu.identity.services.registration import LAPSE, registrations_purge
from terpadu.identity.services.sign_in import sessions_purge
from terpadu.identity.services.tries import PURGE, tries_purge
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import subscribe
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


@on_timer(purge.PURGE)
def purge_provider(key: str, payload: dict[str, Any]) -> None:
    """Delete what the provider no longer needs, and come back in ten minutes."""
    purge.provider_purge()
    timer_set(purge.PURGE, key=key, due_at=now() + timedelta(minutes=10))


@on_timer(purge.KEYS)
def rotate_keys(key: str, payload: dict[str, Any]) -> None:
    """Rotate the signing keys when they are old, and come back in an hour."""
    keys.keys_rotate_when_due(by=Actor.system("worker"))
    timer_set(purge.KEYS, key=key, due_at=now() + timedelta(hours=1))


@subscribe(SessionEnded, name="identity.provider_logout")
def end_session_at_clients(event: SessionEnded) -> None:
    """End what a session had authorized, and note whom to tell."""
    logout.session_logout(event)


@subscribe(LogoutDue, name="identity.provider_logout_send")
def tell_client_of_logout(event: LogoutDue) -> None:
    """Tell one client; a refusal is tried again."""
    logout.logout_send(event)
