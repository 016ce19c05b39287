"""Registration: particulars confirmed by the registry wait, sealed, until a way to sign in is chosen.

Nothing is stored of somebody who stops half-way, and no account ever exists with less protection than promised.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from terpadu.identity.enums import ProofingMethod
from terpadu.identity.errors import (
    DataNotConfirmed,
    LastMethod,
    NikMalformed,
    PasswordRefused,
    RegistrationExpired,
    TooManyRegistrations,
)
from terpadu.identity.events import PersonRegistered
from terpadu.identity.models import Account, RegistrationDraft
from terpadu.identity.rules.accounts import (
    clean_nik,
    find_nik_fault,
    find_password_fault,
    is_password_enough_alone,
    tidy_name,
)
from terpadu.identity.selectors.accounts import account_find, hash_nik
from terpadu.identity.services import accounts, tries
from terpadu.identity.services.passkeys import (
    Ceremony,
    Json,
    passkey_registration_begin,
    passkey_registration_check,
)
from terpadu.identity.services.persons import person_ensure
from terpadu.identity.services.population import population_check
from terpadu.identity.services.proofing import proofing_record
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.crypto import seal, unseal
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu.kernel.timers import timer_cancel, timer_set

TIME_TO_FINISH = timedelta(minutes=30)
LAPSE = "identity.registration_lapse"
BY = Actor.system("registration")


@dataclass(frozen=True)
class Registration:
    """A registration on its way. password_hash: "" until chosen. totp: a secret as `totp_begin` seals it."""

    nik: str = field(repr=False)
    name: str = field(repr=False)
    birth_on: date = field(repr=False)
    sex: str
    account_id: UUID
    totp: str
    password_hash: str = ""
    is_password_enough: bool = False


_adapter = TypeAdapter(Registration)


def registration_begin(nik: str, *, name: str, birth_on: date, visit: Visit) -> UUID:
    """Have the registry confirm a person's particulars and keep them for the next page; returns the draft.

    Raises NikMalformed, TooManyRegistrations, PopulationUnavailable, and DataNotConfirmed: one answer for an unknown NIK,
    another name or date of birth, a dead person, and somebody who has an account.
    """
    fault = find_nik_fault(nik, today=today())
    if fault:
        raise NikMalformed(fault=fault.value)
    number = clean_nik(nik)
    _take_try(number, visit)
    answer = population_check(number, tidy_name(name), birth_on, by=BY)
    if account_find(number) is not None or not answer.is_confirmed:
        raise DataNotConfirmed()
    registration = Registration(
        nik=number,
        name=tidy_name(answer.name or name),
        birth_on=birth_on,
        sex=answer.sex,
        account_id=uuid7(),
        totp=accounts.totp_begin(),
    )
    draft_id = _keep(registration, draft_id=uuid7())
    timer_set(LAPSE, key=str(draft_id), due_at=now() + TIME_TO_FINISH)
    return draft_id


def _take_try(nik: str, visit: Visit) -> None:
    subject = hash_nik(nik)
    is_allowed = (
        tries.try_take(tries.REGISTRATION_NETWORK, visit.network)
        and tries.try_take(tries.REGISTRATION_HERE, subject, visit.network)
        and tries.try_take(tries.REGISTRATION_ANYWHERE, subject)
    )
    if not is_allowed:
        raise TooManyRegistrations(limit="registration")


def registration_get(draft_id: UUID) -> Registration:
    """Return a registration on its way. Raises RegistrationExpired."""
    row = RegistrationDraft.objects.filter(pk=draft_id, expires_at__gt=now()).first()
    if row is None:
        raise RegistrationExpired()
    try:
        return _adapter.validate_json(unseal(bytes(row.sealed), context=f"identity.draft:{draft_id}"))
    except ValidationError:
        raise RegistrationExpired(
            reason="made by another version"
        ) from None  # its text would repeat what was typed


def _keep(registration: Registration, *, draft_id: UUID) -> UUID:
    sealed = seal(_adapter.dump_json(registration), context=f"identity.draft:{draft_id}")
    RegistrationDraft.objects.update_or_create(
        pk=draft_id,
        defaults={"sealed": sealed},
        create_defaults={"sealed": sealed, "expires_at": now() + TIME_TO_FINISH},
    )
    return draft_id


def registration_set_password(draft_id: UUID, *, password: str) -> None:
    """Choose the password; only its hash is kept. Raises PasswordRefused, RegistrationExpired."""
    found = registration_get(draft_id)
    fault = find_password_fault(password, nik=found.nik, name=found.name, birth_on=found.birth_on)
    if fault:
        raise PasswordRefused(fault=fault.value)
    changed = {
        **_adapter.dump_python(found),
        "password_hash": make_password(password),
        "is_password_enough": is_password_enough_alone(password),
    }
    _keep(_adapter.validate_python(changed), draft_id=draft_id)


def registration_passkey_begin(draft_id: UUID) -> Ceremony:
    """Begin adding a passkey to the account that will be made. Raises RegistrationExpired."""
    found = registration_get(draft_id)
    return passkey_registration_begin(found.account_id, name=found.name)


@transaction.atomic
def registration_finish_with_totp(draft_id: UUID, *, code: str) -> Account:
    """Make the account, protected by the authenticator app. Raises CodeRefused, and as `_finish`."""
    found = registration_get(draft_id)
    account = _finish(draft_id, found)
    secret = accounts.totp_secret(found.totp)
    accounts.totp_add(account, secret=secret, code=code, by=Actor.person(account.person_id))
    return account


@transaction.atomic
def registration_finish_with_passkey(
    draft_id: UUID, *, state: Json | None, answer: Json, name: str
) -> Account:
    """Make the account, protected by a passkey. Raises PasskeyRefused, and as `_finish`."""
    credential = passkey_registration_check(state, answer=answer)
    account = _finish(draft_id, registration_get(draft_id))
    accounts.passkey_add(account, name=name, credential=credential, by=Actor.person(account.person_id))
    return account


@transaction.atomic
def registration_finish(draft_id: UUID) -> Account:
    """Make the account with a long password alone. Raises LastMethod when it is not long, and as `_finish`."""
    found = registration_get(draft_id)
    if not found.is_password_enough:
        raise LastMethod()
    return _finish(draft_id, found)


def _finish(draft_id: UUID, found: Registration) -> Account:
    """Make person and account. Raises RegistrationExpired, DataNotConfirmed when somebody was faster."""
    if not found.password_hash:
        raise RegistrationExpired(reason="no password yet")
    person_id = person_ensure(nik=found.nik, name=found.name, birth_on=found.birth_on, sex=found.sex, by=BY)
    account = Account(id=found.account_id, person_id=person_id, password=found.password_hash)
    accounts.account_store(account, is_password_enough=found.is_password_enough, by=BY)
    RegistrationDraft.objects.filter(pk=draft_id).delete()
    timer_cancel(LAPSE, key=str(draft_id))
    proofing_record(person_id, method=ProofingMethod.REGISTRY, by=BY)
    emit(PersonRegistered(person_id, now()))
    return account


def registrations_purge() -> int:
    """Delete registrations that were not finished in time; returns how many."""
    return RegistrationDraft.objects.filter(expires_at__lte=now()).delete()[0]
