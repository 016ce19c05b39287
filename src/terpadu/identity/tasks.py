"""What identity does later: what is over is deleted, keys rotate, mandates and the law's clocks run out, clients learn of ended sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from terpadu.identity.events import LogoutDue, PersonRegistered, SessionEnded
from terpadu.identity.services.agency_logins.attempts import attempts_purge
from terpadu.identity.services.cross_device import requests_purge
from terpadu.identity.services.mandates import EXPIRE, mandate_expire
from terpadu.identity.services.proofing import tickets_purge
from terpadu.identity.services.provider import keys, logout, purge
from terpadu.identity.services.registration import LAPSE, registrations_purge
from terpadu.identity.services.rights import DUE, data_request_due
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
    """Delete counts, sessions, codes and requests that nobody can use any more, and come back tomorrow."""
    tries_purge()
    tickets_purge()
    requests_purge()
    attempts_purge()
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


@on_timer(keys.ROTATION)
def rotate_keys_as_planned(key: str, payload: dict[str, Any]) -> None:
    """Rotate the signing keys at the moment that an operator chose."""
    keys.keys_rotate(by=Actor.system("worker"))


@subscribe(SessionEnded, name="identity.provider_logout")
def end_session_at_clients(event: SessionEnded) -> None:
    """End what a session had authorized, and note whom to tell."""
    logout.session_logout(event)


@subscribe(PersonRegistered, name="identity.scim_claim")
def claim_entries(event: PersonRegistered) -> None:
    """Give a new account the positions that its agency's directory told of before."""
    # Only now: SCIM's models take a sixth of the time in which a worker starts, and most never need them.
    from terpadu.identity.services.scim.sync import entries_claim

    entries_claim(event.person_id, by=Actor.system("worker"))


@subscribe(LogoutDue, name="identity.provider_logout_send")
def tell_client_of_logout(event: LogoutDue) -> None:
    """Tell one client; a refusal is tried again."""
    logout.logout_send(event)


@on_timer(EXPIRE)
def expire_mandate(key: str, payload: dict[str, Any]) -> None:
    """Note that a mandate's time is over."""
    mandate_expire(UUID(key))


@on_timer(DUE)
def end_of_clock(key: str, payload: dict[str, Any]) -> None:
    """Do what the end of the law's clock means for a request about somebody's data."""
    data_request_due(UUID(key))
