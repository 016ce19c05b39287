"""The pages of signing in, as a browser without JavaScript sees them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from terpadu.identity.models import Account, SignIn
from terpadu.identity.services import accounts, passkeys
from terpadu.kernel import clock
from tests.identity.conftest import NIK, OTHER_NIK, PASSWORD, SETUP, app_code
from tests.identity.software_authenticator import SoftwareAuthenticator
from tests.identity.test_sign_in import add_app

pytestmark = pytest.mark.django_db

WORDS = {
    "malformed": {
        "id": "Dua angka pertama NIK bukan kode provinsi.",
        "en": "are not the code of a province.",
    },
    "refused": {"id": "NIK dan kata sandi tidak cocok.", "en": "NIK and password do not match."},
    "many": {"id": "Terlalu banyak percobaan.", "en": "Too many tries."},
    "code": {"id": "Kode ini salah", "en": "This code is not right"},
    "expired": {"id": "Waktu untuk masuk sudah habis.", "en": "Your sign-in took too long."},
}


@pytest.fixture(params=["id", "en"])
def language(request: pytest.FixtureRequest, client: Client) -> str:
    """The language of the browser."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = request.param
    return str(request.param)


def sign_in(client: Client, *, nik: str = NIK, password: str = PASSWORD, **more: str) -> str:
    response = client.post("/masuk/", {"nik": nik, "password": password, **more})
    return str(response.headers["Location"]) if response.status_code == 302 else response.content.decode()


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_sign_in_page_costs_no_query_and_no_session(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/masuk/")

    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert "no-store" in response.headers["Cache-Control"]


def test_sign_in_with_long_password_opens_the_page_asked_for(client: Client, account: Account) -> None:
    assert sign_in(client, next="/akun/") == "/akun/"
    assert signed_in_as(client) == str(account.id)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "akun/"]
)
def test_sign_in_never_leads_to_another_site(client: Client, account: Account, wanted: str) -> None:
    assert sign_in(client, next=wanted) == "/"


def test_sign_in_malformed_nik_says_which_part_and_keeps_it(client: Client, language: str) -> None:
    page = sign_in(client, nik="9971011508950001")

    assert WORDS["malformed"][language] in page
    assert 'value="9971011508950001"' in page
    assert PASSWORD not in page


def test_sign_in_wrong_password_and_unknown_account_look_alike(
    client: Client, account: Account, language: str
) -> None:
    known = sign_in(client, password="salah sama sekali").replace(NIK, "")
    unknown = sign_in(client, nik=OTHER_NIK, password="salah sama sekali").replace(OTHER_NIK, "")

    assert WORDS["refused"][language] in known
    assert without_token(known) == without_token(unknown)


def without_token(page: str) -> list[str]:
    return [part for part in page.split('name="csrfmiddlewaretoken" value="')][:1] + [
        part[64:] for part in page.split('name="csrfmiddlewaretoken" value="')[1:]
    ]


def test_sign_in_too_many_tries_says_so_for_known_and_unknown(
    client: Client, account: Account, language: str
) -> None:
    for nik in (NIK, OTHER_NIK):
        for _ in range(5):
            sign_in(client, nik=nik, password="salah sama sekali")
        response = client.post("/masuk/", {"nik": nik, "password": PASSWORD})
        assert response.status_code == 429
        assert WORDS["many"][language] in response.content.decode()


def test_sign_in_changes_the_session_key(client: Client, account: Account) -> None:
    client.post("/masuk/passkey/mulai/")
    planted = client.session.session_key

    sign_in(client)

    assert client.session.session_key != planted
    assert not Client(cookies={settings.SESSION_COOKIE_NAME: planted}).session.get("_auth_user_id")


def test_sign_in_with_app_code(client: Client, account: Account) -> None:
    secret = add_app(account)

    assert sign_in(client, next="/akun/") == "/masuk/kode/"
    assert signed_in_as(client) is None
    before = client.session.session_key
    response = client.post("/masuk/kode/", {"code": app_code(secret)})

    assert response.headers["Location"] == "/akun/"
    assert signed_in_as(client) == str(account.id)
    assert client.session.session_key != before
    assert "identity.pending" not in client.session


def test_sign_in_between_the_steps_opens_nothing(client: Client, account: Account) -> None:
    add_app(account)
    sign_in(client)

    assert client.get("/akun/").headers["Location"].startswith("/masuk/")


def test_code_page_wrong_code_stays_and_says_so(client: Client, account: Account, language: str) -> None:
    add_app(account)
    sign_in(client)

    response = client.post("/masuk/kode/", {"code": "000000"})

    assert response.status_code == 403
    assert WORDS["code"][language] in response.content.decode()


def test_code_page_replayed_code_is_refused(client: Client, account: Account) -> None:
    secret = add_app(account)
    code = app_code(secret)
    other = Client()
    sign_in(client)
    sign_in(other)
    client.post("/masuk/kode/", {"code": code})

    assert other.post("/masuk/kode/", {"code": code}).status_code == 403
    assert signed_in_as(other) is None


def test_code_page_too_late_begins_again(client: Client, account: Account, language: str) -> None:
    secret = add_app(account)
    sign_in(client)

    with clock.freeze(clock.now() + timedelta(minutes=11)):
        response = client.post("/masuk/kode/", {"code": app_code(secret)})

    assert response.status_code == 410
    assert WORDS["expired"][language] in response.content.decode()
    assert Client().get("/masuk/kode/").headers["Location"] == "/masuk/"


def test_session_holds_no_nik_password_or_secret(client: Client, account: Account) -> None:
    secret = add_app(account)
    sign_in(client)
    client.get("/masuk/kode/")
    kept = json.dumps(dict(client.session.items()))

    assert not [word for word in (NIK, PASSWORD, secret) if word in kept]


@pytest.fixture
def device(account: Account) -> SoftwareAuthenticator:
    """A device whose passkey Siti's account knows."""
    device = SoftwareAuthenticator(origin=passkeys.origin())
    ceremony = passkeys.passkey_registration_begin(account.id, name="Siti")
    credential = passkeys.passkey_registration_check(ceremony.state, answer=device.create(ceremony.options))
    accounts.passkey_add(account, name="ponsel", credential=credential, by=SETUP)
    return device


def test_passkey_signs_in_and_its_answer_works_once(
    client: Client, device: SoftwareAuthenticator, account: Account
) -> None:
    options = client.post("/masuk/passkey/mulai/").json()
    answer = {"answer": json.dumps(device.get(options)), "next": "/akun/"}

    assert client.post("/masuk/passkey/", answer).headers["Location"] == "/akun/"
    assert signed_in_as(client) == str(account.id)
    client.post("/keluar/")
    client.post("/masuk/passkey/mulai/")
    assert client.post("/masuk/passkey/", answer).status_code == 403


def test_passkey_from_another_origin_is_refused(client: Client, device: SoftwareAuthenticator) -> None:
    device.origin = "http://evil.example"
    options = client.post("/masuk/passkey/mulai/").json()

    response = client.post("/masuk/passkey/", {"answer": json.dumps(device.get(options))})

    assert response.status_code == 403
    assert signed_in_as(client) is None


@pytest.mark.parametrize("answer", ["", "no json", "[]", "null", '{"id": 1}', "x" * 30_000])
def test_passkey_garbage_is_a_clear_refusal(client: Client, answer: str) -> None:
    client.post("/masuk/passkey/mulai/")

    response = client.post("/masuk/passkey/", {"answer": answer})

    assert response.status_code == 403
    assert "Kunci sandi tidak diterima." in response.content.decode()


def test_passkey_opens_a_locked_account(client: Client, device: SoftwareAuthenticator) -> None:
    for _ in range(6):
        sign_in(client, password="salah sama sekali")
    options = client.post("/masuk/passkey/mulai/").json()

    assert client.post("/masuk/passkey/", {"answer": json.dumps(device.get(options))}).status_code == 302


def test_sign_out_by_a_mere_link_only_asks(client: Client, account: Account) -> None:
    sign_in(client)

    client.get("/keluar/")
    assert signed_in_as(client)
    client.post("/keluar/")

    assert signed_in_as(client) is None
    assert SignIn.objects.filter(ended_at__isnull=False).count() == 1


def test_sign_in_without_csrf_token_is_refused(account: Account) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/masuk/", {"nik": NIK, "password": PASSWORD}).status_code == 403


def test_signed_in_person_is_sent_on_from_the_sign_in_page(client: Client, account: Account) -> None:
    sign_in(client)

    assert client.get("/masuk/?next=/akun/").headers["Location"] == "/akun/"
