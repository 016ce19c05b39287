"""Signing in: limits first, then the secret, then the history. Unknown accounts cost the same time as known ones."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from terpadu.identity.enums import SignInMethod, SignInOutcome
from terpadu.identity.errors import CodeRefused, SignInRefused, TooManyTries
from terpadu.identity.errors.operator import AccountLocked
from terpadu.identity.events import SessionEnded, SignedIn
from terpadu.identity.models import Account, SignIn
from terpadu.identity.selectors.accounts import account_find, hash_nik, methods_of, open_nik
from terpadu.identity.services import codes, tries
from terpadu.identity.services.passkeys import Json, passkey_sign_in_check
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit


@dataclass(frozen=True)
class Visit:
    """Where somebody comes from. network: an address or a /64. device: such as "Chrome, Android"."""

    network: str
    device: str


@dataclass(frozen=True)
class PasswordPassed:
    """The password was right. needs_code: a second factor is still to be given."""

    account: Account
    needs_code: bool


def password_check(nik: str, *, password: str, visit: Visit) -> PasswordPassed:
    """Check NIK and password.

    Raises TooManyTries (five wrong ones for an account from one network within 15 minutes); SignInRefused, which is the same
    for an unknown NIK and a wrong password; AccountLocked to who knows the password of a locked account.
    """
    subject = hash_nik(nik)
    account = account_find(nik)
    _take_password_try(subject, account, visit)
    if not _password_fits(account, password) or account is None:
        _note_failure(account, SignInMethod.PASSWORD, SignInOutcome.WRONG_PASSWORD, visit)
        raise SignInRefused()
    _check_open(account, SignInMethod.PASSWORD, visit)
    _forgive(subject, visit, tries.PASSWORD_HERE, tries.PASSWORD_ANYWHERE)
    tries.try_give_back(tries.SIGN_IN_NETWORK, visit.network)
    methods = methods_of(account)
    needs_code = methods.has_second_factor or not methods.is_password_enough
    return PasswordPassed(account=account, needs_code=needs_code)


def password_confirm(account: Account, *, password: str, visit: Visit) -> None:
    """Check the password of somebody who is signed in. Raises TooManyTries, SignInRefused."""
    password_check(open_nik(account.person), password=password, visit=visit)


def _password_fits(account: Account | None, password: str) -> bool:
    if account is None:
        make_password(password)  # the time that a real check takes
        return False
    return account.check_password(password)


def _check_open(account: Account, method: SignInMethod, visit: Visit) -> None:
    if not account.is_active:
        _note_failure(account, method, SignInOutcome.LOCKED, visit)
        raise AccountLocked()


def _take_password_try(subject: str, account: Account | None, visit: Visit) -> None:
    is_allowed = (
        tries.try_take(tries.SIGN_IN_NETWORK, visit.network)
        and tries.try_take(tries.PASSWORD_HERE, subject, visit.network)
        and (tries.try_take(tries.PASSWORD_ANYWHERE, subject) or _is_known_network(account, visit))
    )
    if not is_allowed:
        _note_failure(account, SignInMethod.PASSWORD, SignInOutcome.LIMITED, visit)
        raise TooManyTries(limit="password")


def _is_known_network(account: Account | None, visit: Visit) -> bool:
    """Whether the owner has signed in from here: strangers who use up the day's tries do not lock the owner out."""
    rows = SignIn.objects.filter(account=account, outcome=SignInOutcome.SIGNED_IN, network=visit.network)
    return account is not None and rows.exists()


def code_check(account: Account, *, typed: str, visit: Visit) -> SignInMethod:
    """Check the second factor: a code of the app or a recovery code. Returns which it was.

    Raises TooManyTries, and CodeRefused when the code is wrong, too old or already used.
    """
    subject = str(account.id)
    is_allowed = tries.try_take(tries.CODE_HERE, subject, visit.network) and (
        tries.try_take(tries.CODE_ANYWHERE, subject) or _is_known_network(account, visit)
    )
    if not is_allowed:
        _note_failure(account, SignInMethod.TOTP, SignInOutcome.LIMITED, visit)
        raise TooManyTries(limit="code")
    method = codes.code_use(account.id, typed=typed)
    if method is None:
        _note_failure(account, SignInMethod.TOTP, SignInOutcome.WRONG_CODE, visit)
        raise CodeRefused()
    _forgive(subject, visit, tries.CODE_HERE, tries.CODE_ANYWHERE)
    return method


def passkey_check(state: Json | None, *, answer: Json, visit: Visit) -> Account:
    """Check a passkey's answer. There is no secret to guess, so no account is ever locked here.

    Raises PasskeyRefused; TooManyTries when one network floods the check; AccountLocked.
    """
    if not tries.try_take(tries.PASSKEY_NETWORK, visit.network):
        raise TooManyTries(limit="passkey")
    account = passkey_sign_in_check(state, answer=answer)
    _check_open(account, SignInMethod.PASSKEY, visit)
    tries.try_give_back(tries.PASSKEY_NETWORK, visit.network)
    return account


def _forgive(subject: str, visit: Visit, here: tries.Limit, anywhere: tries.Limit) -> None:
    tries.try_forgive(here, subject, visit.network)
    tries.try_forgive(anywhere, subject)


def _note_failure(
    account: Account | None, method: SignInMethod, outcome: SignInOutcome, visit: Visit
) -> None:
    if account is not None:
        SignIn.objects.create(
            account=account, method=method, outcome=outcome, network=visit.network, device=visit.device
        )


@transaction.atomic
def sign_in_record(account: Account, *, method: SignInMethod, session_key: str, visit: Visit) -> None:
    """Enter a completed sign-in with its session into the history, and tell others of it."""
    before = SignIn.objects.filter(account=account, outcome=SignInOutcome.SIGNED_IN)
    known = before.filter(device=visit.device, network=visit.network)
    is_new = before.exists() and not known.exists()
    row = SignIn.objects.create(
        account=account,
        method=method,
        outcome=SignInOutcome.SIGNED_IN,
        network=visit.network,
        device=visit.device,
        session_key=session_key,
    )
    by = Actor.person(account.person_id)
    facts = {"method": method.value}
    audit.record("identity.signed_in", by=by, about_kind="account", about_id=account.id, facts=facts)
    emit(SignedIn(account.person_id, row.at, method.value, is_new, visit.device))


def session_moved(old_key: str, *, new_key: str) -> None:
    """Follow a session whose key was changed, for instance at step-up."""
    SignIn.objects.filter(session_key=old_key, ended_at__isnull=True).update(session_key=new_key)


@transaction.atomic
def session_ended(session_key: str) -> None:
    """Note that a session was signed out, and tell others."""
    _end(SignIn.objects.filter(session_key=session_key, ended_at__isnull=True))


def _end(rows: QuerySet[SignIn]) -> None:
    """Note the end of sessions in the history, and tell of each."""
    at = now()
    for row in rows.select_related("account").select_for_update(of=("self",)):
        SignIn.objects.filter(pk=row.pk).update(ended_at=at)
        emit(SessionEnded(row.id, row.account.person_id, at))


@transaction.atomic
def sessions_end(account: Account, *, keep_key: str, only: UUID | None = None, by: Actor) -> int:
    """Sign out an account's other sessions, or `only` one of them; returns how many."""
    rows = SignIn.objects.filter(account=account, ended_at__isnull=True).exclude(
        session_key__in=["", keep_key]
    )
    rows = rows.filter(pk=only) if only else rows
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    _end(SignIn.objects.filter(account=account, session_key__in=keys, ended_at__isnull=True))
    facts = {"count": len(keys)}
    audit.record("identity.sessions_ended", by=by, about_kind="account", about_id=account.id, facts=facts)
    return len(keys)


@transaction.atomic
def sessions_purge() -> None:
    """Delete sessions that have expired by themselves, and note their end in the history."""
    SessionStore.clear_expired()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    rows = SignIn.objects.filter(~Exists(alive), ended_at__isnull=True, outcome=SignInOutcome.SIGNED_IN)
    _end(rows)
