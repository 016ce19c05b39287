"""Recovery without phone or e-mail: four eyes, a day to object, and always the same person."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client

from terpadu.directory.public import PositionView, position_create
from terpadu.identity.enums import EvidenceKind, RecoveryState, SignInMethod
from terpadu.identity.errors import (
    AnswerMissing,
    PasswordRefused,
    RecoveryNotPossible,
    RecoveryRefused,
    SecondOfficerNeeded,
    SignInRefused,
    TooManyTries,
)
from terpadu.identity.models import Account, Recovery
from terpadu.identity.public import proofing_of
from terpadu.identity.selectors.accounts import account_find, methods_of
from terpadu.identity.services import recovery, sign_in
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import clock, outbox
from terpadu.kernel.actors import Actor
from terpadu.messaging.public import inbox_for
from tests.identity.conftest import NIK, PASSWORD
from tests.identity.people import BUDI_NIK, DEWI_NIK, RINA_NIK, browser_of, officer, person
from tests.identity.test_sign_in import add_app

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "kata baru sesudah hilang"
CARD = EvidenceKind.IDENTITY_CARD


@pytest.fixture
def budi(operator: PositionView) -> Actor:
    """The first officer."""
    return officer(person(BUDI_NIK, "Budi Santoso", date(1988, 5, 17)), operator)


@pytest.fixture
def rina(agency: object, budi: Actor) -> Actor:
    """The second officer."""
    position = position_create(agency_code=budi.agency, kind="verifikator", title="Verifikator", by=budi)
    return officer(person(RINA_NIK, "Rina Wijaya", date(1995, 9, 3), "P"), position)


def begin(by: Actor, *, nik: str = NIK, in_person: bool = True) -> UUID:
    return recovery.recovery_open(
        nik, evidence=CARD, reason="HP hilang di pasar", is_in_person=in_person, by=by
    )


def test_recovery_in_person_works_at_once_and_keeps_person_and_account(
    account: Account, budi: Actor, rina: Actor, visit: Visit
) -> None:
    add_app(account)
    old = browser_of_password(account)
    code = recovery.recovery_approve(begin(budi), is_in_person=True, by=rina)

    opened = recovery.recovery_use(code.lower(), password=NEW_PASSWORD, visit=visit)

    assert (opened.id, opened.person_id) == (account.id, account.person_id)
    assert not methods_of(opened).has_second_factor
    assert not Session.objects.filter(session_key=old).exists()
    with pytest.raises(SignInRefused):
        sign_in.password_check(NIK, password=PASSWORD, visit=visit)
    assert not sign_in.password_check(NIK, password=NEW_PASSWORD, visit=visit).needs_code
    assert proofing_of(account.person_id).method == "counter"
    while outbox.deliver_due():
        pass
    told = [message.template for message in inbox_for(account.person_id)]
    assert told.count("recovery_moved") == 3
    assert "sign_in_changed" in told


def browser_of_password(account: Account) -> str:
    """Open a session of the account and return its key."""
    client = Client()
    client.force_login(account, backend="terpadu.identity.web.backend.AccountBackend")
    key = client.session.session_key or ""
    sign_in.sign_in_record(
        account, method=SignInMethod.PASSWORD, session_key=key, visit=Visit(network="203.0.113.7", device="")
    )
    return key


@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (False, False)])
def test_recovery_not_in_person_works_after_a_day_only(
    account: Account, budi: Actor, rina: Actor, visit: Visit, first: bool, second: bool
) -> None:
    code = recovery.recovery_approve(begin(budi, in_person=first), is_in_person=second, by=rina)

    with pytest.raises(RecoveryRefused):
        recovery.recovery_use(code, password=NEW_PASSWORD, visit=visit)
    with clock.freeze(clock.now() + timedelta(hours=24, minutes=1)):
        assert recovery.recovery_use(code, password=NEW_PASSWORD, visit=visit).id == account.id
    assert proofing_of(account.person_id).method == ""


def test_owner_stops_a_recovery_from_any_session_within_the_day(
    account: Account, budi: Actor, rina: Actor, visit: Visit
) -> None:
    client = browser_of(NIK)
    code = recovery.recovery_approve(begin(budi, in_person=False), is_in_person=False, by=rina)
    row = Recovery.objects.get()
    assert str(row.id) in client.get("/akun/pemulihan/").content.decode()

    client.post("/akun/pemulihan/", {"recovery": str(row.id)})

    assert Recovery.objects.get().state == RecoveryState.CANCELLED
    with clock.freeze(clock.now() + timedelta(hours=25)), pytest.raises(RecoveryRefused):
        recovery.recovery_use(code, password=NEW_PASSWORD, visit=visit)


def test_recovery_needs_two_different_officers_of_one_agency(
    account: Account, budi: Actor, rina: Actor
) -> None:
    assert rina.person_id
    recovery_id = begin(budi)
    elsewhere = Actor.officer(rina.person_id, agency="kecamatan.36.71.01", position=rina.position)

    for by in (budi, elsewhere, Actor.officer(account.person_id, agency=budi.agency, position=budi.position)):
        with pytest.raises(SecondOfficerNeeded):
            recovery.recovery_approve(recovery_id, is_in_person=True, by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.update(approved_by=budi.person_id)


def test_recovery_is_never_for_oneself(budi: Actor) -> None:
    with pytest.raises(SecondOfficerNeeded):
        begin(budi, nik=BUDI_NIK)


def test_recovery_one_at_a_time_and_only_with_an_account(account: Account, budi: Actor, rina: Actor) -> None:
    person(DEWI_NIK, "Dewi", date(1985, 1, 1), "P", has_account=False)
    begin(budi)

    for nik in (NIK, DEWI_NIK):
        with pytest.raises(RecoveryNotPossible):
            begin(rina, nik=nik)
    with pytest.raises(AnswerMissing):
        recovery.recovery_open(NIK, evidence=CARD, reason="x", is_in_person=True, by=budi)
    with clock.freeze(clock.now() + timedelta(hours=73)):
        begin(rina)
    assert Recovery.objects.filter(state=RecoveryState.EXPIRED).count() == 1


def test_recovery_code_works_once_and_cannot_be_guessed(
    account: Account, budi: Actor, rina: Actor, visit: Visit
) -> None:
    code = recovery.recovery_approve(begin(budi), is_in_person=True, by=rina)
    assert code not in str(Recovery.objects.values().get())
    with pytest.raises(PasswordRefused):
        recovery.recovery_use(code, password="pendek saja", visit=visit)
    recovery.recovery_use(code, password=NEW_PASSWORD, visit=visit)

    other = Visit(network="198.51.100.77", device="")
    for _ in range(10):
        with pytest.raises(RecoveryRefused):
            recovery.recovery_use(code, password=NEW_PASSWORD, visit=other)
    with pytest.raises(TooManyTries):
        recovery.recovery_use(code, password=NEW_PASSWORD, visit=other)


def test_recovery_does_not_open_a_locked_account(
    account: Account, budi: Actor, rina: Actor, visit: Visit
) -> None:
    code = recovery.recovery_approve(begin(budi), is_in_person=True, by=rina)
    Account.objects.update(is_active=False)

    with pytest.raises(RecoveryRefused):
        recovery.recovery_use(code, password=NEW_PASSWORD, visit=visit)


def test_recovery_pages_from_the_counter_to_the_new_password(
    account: Account, budi: Actor, rina: Actor
) -> None:
    first, second, siti = browser_of(BUDI_NIK), browser_of(RINA_NIK), Client()
    typed = {"nik": NIK, "evidence": "ktp_el", "reason": "HP dicuri di bus", "is_in_person": "on"}
    assert first.post("/petugas/loket/pemulihan/", typed).status_code == 302
    row = Recovery.objects.get()
    assert first.post(f"/petugas/loket/pemulihan/{row.id}/", {"is_in_person": "on"}).status_code == 403
    page = second.post(f"/petugas/loket/pemulihan/{row.id}/", {"is_in_person": "on"}).content.decode()
    code = re.search(r"<b>((?:[A-Z0-9]{4} ?){4})</b>", page)
    assert code

    short = siti.post("/masuk/pulih/", {"code": code[1], "password": "kopi7tubruk", "again": "kopi7tubruk"})
    assert short.status_code == 200
    done = siti.post("/masuk/pulih/", {"code": code[1], "password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert done.headers["Location"] == "/akun/"
    assert siti.session["_auth_user_id"] == str(account.id)


def test_one_name_and_no_mailbox_are_enough_for_an_account_and_its_recovery(
    budi: Actor, rina: Actor, visit: Visit
) -> None:
    """Two people of one household share everything but their NIK; nothing asks for a mailbox or a second name."""
    dewi = person(DEWI_NIK, "Dewi", date(1985, 1, 1), "P")
    account = account_find(DEWI_NIK)
    assert account
    stored = [field.name for field in Account._meta.concrete_fields]
    assert not [name for name in stored if "mail" in name or "phone" in name]
    code = recovery.recovery_approve(begin(budi, nik=DEWI_NIK), is_in_person=True, by=rina)

    assert recovery.recovery_use(code, password=NEW_PASSWORD, visit=visit).person_id == dewi
