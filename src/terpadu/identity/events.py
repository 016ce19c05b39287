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
    """A person signed in. is_new_device: not the account's first sign-in, and never from such a device and network.

    device: such as "Chrome, Android", "" when unknown.
    """

    name: ClassVar[str] = "identity.signed_in"
    person_id: UUID
    at: datetime
    method: str
    is_new_device: bool
    device: str = ""


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
class ClientApproved(Event):
    """An application was approved for everybody, or a change of it. title: its Indonesian name. address: its first page, or ""."""

    name: ClassVar[str] = "identity.client_approved"
    client_id: str
    agency_code: str
    title: str
    address: str


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
    at: datetime


@dataclass(frozen=True)
class AssignmentChanged(Event):
    """The days of a position were moved; one without a day between them was taken back. Days as in AssignmentCreated."""

    name: ClassVar[str] = "identity.assignment_changed"
    person_id: UUID
    position_id: UUID
    valid_from: date
    valid_to: date | None
    at: datetime


@dataclass(frozen=True)
class PersonProofed(Event):
    """A check of who a person is passed. method: see `enums.ProofingMethod`. agency_code: whose officer, or ""."""

    name: ClassVar[str] = "identity.person_proofed"
    person_id: UUID
    at: datetime
    method: str
    agency_code: str


@dataclass(frozen=True)
class CrossDeviceAnswered(Event):
    """A person agreed to what another screen asked. kind: see `enums.CrossDeviceKind`. items: what was given."""

    name: ClassVar[str] = "identity.cross_device_answered"
    request_id: UUID
    person_id: UUID
    at: datetime
    kind: str
    agency_code: str
    items: tuple[str, ...]
    device: str


@dataclass(frozen=True)
class MandateBegun(Event):
    """Somebody may act for another from now on. valid_until: None for until further notice."""

    name: ClassVar[str] = "identity.mandate_begun"
    mandate_id: UUID
    kind: str
    subject_id: UUID
    actor_id: UUID
    services: tuple[str, ...]
    valid_until: datetime | None


@dataclass(frozen=True)
class MandateEnded(Event):
    """Somebody may no longer act for another. end: see `enums.MandateEnd`."""

    name: ClassVar[str] = "identity.mandate_ended"
    mandate_id: UUID
    kind: str
    subject_id: UUID
    actor_id: UUID
    end: str
    at: datetime


@dataclass(frozen=True)
class ActedFor(Event):
    """Somebody did something for another. action: such as "case_submitted". reference: such as a case number."""

    name: ClassVar[str] = "identity.acted_for"
    use_id: UUID
    mandate_id: UUID
    subject_id: UUID
    actor_id: UUID
    action: str
    service_id: str
    reference: str
    at: datetime


@dataclass(frozen=True)
class RecoveryMoved(Event):
    """A recovery of an account was opened, approved, cancelled or used. state: see `enums.RecoveryState`."""

    name: ClassVar[str] = "identity.recovery_moved"
    recovery_id: UUID
    person_id: UUID
    state: str
    agency_code: str
    at: datetime
    usable_from: datetime | None


@dataclass(frozen=True)
class DataRequestMoved(Event):
    """A request about a person's data was made, answered or became late. state: "made", "late", or as it ended."""

    name: ClassVar[str] = "identity.data_request_moved"
    request_id: UUID
    person_id: UUID
    right: str
    state: str
    agency_code: str
    due_at: datetime
    at: datetime


@dataclass(frozen=True)
class AccountLockMoved(Event):
    """An account was locked, unlocked, or a step of it was taken. state: see `enums.LockState`."""

    name: ClassVar[str] = "identity.account_lock_moved"
    lock_id: UUID
    person_id: UUID
    state: str
    at: datetime
