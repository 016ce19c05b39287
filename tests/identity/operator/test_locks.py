"""Locks of accounts: two operators for locking, two for unlocking; everything that is open ends, and the person is told."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from terpadu.directory.public import AgencyView
from terpadu.identity.enums import LockState, SignalKind
from terpadu.identity.errors import AnswerMissing, RecoveryNotPossible, SecondOfficerNeeded, SignInRefused
from terpadu.identity.errors.operator import AccountLocked, LockRefused
from terpadu.identity.models import Account, AccountLock
from terpadu.identity.services import locks, sign_in
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import outbox
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import AuditEvent
from terpadu.messaging.public import inbox_for
from tests.identity.conftest import NIK, PASSWORD
from tests.identity.operator.conftest import Operator
from tests.identity.people import browser_of
from tests.identity.test_recovery import begin

pytestmark = pytest.mark.django_db

WHY = "Sandi dicoba dari satu jaringan"
PAGE = "/operator/identitas/penguncian/"


def ask(account: Account, by: Operator) -> UUID:
    return locks.lock_ask(account.person_id, reason=WHY, by=by.actor, signal=SignalKind.STUFFING)


@pytest.fixture
def locked(account: Account, dian: Operator, nadia: Operator) -> UUID:
    """Siti's account, locked by two operators."""
    lock_id = ask(account, dian)
    locks.lock_confirm(lock_id, by=nadia.actor)
    return lock_id


def test_lock_asked_for_changes_nothing_yet(account: Account, dian: Operator) -> None:
    browser = browser_of(NIK)
    ask(account, dian)

    assert Account.objects.get(pk=account.pk).is_active
    assert browser.get("/akun/").status_code == 200


def test_lock_confirmed_ends_sessions_and_tells_the_person(
    account: Account, dian: Operator, nadia: Operator
) -> None:
    browser = browser_of(NIK)
    locks.lock_confirm(ask(account, dian), by=nadia.actor)

    assert browser.get("/akun/").status_code == 302
    assert not Session.objects.filter(session_key=browser.cookies["session"].value).exists()
    while outbox.deliver_due():
        pass
    assert [one.template for one in inbox_for(account.person_id)].count("account_lock_moved") == 1


@pytest.mark.parametrize("half", ["confirm", "refuse"])
def test_lock_needs_another_operator(account: Account, dian: Operator, half: str) -> None:
    lock_id = ask(account, dian)
    step = {"confirm": locks.lock_confirm, "refuse": locks.lock_refuse}[half]

    for by in (dian.actor, Actor.person(uuid4()), Actor.system("worker")):
        with pytest.raises(SecondOfficerNeeded):
            step(lock_id, by=by)
    assert Account.objects.get(pk=account.pk).is_active


def test_lock_is_never_for_oneself(dian: Operator, nadia: Operator) -> None:
    own = Account.objects.get(person_id=dian.actor.person_id)
    with pytest.raises(SecondOfficerNeeded):
        ask(own, dian)
    lock_id = ask(own, nadia)
    with pytest.raises(SecondOfficerNeeded):
        locks.lock_confirm(lock_id, by=dian.actor)


def test_unlock_needs_two_operators_too_and_then_signs_in(
    account: Account, locked: UUID, dian: Operator, nadia: Operator, visit: Visit
) -> None:
    locks.unlock_ask(locked, reason="Pemilik datang ke loket", by=nadia.actor)
    with pytest.raises(SecondOfficerNeeded):
        locks.unlock_confirm(locked, by=nadia.actor)
    assert not Account.objects.get(pk=account.pk).is_active
    locks.unlock_confirm(locked, by=dian.actor)

    assert sign_in.password_check(NIK, password=PASSWORD, visit=visit).account.id == account.id
    assert AccountLock.objects.get().state == LockState.UNLOCKED
    while outbox.deliver_due():
        pass
    assert [one.template for one in inbox_for(account.person_id)].count("account_lock_moved") == 2


def test_locked_account_tells_only_who_knows_the_password(
    account: Account, locked: UUID, visit: Visit
) -> None:
    with pytest.raises(AccountLocked):
        sign_in.password_check(NIK, password=PASSWORD, visit=visit)
    with pytest.raises(SignInRefused):
        sign_in.password_check(NIK, password="bukan kata sandinya", visit=visit)


def test_locked_account_is_not_recovered_at_a_counter(account: Account, locked: UUID, dian: Operator) -> None:
    with pytest.raises(RecoveryNotPossible):
        begin(dian.actor)


@pytest.mark.parametrize(
    "step",
    [
        lambda lock_id, by: locks.lock_confirm(lock_id, by=by),
        lambda lock_id, by: locks.lock_refuse(lock_id, by=by),
        lambda lock_id, by: locks.unlock_confirm(lock_id, by=by),
    ],
)
def test_step_in_the_wrong_state_is_refused(locked: UUID, dian: Operator, step: object) -> None:
    with pytest.raises(LockRefused):
        step(locked, dian.actor)  # type: ignore[operator]  # one of the lambdas above


def test_lock_of_somebody_without_account_or_twice_or_without_reason_is_refused(
    account: Account, dian: Operator, nadia: Operator
) -> None:
    with pytest.raises(LockRefused):
        locks.lock_ask(uuid4(), reason=WHY, by=dian.actor)
    with pytest.raises(AnswerMissing):
        locks.lock_ask(account.person_id, reason="x", by=dian.actor)
    ask(account, dian)
    with pytest.raises(LockRefused):
        ask(account, nadia)


def test_database_refuses_one_operator_for_both_halves(locked: UUID, dian: Operator) -> None:
    for columns in ({"decided_by": dian.actor.person_id}, {"state": "unlocked"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountLock.objects.update(**columns)


def test_refused_lock_leaves_the_account_and_allows_another(
    account: Account, dian: Operator, nadia: Operator
) -> None:
    locks.lock_refuse(ask(account, dian), by=nadia.actor)

    assert Account.objects.get(pk=account.pk).is_active
    ask(account, nadia)


def test_every_step_is_on_record_without_the_reason(account: Account, locked: UUID) -> None:
    rows = AuditEvent.objects.filter(event="identity.account_lock_moved", about_id=str(account.person_id))

    assert [row.facts["state"] for row in rows.order_by("at")] == ["lock_asked", "locked"]
    assert WHY not in str([row.facts for row in rows])


def test_locks_page_from_the_question_to_the_lock(account: Account, dian: Operator, nadia: Operator) -> None:
    asked = {"answer": "lock", "who": NIK, "signal": "stuffing", "reason": WHY}
    assert dian.browser.post(PAGE, asked).status_code == 302
    row = AccountLock.objects.get()
    page = nadia.browser.get(PAGE).content.decode()
    assert str(account.person_id) in page
    assert NIK not in page
    assert "Siti" not in page

    assert dian.browser.post(PAGE, {"answer": "confirm", "lock": str(row.id)}).status_code == 403
    assert nadia.browser.post(PAGE, {"answer": "confirm", "lock": str(row.id)}).status_code == 302
    assert not Account.objects.get(pk=account.pk).is_active
    again = {"answer": "unlock", "lock": str(row.id), "reason": "Pemilik datang"}
    assert nadia.browser.post(PAGE, again).status_code == 302
    assert dian.browser.post(PAGE, {"answer": "agree", "lock": str(row.id)}).status_code == 302
    assert Account.objects.get(pk=account.pk).is_active


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"who": "123"}, 422),
        ({"who": "3671061705880009"}, 409),
        ({"reason": "x"}, 400),
        ({"answer": "confirm", "lock": "x"}, 409),
        ({"answer": "confirm", "lock": str(uuid4())}, 409),
        ({"answer": ""}, 409),
    ],
)
def test_locks_page_with_a_mistake_says_so(
    account: Account, dian: Operator, changes: dict[str, str], status: int
) -> None:
    asked = {"answer": "lock", "who": NIK, "reason": WHY, **changes}

    assert dian.browser.post(PAGE, asked).status_code == status
    assert not AccountLock.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["", "aplikasi/", "kunci/", "penyalahgunaan/", "penguncian/", "audit/", "alamat/disdukcapil.36.71/"],
)
def test_operator_pages_are_closed_to_others(account: Account, agency: AgencyView, path: str) -> None:
    assert browser_of(NIK).get(f"/operator/identitas/{path}").status_code == 403
    assert Browser().get(f"/operator/identitas/{path}").status_code == 302
