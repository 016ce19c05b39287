"""Making an account: confirmed by the registry, nothing left behind half-way, nobody found out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection

from terpadu.identity.errors import (
    CodeRefused,
    DataNotConfirmed,
    LastMethod,
    NikMalformed,
    PasskeyRefused,
    PasswordRefused,
    PopulationUnavailable,
    RegistrationExpired,
    TooManyRegistrations,
)
from terpadu.identity.events import PersonRegistered
from terpadu.identity.models import Account, Person, RegistrationDraft
from terpadu.identity.selectors.accounts import methods_of
from terpadu.identity.services import accounts, population, registration
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import clock, timers
from terpadu.kernel.models import OutboxEvent
from tests.identity.conftest import (
    BIRTH_ON,
    NAME,
    NIK,
    OTHER_NIK,
    PASSWORD,
    SHORT_PASSWORD,
    FakeRegistry,
    app_code,
)
from tests.identity.population_contract import Known, check_population_contract
from tests.identity.software_authenticator import SoftwareAuthenticator

pytestmark = pytest.mark.django_db


def begin(visit: Visit, *, nik: str = NIK, name: str = NAME, birth_on: date = BIRTH_ON) -> UUID:
    return registration.registration_begin(nik, name=name, birth_on=birth_on, visit=visit)


@pytest.fixture
def draft(registry: FakeRegistry, visit: Visit) -> UUID:
    """A registration that has chosen a short password."""
    draft_id = begin(visit)
    registration.registration_set_password(draft_id, password=SHORT_PASSWORD)
    return draft_id


def first_code(draft_id: UUID) -> str:
    return app_code(accounts.totp_secret(registration.registration_get(draft_id).totp))


def test_fake_registry_keeps_the_contract(registry: FakeRegistry) -> None:
    check_population_contract(registry, Known(NIK, NAME, BIRTH_ON, "P", unknown_nik=OTHER_NIK))


def test_registration_with_app_makes_person_account_and_codes(draft: UUID) -> None:
    account = registration.registration_finish_with_totp(draft, code=first_code(draft))

    methods = methods_of(account)
    assert (account.person.name, account.person.sex, methods.has_totp, methods.codes_left) == (
        NAME,
        "P",
        True,
        10,
    )
    assert account.check_password(SHORT_PASSWORD)
    assert RegistrationDraft.objects.count() == 0
    assert OutboxEvent.objects.get(name=PersonRegistered.name).payload["person_id"] == str(account.person_id)


def test_registration_keeps_the_registrys_spelling(registry: FakeRegistry, visit: Visit) -> None:
    draft_id = begin(visit, name="SITI   RAHMAWATI")

    assert registration.registration_get(draft_id).name == NAME


def test_registration_stores_nothing_in_clear_on_the_way(draft: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select encode(sealed, 'escape') from identity_registrationdraft")
        (stored,) = cursor.fetchone()

    assert not [word for word in (NIK, NAME, "1992") if word in stored]
    assert (Person.objects.count(), Account.objects.count()) == (0, 0)


def test_registration_wrong_first_code_makes_no_account(draft: UUID) -> None:
    with pytest.raises(CodeRefused):
        registration.registration_finish_with_totp(draft, code="000000")

    assert (Person.objects.count(), Account.objects.count()) == (0, 0)
    assert registration.registration_finish_with_totp(draft, code=first_code(draft))


def test_registration_short_password_alone_is_refused(draft: UUID) -> None:
    with pytest.raises(LastMethod):
        registration.registration_finish(draft)


def test_registration_long_password_alone_is_enough(registry: FakeRegistry, visit: Visit) -> None:
    draft_id = begin(visit)
    registration.registration_set_password(draft_id, password=PASSWORD)

    account = registration.registration_finish(draft_id)

    assert account.is_password_enough
    assert methods_of(account).codes_left == 0


def test_registration_without_password_cannot_finish(registry: FakeRegistry, visit: Visit) -> None:
    draft_id = begin(visit)

    with pytest.raises(RegistrationExpired):
        registration.registration_finish_with_totp(draft_id, code=first_code(draft_id))


def test_registration_personal_password_is_refused(registry: FakeRegistry, visit: Visit) -> None:
    with pytest.raises(PasswordRefused):
        registration.registration_set_password(begin(visit), password="siti rahmawati 1992")


def test_registration_with_passkey(draft: UUID) -> None:
    ceremony = registration.registration_passkey_begin(draft)
    answer = SoftwareAuthenticator().create(ceremony.options)

    account = registration.registration_finish_with_passkey(
        draft, state=ceremony.state, answer=answer, name="ponsel"
    )

    assert [key.name for key in methods_of(account).passkeys] == ["ponsel"]
    assert methods_of(account).codes_left == 10


def test_registration_with_bad_passkey_makes_no_account(draft: UUID) -> None:
    ceremony = registration.registration_passkey_begin(draft)
    answer = SoftwareAuthenticator(is_verified=False).create(ceremony.options)

    with pytest.raises(PasskeyRefused):
        registration.registration_finish_with_passkey(draft, state=ceremony.state, answer=answer, name="")

    assert Account.objects.count() == 0


def test_registration_after_half_an_hour_has_expired(draft: UUID) -> None:
    with clock.freeze(clock.now() + timedelta(minutes=31)):
        with pytest.raises(RegistrationExpired):
            registration.registration_get(draft)
        timers.fire_due()

    assert RegistrationDraft.objects.count() == 0


def test_registration_malformed_nik_asks_nobody(registry: FakeRegistry, visit: Visit) -> None:
    with pytest.raises(NikMalformed) as caught:
        begin(visit, nik="3671011508950000")

    assert caught.value.facts == {"fault": "serial"}
    assert registry.asked == 0


def dead(registry: FakeRegistry) -> None:
    registry.persons[NIK] = (NAME, BIRTH_ON, False)


def unknown(registry: FakeRegistry) -> None:
    registry.persons.clear()


def renamed(registry: FakeRegistry) -> None:
    registry.persons[NIK] = ("Somebody Else", BIRTH_ON, True)


def born_another_day(registry: FakeRegistry) -> None:
    registry.persons[NIK] = (NAME, BIRTH_ON + timedelta(days=1), True)


@pytest.mark.parametrize("change", [dead, unknown, renamed, born_another_day])
def test_registration_unconfirmed_is_always_the_same_refusal(
    registry: FakeRegistry, visit: Visit, change: Callable[[FakeRegistry], None]
) -> None:
    change(registry)

    with pytest.raises(DataNotConfirmed) as caught:
        begin(visit)

    assert caught.value.facts == {}


def test_registration_of_somebody_who_has_an_account_is_the_same_refusal(
    registry: FakeRegistry, account: Account, visit: Visit
) -> None:
    with pytest.raises(DataNotConfirmed) as caught:
        begin(visit)

    assert caught.value.facts == {}
    assert registry.asked == 1


def test_registration_registry_down_is_try_later_and_never_no_match(
    registry: FakeRegistry, visit: Visit
) -> None:
    registry.is_down = True

    with pytest.raises(PopulationUnavailable):
        begin(visit)


def test_registration_without_any_check_registered_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    monkeypatch.setattr(population, "_registered", [])

    with pytest.raises(PopulationUnavailable):
        begin(visit)


def test_registration_guesses_are_limited(registry: FakeRegistry, visit: Visit) -> None:
    for day in range(5):
        with pytest.raises(DataNotConfirmed):
            begin(visit, birth_on=date(1990, 1, 1 + day))

    with pytest.raises(TooManyRegistrations):
        begin(visit)
    assert registry.asked == 5


def test_registration_twice_at_once_makes_one_account(registry: FakeRegistry, visit: Visit) -> None:
    drafts = [begin(visit), begin(visit)]
    for draft_id in drafts:
        registration.registration_set_password(draft_id, password=PASSWORD)
    registration.registration_finish(drafts[0])

    with pytest.raises(DataNotConfirmed):
        registration.registration_finish(drafts[1])

    assert Account.objects.count() == 1


def test_registration_of_a_child_who_was_recorded_before_keeps_the_person(
    registry: FakeRegistry, siti: UUID, visit: Visit
) -> None:
    draft_id = begin(visit)
    registration.registration_set_password(draft_id, password=PASSWORD)

    assert registration.registration_finish(draft_id).person_id == siti
