"""Recovery without phone or e-mail: two officers, one code on paper, new ways to sign in, and still the same person.

The code works at once when both officers saw the person and the evidence: an impostor would have to stand in front of
two people with a forged identity card. When one of them did not, it works after a day, in which every session and the
inbox of the person show how to cancel (NIST SP 800-63B-4, 4.2.3: a notice and time to object).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from terpadu.identity.enums import EvidenceKind, ProofingMethod, RecoveryState
from terpadu.identity.errors import (
    AnswerMissing,
    PasswordRefused,
    RecoveryNotPossible,
    RecoveryRefused,
    SecondOfficerNeeded,
    TooManyTries,
)
from terpadu.identity.events import RecoveryMoved
from terpadu.identity.models import Account, Recovery
from terpadu.identity.rules.accounts import is_password_enough_alone
from terpadu.identity.selectors.accounts import account_find
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services import accounts, codes, sign_in, tries
from terpadu.identity.services.proofing import proofing_record
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.audit import Fact
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit

CONTEXT = "recovery"
CODE_LENGTH = 16
LEAST_REASON = 10
BY = Actor.system("recovery")
OPEN = (RecoveryState.OPENED, RecoveryState.APPROVED)


@transaction.atomic
def recovery_open(nik: str, *, evidence: EvidenceKind, reason: str, is_in_person: bool, by: Actor) -> UUID:
    """Begin a recovery: the first officer's half. by: an officer.

    reason: what happened and what was seen, at least ten characters. Raises AnswerMissing, RecoveryNotPossible without
    an account or with one under way, SecondOfficerNeeded for the officer's own account.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise AnswerMissing()
    account = account_find(nik)
    if account is None or not account.is_active:
        raise RecoveryNotPossible()
    if by.person_id is None or account.person_id == by.person_id:
        raise SecondOfficerNeeded(reason="oneself")
    late = Recovery.objects.filter(person_id=account.person_id, state__in=OPEN, expires_at__lte=now())
    late.update(state=RecoveryState.EXPIRED, ended_at=now())
    row = Recovery(
        person_id=account.person_id,
        agency_code=by.agency,
        evidence=evidence,
        reason=reason.strip()[:400],
        is_in_person=is_in_person,
        opened_by=by.person_id,
        expires_at=now() + timedelta(hours=assurance_limits().recovery.open_hours),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise RecoveryNotPossible(reason="under way") from None
    _moved(row, by=by)
    return row.id


@transaction.atomic
def recovery_approve(recovery_id: UUID, *, is_in_person: bool, by: Actor) -> str:
    """Give the second officer's half; returns the code to hand over on paper, shown once.

    Raises SecondOfficerNeeded for the first officer, the person, or another agency; RecoveryRefused when it is not open.
    """
    row = _hold(recovery_id, RecoveryState.OPENED)
    if by.person_id in (None, row.opened_by, row.person_id) or by.agency != row.agency_code:
        raise SecondOfficerNeeded(reason="second officer")
    limits = assurance_limits().recovery
    code = codes.code_draw(CODE_LENGTH)
    row.is_in_person = row.is_in_person and is_in_person
    row.state, row.approved_by, row.approved_at = RecoveryState.APPROVED, by.person_id, now()
    row.usable_from = now() if row.is_in_person else now() + timedelta(hours=limits.delay_hours)
    row.expires_at = row.usable_from + timedelta(hours=limits.usable_hours)
    row.code_hash = codes.code_hash(code, context=CONTEXT)
    row.save()
    if row.is_in_person:
        proofing_record(row.person_id, method=ProofingMethod.COUNTER, evidence=row.evidence, by=by)
    _moved(row, by=by)
    return code


@transaction.atomic
def recovery_cancel(recovery_id: UUID, *, by: Actor) -> None:
    """Stop a recovery: the person from any session, or an officer of its agency. Raises RecoveryRefused."""
    row = _hold(recovery_id, *OPEN)
    is_officer = by.kind == "officer" and by.agency == row.agency_code
    if by.person_id != row.person_id and not is_officer:
        raise RecoveryRefused(reason="not theirs")
    row.state, row.ended_at, row.code_hash = RecoveryState.CANCELLED, now(), ""
    row.save(update_fields=["state", "ended_at", "code_hash"])
    _moved(row, by=by)


def recovery_use(typed: str, *, password: str, visit: Visit) -> Account:
    """Use a recovery's code: the account gets a new password, loses all other ways to sign in, and its sessions end.

    password: long enough to stand alone. Person and account stay the same, so every service still knows the person.
    Raises TooManyTries, RecoveryRefused, PasswordRefused.
    """
    if not tries.try_take(tries.TYPED_CODE, visit.network):
        raise TooManyTries(limit="typed_code")
    account = _use(typed, password=password)
    tries.try_give_back(tries.TYPED_CODE, visit.network)
    return account


@transaction.atomic
def _use(typed: str, *, password: str) -> Account:
    found = codes.code_hash(typed, context=CONTEXT) or "-"
    row = Recovery.objects.select_for_update().filter(code_hash=found, state=RecoveryState.APPROVED).first()
    is_usable = row is not None and row.usable_from is not None and row.usable_from <= now() < row.expires_at
    if row is None or not is_usable:
        raise RecoveryRefused(reason="code")
    account = (
        Account.objects.select_related("person").select_for_update(of=("self",)).get(person_id=row.person_id)
    )
    if not account.is_active:
        raise RecoveryRefused(reason="closed")
    accounts.check_new_password(password, person=account.person)
    if not is_password_enough_alone(password):
        raise PasswordRefused(fault="short")
    Authenticator.objects.filter(user_id=account.pk).delete()
    accounts.password_replace(account, password=password, by=BY)
    sign_in.sessions_end(account, keep_key="-", by=BY)
    row.state, row.ended_at, row.code_hash = RecoveryState.USED, now(), ""
    row.save(update_fields=["state", "ended_at", "code_hash"])
    _moved(row, by=Actor.person(row.person_id))
    return account


def _hold(recovery_id: UUID, *states: RecoveryState) -> Recovery:
    rows = Recovery.objects.select_for_update().filter(pk=recovery_id, state__in=states, expires_at__gt=now())
    row = rows.first()
    if row is None:
        raise RecoveryRefused(reason="not open")
    return row


def _moved(row: Recovery, *, by: Actor) -> None:
    facts: dict[str, Fact] = {"state": row.state, "in_person": row.is_in_person}
    audit.record("identity.recovery_moved", by=by, about_kind="recovery", about_id=row.id, facts=facts)
    emit(RecoveryMoved(row.id, row.person_id, row.state, row.agency_code, now(), row.usable_from))
