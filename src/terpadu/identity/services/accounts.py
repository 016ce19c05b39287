"""Accounts: made for a person, given a password, and their sign-in methods added and removed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.db import IntegrityError, transaction

from terpadu.identity.enums import SignInMethod
from terpadu.identity.errors import CodeRefused, DataNotConfirmed, LastMethod, MethodUnknown, PasswordRefused
from terpadu.identity.events import SignInMethodChanged
from terpadu.identity.models import Account, Person
from terpadu.identity.rules.accounts import find_password_fault, is_password_enough_alone
from terpadu.identity.selectors.accounts import methods_of, open_nik
from terpadu.identity.services import codes
from terpadu.identity.services.vault import SealedAdapter
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import seal, unseal
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit

NAME_LENGTH = 60


def account_create(person_id: UUID, *, password: str, by: Actor, account_id: UUID | None = None) -> UUID:
    """Make a person's account. password: checked before, in clear. Returns the account's identifier.

    Raises DataNotConfirmed when the person has an account already: the same answer as for unknown particulars.
    """
    account = Account(id=account_id or uuid7(), person_id=person_id)
    account.set_password(password)
    return account_store(account, is_password_enough=is_password_enough_alone(password), by=by)


def account_store(account: Account, *, is_password_enough: bool, by: Actor) -> UUID:
    """Store a new account whose password is hashed already. Raises DataNotConfirmed as `account_create`."""
    account.is_password_enough = is_password_enough
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            audit.record("identity.account_created", by=by, about_kind="account", about_id=account.id)
    except IntegrityError:
        raise DataNotConfirmed(reason="has an account") from None
    return account.id


def check_new_password(password: str, *, person: Person) -> None:
    """Raise PasswordRefused when a person may not use a password."""
    fault = find_password_fault(password, nik=open_nik(person), name=person.name, birth_on=person.birth_on)
    if fault:
        raise PasswordRefused(fault=fault.value)


@transaction.atomic
def password_change(account: Account, *, password: str, by: Actor) -> None:
    """Replace an account's password; its other sessions end, because their sessions are bound to the old one.

    Raises PasswordRefused; LastMethod when a short password would be the only method.
    """
    check_new_password(password, person=account.person)
    is_enough = is_password_enough_alone(password)
    if not is_enough and not methods_of(account).has_second_factor:
        raise LastMethod()
    password_replace(account, password=password, by=by)


def password_replace(account: Account, *, password: str, by: Actor) -> None:
    """Store a password that was checked, and tell of it; must be called inside a transaction."""
    account.set_password(password)
    account.is_password_enough = is_password_enough_alone(password)
    account.save(update_fields=["password", "is_password_enough"])
    _tell(account, SignInMethod.PASSWORD, change="replaced", by=by)


def totp_begin() -> str:
    """Return a fresh secret for an authenticator app, sealed so that it can wait in a session."""
    return b64encode(seal(generate_totp_secret().encode(), context="identity.totp_begin")).decode()


def totp_secret(sealed: str) -> str:
    """Open what `totp_begin` sealed: 32 base32 letters to show once."""
    return unseal(b64decode(sealed), context="identity.totp_begin").decode()


@transaction.atomic
def totp_add(account: Account, *, secret: str, code: str, by: Actor) -> None:
    """Add (or replace) the authenticator app, proven by its first code; recovery codes come with the first factor.

    Raises CodeRefused.
    """
    counter = codes.find_counter(secret, code=code, after=0)
    if counter is None:
        raise CodeRefused()
    _lock(account)
    data = {"secret": SealedAdapter().encrypt(secret), "last_counter": counter}
    Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.TOTP).delete()
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data=data)
    RecoveryCodes.activate(account)
    _tell(account, SignInMethod.TOTP, change="added", by=by)


@transaction.atomic
def passkey_add(account: Account, *, name: str, credential: dict[str, object], by: Actor) -> None:
    """Add a verified passkey under a name; recovery codes come with the first factor."""
    _lock(account)
    data = {"name": name.strip()[:NAME_LENGTH] or "Passkey", "credential": credential}
    Authenticator.objects.create(user=account, type=Authenticator.Type.WEBAUTHN, data=data)
    RecoveryCodes.activate(account)
    _tell(account, SignInMethod.PASSKEY, change="added", by=by)


@transaction.atomic
def passkey_rename(account: Account, *, passkey_id: int, name: str, by: Actor) -> None:
    """Give a passkey another name. Raises MethodUnknown."""
    row = Authenticator.objects.filter(
        user_id=account.pk, pk=passkey_id, type=Authenticator.Type.WEBAUTHN
    ).first()
    if row is None:
        raise MethodUnknown()
    row.data["name"] = name.strip()[:NAME_LENGTH] or row.data["name"]
    row.save(update_fields=["data"])
    audit.record("identity.passkey_renamed", by=by, about_kind="account", about_id=account.id)


@transaction.atomic
def passkey_remove(account: Account, *, passkey_id: int, by: Actor) -> None:
    """Remove a passkey. Raises MethodUnknown, and LastMethod when a short password would be all that is left."""
    _remove(account, SignInMethod.PASSKEY, by=by, type=Authenticator.Type.WEBAUTHN, pk=passkey_id)


@transaction.atomic
def totp_remove(account: Account, *, by: Actor) -> None:
    """Remove the authenticator app. Raises MethodUnknown, LastMethod as `passkey_remove`."""
    _remove(account, SignInMethod.TOTP, by=by, type=Authenticator.Type.TOTP)


@transaction.atomic
def recovery_codes_renew(account: Account, *, by: Actor) -> None:
    """Replace the recovery codes by ten new ones; the old ones stop working. Raises MethodUnknown without a factor."""
    _lock(account)
    if not methods_of(account).has_second_factor:
        raise MethodUnknown()
    Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(account)
    _tell(account, SignInMethod.RECOVERY_CODE, change="replaced", by=by)


def recovery_codes_show(account: Account) -> list[str]:
    """Return the unused recovery codes in clear, for the one page that shows them; empty when there are none."""
    row = Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    return [str(code) for code in row.wrap().get_unused_codes()] if row else []


def _remove(account: Account, method: SignInMethod, *, by: Actor, **found: object) -> None:
    _lock(account)
    deleted, _ = Authenticator.objects.filter(user_id=account.pk, **found).delete()
    if not deleted:
        raise MethodUnknown()
    left = methods_of(account)
    if not left.has_second_factor:
        if not account.is_password_enough:
            raise LastMethod()
        Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    _tell(account, method, change="removed", by=by)


def _lock(account: Account) -> None:
    Account.objects.select_for_update().get(pk=account.pk)


def _tell(account: Account, method: SignInMethod, *, change: str, by: Actor) -> None:
    facts = {"method": method.value, "change": change}
    audit.record("identity.method_changed", by=by, about_kind="account", about_id=account.id, facts=facts)
    emit(SignInMethodChanged(account.person_id, now(), method.value, change))
