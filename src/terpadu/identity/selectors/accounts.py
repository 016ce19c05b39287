"""Reads of identity, as frozen views. Nobody outside this domain sees a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from terpadu.directory.public import PositionView, position_get, position_list
from terpadu.identity.enums import SignInOutcome
from terpadu.identity.errors import PersonUnknown
from terpadu.identity.models import Account, Assignment, Person, SignIn
from terpadu.identity.rules.accounts import clean_nik
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import keyed_hash, unseal
from terpadu.kernel.privacy import mask_digits

HISTORY_LENGTH = 30
OUTCOME_STATES = {
    SignInOutcome.SIGNED_IN.value: "ok",
    SignInOutcome.WRONG_PASSWORD.value: "wait",
    SignInOutcome.WRONG_CODE.value: "wait",
    SignInOutcome.LIMITED.value: "late",
    SignInOutcome.LOCKED.value: "late",
}


@dataclass(frozen=True)
class PersonView:
    """A person as others may see them. sex: "L" or "P". masked_nik: dots and the last four digits."""

    person_id: UUID
    name: str
    birth_on: date
    sex: str
    masked_nik: str


@dataclass(frozen=True)
class AssignmentView:
    """A person holds a position from a day (inclusive) to a day (exclusive; None: until further notice)."""

    position: PositionView
    valid_from: date
    valid_to: date | None

    @property
    def last_day(self) -> date | None:
        """The last day on which it is held; None: until further notice."""
        return self.valid_to - timedelta(days=1) if self.valid_to else None


@dataclass(frozen=True)
class PasskeyView:
    """A passkey of an account: the name its owner gave it, when it was added and last used."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class MethodsView:
    """How an account can sign in. codes_left: unused recovery codes, 0..10."""

    has_password: bool
    is_password_enough: bool
    has_totp: bool
    codes_left: int
    passkeys: tuple[PasskeyView, ...]

    @property
    def has_second_factor(self) -> bool:
        """Whether a guessed password alone does not open the account."""
        return self.has_totp or bool(self.passkeys)


@dataclass(frozen=True)
class SignInView:
    """One line of the sign-in history. is_current: its session is the one looking."""

    id: UUID
    at: datetime
    method: str
    outcome: str
    outcome_label: str
    network: str
    device: str
    is_current: bool

    @property
    def state(self) -> str:
        """How the page marks the outcome: ok, wait or late."""
        return OUTCOME_STATES[self.outcome]


def hash_nik(nik: str) -> str:
    """Return the keyed hash under which a NIK is found."""
    return keyed_hash(clean_nik(nik), context="identity.nik")


def open_nik(person: Person) -> str:
    """Unseal the NIK of a row; stays inside this domain."""
    return unseal(bytes(person.nik_sealed), context=f"identity.nik:{person.id}").decode()


def person_get(person_id: UUID) -> PersonView:
    """Return one person. Raises PersonUnknown. One query."""
    row = Person.objects.filter(pk=person_id).first()
    if row is None:
        raise PersonUnknown()
    return _person_view(row)


def person_many(person_ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """Return the persons that exist, by identifier. One query."""
    return {row.id: _person_view(row) for row in Person.objects.filter(pk__in=set(person_ids))}


def person_find_by_nik(nik: str) -> UUID | None:
    """Return who has a NIK, or None when nobody here has it. One query."""
    return Person.objects.filter(nik_hash=hash_nik(nik)).values_list("id", flat=True).first()


def _person_view(row: Person) -> PersonView:
    masked = mask_digits(open_nik(row))
    return PersonView(person_id=row.id, name=row.name, birth_on=row.birth_on, sex=row.sex, masked_nik=masked)


def account_find(nik: str) -> Account | None:
    """Return the account of a NIK with its person, or None. One query."""
    return Account.objects.select_related("person").filter(person__nik_hash=hash_nik(nik)).first()


def account_of(person_id: UUID) -> Account | None:
    """Return a person's account, or None. One query."""
    return Account.objects.select_related("person").filter(person_id=person_id).first()


def methods_of(account: Account) -> MethodsView:
    """Return how an account can sign in. One query."""
    rows = list(Authenticator.objects.filter(user_id=account.pk).order_by("created_at", "id"))
    codes = [row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES]
    return MethodsView(
        has_password=account.has_usable_password(),
        is_password_enough=account.is_password_enough,
        has_totp=any(row.type == Authenticator.Type.TOTP for row in rows),
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else 0,
        passkeys=tuple(
            PasskeyView(row.pk, str(row.data["name"]), row.created_at, row.last_used_at)
            for row in rows
            if row.type == Authenticator.Type.WEBAUTHN
        ),
    )


def sign_in_history(account: Account, *, session_key: str | None) -> list[SignInView]:
    """Return the latest sign-ins and tries of an account, newest first, at most 30. One query."""
    rows = SignIn.objects.filter(account=account).order_by("-at", "-id")[:HISTORY_LENGTH]
    return [_sign_in_view(row, session_key=session_key) for row in rows]


def open_sessions(account: Account, *, session_key: str | None) -> list[SignInView]:
    """Return the sign-ins whose session still works, newest first. One query."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now())
    rows = SignIn.objects.filter(Exists(alive), account=account, ended_at__isnull=True).order_by("-at", "-id")
    return [_sign_in_view(row, session_key=session_key) for row in rows]


def _sign_in_view(row: SignIn, *, session_key: str | None) -> SignInView:
    return SignInView(
        id=row.id,
        at=row.at,
        method=row.get_method_display(),
        outcome=row.outcome,
        outcome_label=row.get_outcome_display(),
        network=row.network,
        device=row.device,
        is_current=bool(session_key) and row.session_key == session_key,
    )


def assignments_of(person_id: UUID, *, on: date) -> list[AssignmentView]:
    """Return the positions a person holds on a day, oldest first. One query and one for each position."""
    rows = Assignment.objects.filter(person_id=person_id).in_force(on).order_by("valid_from", "id")
    return [AssignmentView(position_get(row.position_id), row.valid_from, row.valid_to) for row in rows]


def holders_of(position_kind: str, agency_code: str, *, on: date) -> list[UUID]:
    """Return who holds a kind of position in an agency on a day, in order of appointment. Two queries."""
    positions = [view.id for view in position_list(agency_code) if view.kind == position_kind]
    rows = Assignment.objects.filter(position_id__in=positions).in_force(on).order_by("valid_from", "id")
    return list(dict.fromkeys(rows.values_list("person_id", flat=True)))


def position_of(views: Collection[AssignmentView], *, chosen: str) -> PositionView | None:
    """Pick the chosen position among assignments; the only one when there is one; None when it must be chosen."""
    found = {str(view.position.id): view.position for view in views}
    if chosen in found:
        return found[chosen]
    return next(iter(found.values())) if len(found) == 1 else None
