"""Passkeys: only for our origin, only with user verification, each answer once."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from terpadu.identity.errors import MethodUnknown, PasskeyRefused, SignInRefused
from terpadu.identity.errors.operator import AccountLocked
from terpadu.identity.models import Account
from terpadu.identity.selectors.accounts import methods_of
from terpadu.identity.services import accounts, passkeys, sign_in
from terpadu.identity.services.sign_in import Visit
from tests.identity.conftest import NIK, SETUP
from tests.identity.software_authenticator import Json, SoftwareAuthenticator

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(account: Account) -> SoftwareAuthenticator:
    """A device whose passkey Siti's account knows."""
    device = SoftwareAuthenticator()
    ceremony = passkeys.passkey_registration_begin(account.id, name="Siti")
    credential = passkeys.passkey_registration_check(ceremony.state, answer=device.create(ceremony.options))
    accounts.passkey_add(account, name="ponsel", credential=credential, by=SETUP)
    return device


def answer_of(device: SoftwareAuthenticator) -> tuple[Json, Json]:
    ceremony = passkeys.passkey_sign_in_begin()
    return ceremony.state, device.get(ceremony.options)


def test_passkey_signs_in(device: SoftwareAuthenticator, account: Account, visit: Visit) -> None:
    state, answer = answer_of(device)

    assert sign_in.passkey_check(state, answer=answer, visit=visit).id == account.id
    assert methods_of(account).passkeys[0].last_used_at is not None


def test_passkey_asks_for_user_verification_and_a_resident_key(account: Account) -> None:
    ceremony = passkeys.passkey_registration_begin(account.id, name="Siti")
    asked = ceremony.options["publicKey"]["authenticatorSelection"]

    assert (asked["userVerification"], asked["residentKey"]) == ("required", "required")
    assert passkeys.passkey_sign_in_begin().options["publicKey"]["userVerification"] == "required"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost:8000",
        "http://localhost:8001",
        "http://localhost",
        "http://evil.localhost:8000",
        "http://localhost:8000.evil.example",
        "null",
    ],
)
def test_passkey_answer_made_for_another_origin_is_refused(
    device: SoftwareAuthenticator, visit: Visit, origin: str
) -> None:
    device.origin = origin
    state, answer = answer_of(device)

    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(state, answer=answer, visit=visit)


def test_passkey_origin_check_cannot_be_switched_off(
    device: SoftwareAuthenticator, visit: Visit, settings: Settings
) -> None:
    """The libraries have a switch that lets any origin through; ours must not hear of it."""
    assert not hasattr(settings, "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN")
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    device.origin = "http://evil.example"
    state, answer = answer_of(device)

    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(state, answer=answer, visit=visit)


def test_passkey_registration_for_another_origin_is_refused(account: Account) -> None:
    ceremony = passkeys.passkey_registration_begin(account.id, name="Siti")
    answer = SoftwareAuthenticator(origin="http://evil.example").create(ceremony.options)

    with pytest.raises(PasskeyRefused):
        passkeys.passkey_registration_check(ceremony.state, answer=answer)


def test_passkey_without_user_verification_is_refused(device: SoftwareAuthenticator, visit: Visit) -> None:
    device.is_verified = False
    state, answer = answer_of(device)

    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(state, answer=answer, visit=visit)


def test_passkey_of_another_party_is_refused(device: SoftwareAuthenticator, visit: Visit) -> None:
    device.party = "evil.example"
    state, answer = answer_of(device)

    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(state, answer=answer, visit=visit)


def test_passkey_answer_to_another_challenge_is_refused(device: SoftwareAuthenticator, visit: Visit) -> None:
    _, answer = answer_of(device)

    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(passkeys.passkey_sign_in_begin().state, answer=answer, visit=visit)


def test_passkey_without_a_ceremony_is_refused(device: SoftwareAuthenticator, visit: Visit) -> None:
    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(None, answer=answer_of(device)[1], visit=visit)


def test_passkey_with_another_key_is_refused(device: SoftwareAuthenticator, visit: Visit) -> None:
    forger = SoftwareAuthenticator()
    forger.credential_id, forger.user_handle = device.credential_id, device.user_handle
    state, answer = answer_of(forger)

    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(state, answer=answer, visit=visit)


def test_passkey_copied_device_is_found_by_its_counter(device: SoftwareAuthenticator, visit: Visit) -> None:
    device.counter = 5
    state, answer = answer_of(device)
    sign_in.passkey_check(state, answer=answer, visit=visit)
    device.counter = 3
    state, answer = answer_of(device)

    with pytest.raises(PasskeyRefused) as caught:
        sign_in.passkey_check(state, answer=answer, visit=visit)

    assert caught.value.facts == {"reason": "counter"}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"id": "x"},
        {"id": "AA", "rawId": "AA", "response": {}, "type": "public-key"},
        {"id": 1, "rawId": [], "response": None, "type": None},
        {
            "id": "AA",
            "rawId": "AA",
            "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": ""},
        },
    ],
)
def test_passkey_garbage_is_refused(account: Account, visit: Visit, answer: Json) -> None:
    with pytest.raises(PasskeyRefused):
        sign_in.passkey_check(passkeys.passkey_sign_in_begin().state, answer=answer, visit=visit)
    with pytest.raises(PasskeyRefused):
        passkeys.passkey_registration_check(passkeys.passkey_sign_in_begin().state, answer=answer)


def test_passkey_works_while_password_tries_are_used_up(
    device: SoftwareAuthenticator, account: Account, visit: Visit
) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in.password_check(NIK, password="salah", visit=visit)
    state, answer = answer_of(device)

    assert sign_in.passkey_check(state, answer=answer, visit=visit).id == account.id


def test_passkey_of_a_locked_account_is_refused_and_says_so(
    device: SoftwareAuthenticator, visit: Visit
) -> None:
    Account.objects.update(is_active=False)
    state, answer = answer_of(device)

    with pytest.raises(AccountLocked):
        sign_in.passkey_check(state, answer=answer, visit=visit)


def test_passkey_remove_and_rename_touch_only_own_ones(
    device: SoftwareAuthenticator, account: Account
) -> None:
    (own,) = methods_of(account).passkeys

    accounts.passkey_rename(account, passkey_id=own.id, name="  tablet ", by=SETUP)
    assert methods_of(account).passkeys[0].name == "tablet"
    with pytest.raises(MethodUnknown):
        accounts.passkey_remove(account, passkey_id=own.id + 1, by=SETUP)
    accounts.passkey_remove(account, passkey_id=own.id, by=SETUP)

    assert methods_of(account).passkeys == ()
