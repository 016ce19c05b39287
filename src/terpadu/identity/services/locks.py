"""Locking and unlocking an account, each with the eyes of two operators: the person is told, and everything that is open ends."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from terpadu.identity.enums import LockState, SignalKind
from terpadu.identity.errors import AnswerMissing, SecondOfficerNeeded
from terpadu.identity.errors.operator import LockRefused
from terpadu.identity.events import AccountLockMoved
from terpadu.identity.models import Account, AccountLock
from terpadu.identity.services.provider.logout import person_logout
from terpadu.identity.services.sign_in import sessions_end
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit

LEAST_REASON = 10
LONGEST_REASON = 400


@transaction.atomic
def lock_ask(person_id: UUID, *, reason: str, by: Actor, signal: SignalKind | None = None) -> UUID:
    """Ask for an account to be locked: the first operator's half. Nothing changes for the person yet.

    reason: at least ten characters; the person reads it. signal: the abuse signal behind it, if any. Raises AnswerMissing,
    SecondOfficerNeeded for one's own account, LockRefused without an open account or with a lock under way.
    """
    words = _reason(reason)
    operator = _operator(by, person_id)
    if not Account.objects.filter(person_id=person_id, is_active=True).exists():
        raise LockRefused(reason="no account")
    row = AccountLock(
        person_id=person_id, reason=words, signal=signal.value if signal else "", asked_by=operator
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise LockRefused(reason="under way") from None
    _moved(row, by=by)
    return row.id


@transaction.atomic
def lock_confirm(lock_id: UUID, *, by: Actor) -> None:
    """Lock the account: the second operator's half. Sessions, refresh tokens and the tokens of all clients end, and they are told.

    Raises LockRefused when it does not wait, SecondOfficerNeeded for the first operator or the person.
    """
    row = _hold(lock_id, LockState.LOCK_ASKED)
    operator = _operator(by, row.person_id, row.asked_by)
    account = Account.objects.select_for_update(of=("self",)).filter(person_id=row.person_id).first()
    if account is None:
        raise LockRefused(reason="no account")
    account.is_active = False
    account.save(update_fields=["is_active"])
    person_logout(row.person_id, reason="locked", by=by)
    sessions_end(account, keep_key="-", by=by)
    _step(row, LockState.LOCKED, by=by, decided_by=operator, decided_at=now())


@transaction.atomic
def lock_refuse(lock_id: UUID, *, by: Actor) -> None:
    """Say no to a lock that was asked for. Raises as `lock_confirm`."""
    row = _hold(lock_id, LockState.LOCK_ASKED)
    operator = _operator(by, row.person_id, row.asked_by)
    _step(row, LockState.REFUSED, by=by, decided_by=operator, decided_at=now())


@transaction.atomic
def unlock_ask(lock_id: UUID, *, reason: str, by: Actor) -> None:
    """Ask for an account to be unlocked: the first half. Raises AnswerMissing, LockRefused, SecondOfficerNeeded for one's own."""
    words = _reason(reason)
    row = _hold(lock_id, LockState.LOCKED)
    operator = _operator(by, row.person_id)
    asked = {"unlock_asked_by": operator, "unlock_asked_at": now(), "unlock_reason": words}
    _step(row, LockState.UNLOCK_ASKED, by=by, **asked)


@transaction.atomic
def unlock_confirm(lock_id: UUID, *, by: Actor) -> None:
    """Unlock the account: the second half. What ended stays ended; the person signs in anew. Raises as `lock_confirm`."""
    row = _hold(lock_id, LockState.UNLOCK_ASKED)
    operator = _operator(by, row.person_id, row.unlock_asked_by)
    Account.objects.filter(person_id=row.person_id).update(is_active=True)
    _step(row, LockState.UNLOCKED, by=by, unlocked_by=operator, unlocked_at=now())


def _reason(words: str) -> str:
    if len(words.strip()) < LEAST_REASON:
        raise AnswerMissing()
    return words.strip()[:LONGEST_REASON]


def _operator(by: Actor, *others: UUID | None) -> UUID:
    if by.kind != "officer" or by.person_id is None or by.person_id in others:
        raise SecondOfficerNeeded(reason="operator")
    return by.person_id


def _hold(lock_id: UUID, state: LockState) -> AccountLock:
    row = AccountLock.objects.select_for_update().filter(pk=lock_id, state=state).first()
    if row is None:
        raise LockRefused(reason="state")
    return row


def _step(row: AccountLock, state: LockState, *, by: Actor, **columns: object) -> None:
    AccountLock.objects.filter(pk=row.pk).update(state=state, **columns)
    row.state = state
    _moved(row, by=by)


def _moved(row: AccountLock, *, by: Actor) -> None:
    facts: dict[str, audit.Fact] = {"state": str(row.state), "signal": row.signal, "lock": str(row.id)}
    audit.record(
        "identity.account_lock_moved", by=by, about_kind="person", about_id=row.person_id, facts=facts
    )
    if row.state != LockState.LOCK_ASKED:
        emit(AccountLockMoved(row.id, row.person_id, str(row.state), now()))
