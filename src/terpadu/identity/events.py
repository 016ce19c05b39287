"""What others may want to learn from identity. Events carry `person_id` and never a NIK or a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from terpadu.kernel.outbox import Event


@dataclass(frozen=True)
class PersonRegistered(Event):
    """A person made an account."""

    name: ClassVar[str] = "identity.person_registered"
    person_id: UUID
    at: datetime


@dataclass(frozen=True)
class SignedIn(Event):
    """A person signed in. is_new_device: nobody had signed in to this account from such a device and network."""

    name: ClassVar[str] = "identity.signed_in"
    person_id: UUID
    at: datetime
    method: str
    is_new_device: bool


@dataclass(frozen=True)
class SessionEnded(Event):
    """A session ended: signed out here, elsewhere, or by itself. sign_in_id: the sign-in that opened it."""

    name: ClassVar[str] = "identity.session_ended"
    sign_in_id: UUID
    person_id: UUID
    at: datetime


@dataclass(frozen=True)
class LogoutDue(Event):
    """A client is to be told that a session ended. sub, sid: as the client knows person and session."""

    name: ClassVar[str] = "identity.logout_due"
    client_id: str
    sub: str
    sid: str


@dataclass(frozen=True)
class ConsentChanged(Event):
    """A person gave, changed or withdrew consent to a client. change: "given", "changed", "withdrawn"."""

    name: ClassVar[str] = "identity.consent_changed"
    person_id: UUID
    client_id: str
    agency_code: str
    version: int
    change: str
    claims: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class SignInMethodChanged(Event):
    """A sign-in method was added, replaced or removed. change: "added", "replaced" or "removed"."""

    name: ClassVar[str] = "identity.sign_in_method_changed"
    person_id: UUID
    at: datetime
    method: str
    change: str


@dataclass(frozen=True)
class AssignmentCreated(Event):
    """A person was given a position, from a day (inclusive) to a day (exclusive; None: until further notice)."""

    name: ClassVar[str] = "identity.assignment_created"
    person_id: UUID
    position_id: UUID
    valid_from: date
    valid_to: date | None
