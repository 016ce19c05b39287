"""Signing in: secrets, limits, codes that work once, history."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import argon2
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from terpadu.config import postgres
from terpadu.identity.enums import SignInMethod, SignInOutcome
from terpadu.identity.errors import CodeRefused, LastMethod, PasswordRefused, SignInRefused, TooManyTries
from terpadu.identity.errors.operator import AccountLocked
from terpadu.identity.events import SignedIn, SignInMethodChanged
from terpadu.identity.models import Account, SignIn, TryCount
from terpadu.identity.selectors.accounts import methods_of
from terpadu.identity.services import accounts, passkeys, sign_in, tries
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import clock, timers
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import OutboxEvent, Timer
from tests.identity.conftest import NIK, OTHER_NIK, PASSWORD, SETUP, SHORT_PASSWORD, app_code
from tests.identity.software_authenticator import SoftwareAuthenticator

pytestmark = pytest.mark.django_db

ELSEWHERE = Visit(network="198.51.100.1", device="Firefox, Linux")


def add_app(account: Account) -> str:
    """Give an account an authenticator app and return its secret; the code used is one step in the past."""
    secret = accounts.totp_secret(accounts.totp_begin())
    accounts.totp_add(account, secret=secret, code=app_code(secret, steps=-1), by=SETUP)
    return secret


def fail(nik: str, *, visit: Visit, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in.password_check(nik, password="salah sama sekali", visit=visit)


def test_password_check_right_password_long_enough_alone(account: Account, visit: Visit) -> None:
    passed = sign_in.password_check("3671 0154 0692 0003", password=PASSWORD, visit=visit)

    assert (passed.account.id, passed.needs_code) == (account.id, False)


def test_password_check_with_second_factor_needs_code(account: Account, visit: Visit) -> None:
    add_app(account)

    assert sign_in.password_check(NIK, password=PASSWORD, visit=visit).needs_code


def test_password_check_locked_account_says_so_to_who_knows_the_password_alone(
    account: Account, visit: Visit
) -> None:
    Account.objects.update(is_active=False)

    with pytest.raises(AccountLocked):
        sign_in.password_check(NIK, password=PASSWORD, visit=visit)
    with pytest.raises(SignInRefused):
        sign_in.password_check(NIK, password="salah sama sekali", visit=visit)
    assert SignIn.objects.filter(outcome=SignInOutcome.LOCKED).count() == 1


def test_password_check_sixth_wrong_try_is_stopped_and_so_is_the_right_one(
    account: Account, visit: Visit
) -> None:
    fail(NIK, visit=visit, times=5)

    with pytest.raises(TooManyTries):
        sign_in.password_check(NIK, password=PASSWORD, visit=visit)
    with clock.freeze(clock.now() + timedelta(minutes=16)):
        assert sign_in.password_check(NIK, password=PASSWORD, visit=visit)


def test_password_check_unknown_nik_is_limited_alike(visit: Visit) -> None:
    fail(OTHER_NIK, visit=visit, times=5)

    with pytest.raises(TooManyTries):
        sign_in.password_check(OTHER_NIK, password=PASSWORD, visit=visit)


def test_password_check_tries_elsewhere_do_not_lock_the_owner_out(account: Account, visit: Visit) -> None:
    fail(NIK, visit=ELSEWHERE, times=5)

    assert sign_in.password_check(NIK, password=PASSWORD, visit=visit)


def test_password_check_hundred_tries_from_everywhere_stop_strangers_but_not_a_known_network(
    account: Account, visit: Visit
) -> None:
    sign_in.sign_in_record(account, method=SignInMethod.PASSWORD, session_key="k", visit=visit)
    for _ in range(100):
        assert tries.try_take(tries.PASSWORD_ANYWHERE, sign_in.hash_nik(NIK))

    with pytest.raises(TooManyTries):
        sign_in.password_check(NIK, password=PASSWORD, visit=ELSEWHERE)
    assert sign_in.password_check(NIK, password=PASSWORD, visit=visit)


def test_password_check_success_forgives_earlier_tries(account: Account, visit: Visit) -> None:
    for _ in range(3):
        fail(NIK, visit=visit, times=4)
        sign_in.password_check(NIK, password=PASSWORD, visit=visit)


@pytest.mark.parametrize("nik", [NIK, OTHER_NIK])
def test_password_check_costs_one_hash_whether_the_account_is_known_or_not(
    account: Account, visit: Visit, monkeypatch: pytest.MonkeyPatch, nik: str
) -> None:
    hashed: list[str] = []
    hash_secret = argon2.low_level.hash_secret
    verify_secret = argon2.low_level.verify_secret

    def count_hash(*args: Any, **kwargs: Any) -> bytes:
        hashed.append("hash")
        return hash_secret(*args, **kwargs)

    def count_verify(*args: Any, **kwargs: Any) -> bool:
        hashed.append("verify")
        return verify_secret(*args, **kwargs)

    monkeypatch.setattr(argon2.low_level, "hash_secret", count_hash)
    monkeypatch.setattr(argon2._password_hasher, "verify_secret", count_verify)

    fail(nik, visit=visit, times=1)

    assert len(hashed) == 1


def test_code_check_app_code_works_once(account: Account, visit: Visit) -> None:
    secret = add_app(account)
    code = app_code(secret)

    assert sign_in.code_check(account, typed=f"{code[:3]} {code[3:]}", visit=visit) is SignInMethod.TOTP
    with pytest.raises(CodeRefused):
        sign_in.code_check(account, typed=code, visit=visit)


def test_code_check_code_that_set_the_app_up_is_spent(account: Account, visit: Visit) -> None:
    secret = accounts.totp_secret(accounts.totp_begin())
    code = app_code(secret)
    accounts.totp_add(account, secret=secret, code=code, by=SETUP)

    with pytest.raises(CodeRefused):
        sign_in.code_check(account, typed=code, visit=visit)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_code_check_clock_half_a_minute_off_is_fine(account: Account, visit: Visit, steps: int) -> None:
    secret = accounts.totp_secret(accounts.totp_begin())
    with clock.freeze(clock.now() - timedelta(hours=1)):
        accounts.totp_add(account, secret=secret, code=app_code(secret), by=SETUP)

    assert sign_in.code_check(account, typed=app_code(secret, steps=steps), visit=visit) is SignInMethod.TOTP


@pytest.mark.parametrize("steps", [-20, -3, 3])
def test_code_check_code_of_another_time_is_refused(account: Account, visit: Visit, steps: int) -> None:
    secret = add_app(account)

    with pytest.raises(CodeRefused):
        sign_in.code_check(account, typed=app_code(secret, steps=steps), visit=visit)


def test_code_check_recovery_code_works_once(account: Account, visit: Visit) -> None:
    add_app(account)
    codes = accounts.recovery_codes_show(account)

    assert len(set(codes)) == 10
    assert sign_in.code_check(account, typed=codes[3], visit=visit) is SignInMethod.RECOVERY_CODE
    with pytest.raises(CodeRefused):
        sign_in.code_check(account, typed=codes[3], visit=visit)
    assert methods_of(account).codes_left == 9


def test_code_check_sixth_wrong_code_is_stopped(account: Account, visit: Visit) -> None:
    secret = add_app(account)
    for _ in range(5):
        with pytest.raises(CodeRefused):
            sign_in.code_check(account, typed="000", visit=visit)

    with pytest.raises(TooManyTries):
        sign_in.code_check(account, typed=app_code(secret), visit=visit)


@pytest.mark.parametrize("typed", ["", "abcdef", "12345", "٠١٢٣٤٥", "1" * 400, "0000000000"])
def test_code_check_any_other_text_is_refused(account: Account, visit: Visit, typed: str) -> None:
    add_app(account)

    with pytest.raises(CodeRefused):
        sign_in.code_check(account, typed=typed, visit=visit)


def test_secrets_of_sign_in_methods_are_sealed(account: Account) -> None:
    secret = add_app(account)
    with connection.cursor() as cursor:
        cursor.execute("select data::text from mfa_authenticator")
        stored = " ".join(row[0] for row in cursor.fetchall())

    assert secret not in stored
    assert not [code for code in accounts.recovery_codes_show(account) if code in stored]


def test_recovery_codes_renew_ends_the_old_ones(account: Account, visit: Visit) -> None:
    add_app(account)
    old = accounts.recovery_codes_show(account)

    accounts.recovery_codes_renew(account, by=SETUP)

    assert not set(old) & set(accounts.recovery_codes_show(account))
    with pytest.raises(CodeRefused):
        sign_in.code_check(account, typed=old[0], visit=visit)


def test_totp_remove_leaves_a_long_password_alone_and_no_codes(account: Account) -> None:
    add_app(account)

    accounts.totp_remove(account, by=SETUP)

    assert (methods_of(account).has_second_factor, methods_of(account).codes_left) == (False, 0)


def test_totp_remove_beside_a_short_password_is_refused(siti: UUID) -> None:
    accounts.account_create(siti, password=SHORT_PASSWORD, by=SETUP)
    account = Account.objects.select_related("person").get()
    add_app(account)

    with pytest.raises(LastMethod):
        accounts.totp_remove(account, by=SETUP)

    assert methods_of(account).has_totp


def test_password_change_to_a_short_one_without_second_factor_is_refused(account: Account) -> None:
    with pytest.raises(LastMethod):
        accounts.password_change(account, password=SHORT_PASSWORD, by=SETUP)


def test_password_change_to_a_personal_one_is_refused(account: Account) -> None:
    with pytest.raises(PasswordRefused) as caught:
        accounts.password_change(account, password="Siti Rahmawati 1992", by=SETUP)

    assert caught.value.facts == {"fault": "personal"}


def test_password_check_short_password_without_factor_still_needs_code(siti: UUID, visit: Visit) -> None:
    accounts.account_create(siti, password=SHORT_PASSWORD, by=SETUP)

    assert sign_in.password_check(NIK, password=SHORT_PASSWORD, visit=visit).needs_code


def test_sign_in_record_tells_of_a_new_device_once(account: Account, visit: Visit) -> None:
    for key, seen in (("a", visit), ("b", ELSEWHERE), ("c", ELSEWHERE)):
        sign_in.sign_in_record(account, method=SignInMethod.PASSWORD, session_key=key, visit=seen)

    events = OutboxEvent.objects.filter(name=SignedIn.name).order_by("id")
    assert [event.payload["is_new_device"] for event in events] == [False, True, False]


def test_history_shows_failures_of_the_account_only(account: Account, visit: Visit) -> None:
    fail(NIK, visit=visit, times=1)
    fail(OTHER_NIK, visit=visit, times=1)

    row = SignIn.objects.get()
    assert (row.account_id, row.outcome, row.network) == (
        account.id,
        SignInOutcome.WRONG_PASSWORD,
        "203.0.113.7",
    )


def test_sessions_end_spares_this_one(account: Account, visit: Visit) -> None:
    for key in ("here", "there", "elsewhere"):
        Session.objects.create(session_key=key, session_data="", expire_date=clock.now() + timedelta(hours=1))
        sign_in.sign_in_record(account, method=SignInMethod.PASSWORD, session_key=key, visit=visit)

    assert sign_in.sessions_end(account, keep_key="here", by=Actor.person(account.person_id)) == 2

    assert list(Session.objects.values_list("session_key", flat=True)) == ["here"]


def test_method_changes_are_told(account: Account) -> None:
    add_app(account)

    payload = OutboxEvent.objects.get(name=SignInMethodChanged.name).payload
    assert (payload["method"], payload["change"]) == ("totp", "added")


TRY = """
import json, os, sys, django
django.setup()
from terpadu.identity.errors import SignInRefused, TooManyTries
from terpadu.identity.services.sign_in import Visit, password_check

def work(go, tell):
    outcomes = []
    os.read(go, 1)
    for _ in range(5):
        try:
            password_check(sys.argv[1], password="salah sama sekali", visit=Visit(network="203.0.113.9", device=""))
        except (SignInRefused, TooManyTries) as error:
            outcomes.append(type(error).__name__)
    os.write(tell, (json.dumps(outcomes) + "\\n").encode())
    os._exit(0)

go, let_go = os.pipe()
heard, tell = os.pipe()
for _ in range(int(sys.argv[2])):
    if os.fork() == 0:
        work(go, tell)
os.close(tell)
os.write(let_go, b"g" * int(sys.argv[2]))
sys.stdout.write(os.fdopen(heard).read())
for _ in range(int(sys.argv[2])):
    assert os.wait()[1] == 0
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_wrong_passwords_over_four_processes_let_five_through_and_the_passkey_in(
    account: Account, visit: Visit
) -> None:
    outcomes = [outcome for answer in race(TRY, NIK, processes=4) for outcome in answer]

    assert outcomes.count("SignInRefused") == 5
    assert outcomes.count("TooManyTries") == 15
    device = SoftwareAuthenticator(origin=passkeys.origin())
    begun = passkeys.passkey_registration_begin(account.id, name=account.person.name)
    credential = passkeys.passkey_registration_check(begun.state, answer=device.create(begun.options))
    accounts.passkey_add(account, name="HP", credential=credential, by=SETUP)
    asked = passkeys.passkey_sign_in_begin()
    there = Visit(network="203.0.113.9", device="")
    opened = sign_in.passkey_check(asked.state, answer=device.get(asked.options), visit=there)
    assert opened.id == account.id


def race(program: str, *arguments: str, processes: int) -> list[list[str]]:
    """Run a program that forks into processes on the database of this test, let go at once; return what each prints.

    One start serves all: loading everything four times costs more than what is tested.
    """
    url = os.environ.get("DATABASE_URL") or postgres.url_of(Path(settings.DATA_DIR))
    own = re.sub(rf"/{postgres.DATABASE}(?=\?|$)", f"/{connection.settings_dict['NAME']}", url)
    env = {**os.environ, "DATABASE_URL": own, "DJANGO_SETTINGS_MODULE": "terpadu.config.settings"}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", program, *arguments, str(processes)]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_purge_of_tries_deletes_old_counts_and_comes_back(account: Account, visit: Visit) -> None:
    fail(NIK, visit=visit, times=1)
    timers.timer_set(tries.PURGE, key="daily", due_at=clock.now())

    with clock.freeze(clock.now() + timedelta(days=3)):
        assert timers.fire_due() >= 1  # other parts of the platform have timers of their own
        assert timers.fire_due() == 0

    assert TryCount.objects.count() == 0
    assert Timer.objects.get(kind=tries.PURGE).fired_at is None


def test_network_limit_counts_failures_alone(account: Account, visit: Visit) -> None:
    for _ in range(3):
        sign_in.password_check(NIK, password=PASSWORD, visit=visit)
    fail(OTHER_NIK, visit=visit, times=2)

    assert sorted(TryCount.objects.values_list("tries", flat=True)) == [2, 2, 2]


def test_network_flood_is_stopped_for_every_account(
    account: Account, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "SIGN_IN_NETWORK", tries.Limit("sign_in_network", 2, timedelta(minutes=15)))
    fail(OTHER_NIK, visit=visit, times=2)

    with pytest.raises(TooManyTries):
        sign_in.password_check(NIK, password=PASSWORD, visit=visit)
    assert sign_in.password_check(NIK, password=PASSWORD, visit=ELSEWHERE)


def test_sessions_purge_closes_what_has_expired(account: Account, visit: Visit) -> None:
    for key, hours in (("old", -1), ("alive", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=clock.now() + timedelta(hours=hours)
        )
        sign_in.sign_in_record(account, method=SignInMethod.PASSWORD, session_key=key, visit=visit)

    sign_in.sessions_purge()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]
    assert list(SignIn.objects.filter(ended_at__isnull=True).values_list("session_key", flat=True)) == [
        "alive"
    ]
