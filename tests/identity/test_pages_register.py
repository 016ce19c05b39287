"""The pages of making an account."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.test import Client

from terpadu.identity.models import Account
from terpadu.identity.services import passkeys
from tests.identity.conftest import NIK, OTHER_NIK, PASSWORD, SHORT_PASSWORD, FakeRegistry, app_code
from tests.identity.software_authenticator import SoftwareAuthenticator

pytestmark = pytest.mark.django_db

PARTICULARS = {
    "nik": NIK,
    "name": "siti rahmawati",
    "birth_on_day": "14",
    "birth_on_month": "6",
    "birth_on_year": "1992",
}
SAME = {
    "id": "Akun tidak bisa dibuat dengan data ini.",
    "en": "We could not make an account with these data.",
}
LATER = {
    "id": "Register kependudukan sedang tidak menjawab.",
    "en": "The population registry does not answer",
}


@pytest.fixture(params=["id", "en"])
def language(request: pytest.FixtureRequest, client: Client) -> str:
    """The language of the browser."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = request.param
    return str(request.param)


def to_factor_page(client: Client, *, password: str = SHORT_PASSWORD) -> str:
    """Walk to the third page and return it."""
    assert client.post("/daftar/", PARTICULARS).headers["Location"] == "/daftar/sandi/"
    answer = client.post("/daftar/sandi/", {"password": password, "again": password})
    assert answer.headers["Location"] == "/daftar/pengaman/"
    return client.get("/daftar/pengaman/").content.decode()


def secret_in(page: str) -> str:
    found = re.search(r'<b class="num">([A-Z2-7 ]+)</b>', page)
    assert found
    return found[1].replace(" ", "")


def test_register_with_app_without_javascript(client: Client, registry: FakeRegistry) -> None:
    page = to_factor_page(client)
    assert "<svg" in page

    response = client.post("/daftar/pengaman/", {"code": app_code(secret_in(page))}, follow=True)

    codes = re.findall(r"<b>(\d{5} \d{5})</b>", response.content.decode())
    assert response.redirect_chain == [("/akun/kode-pemulihan/", 302)]
    assert len(set(codes)) == 10
    assert client.session["_auth_user_id"] == str(Account.objects.get().id)


def test_register_with_passkey(client: Client, registry: FakeRegistry) -> None:
    to_factor_page(client)
    device = SoftwareAuthenticator(origin=passkeys.origin())
    options = client.post("/daftar/passkey/mulai/").json()

    response = client.post("/daftar/passkey/", {"answer": json.dumps(device.create(options))})

    assert response.headers["Location"] == "/akun/kode-pemulihan/"


def test_register_with_refused_passkey_returns_to_the_choice(client: Client, registry: FakeRegistry) -> None:
    to_factor_page(client)
    device = SoftwareAuthenticator(origin="http://evil.example")
    options = client.post("/daftar/passkey/mulai/").json()

    response = client.post("/daftar/passkey/", {"answer": json.dumps(device.create(options))}, follow=True)

    assert "Kunci sandi tidak diterima." in response.content.decode()
    assert not Account.objects.exists()


def test_register_long_password_may_stay_alone(client: Client, registry: FakeRegistry) -> None:
    assert 'name="alone"' in to_factor_page(client, password=PASSWORD)

    assert client.post("/daftar/pengaman/", {"alone": "1"}).headers["Location"] == "/akun/"


def test_register_short_password_may_not_stay_alone(client: Client, registry: FakeRegistry) -> None:
    assert 'name="alone"' not in to_factor_page(client)

    assert client.post("/daftar/pengaman/", {"alone": "1"}).status_code == 409
    assert not Account.objects.exists()


def test_register_unconfirmed_and_taken_look_alike_and_keep_what_was_typed(
    client: Client, registry: FakeRegistry, account: Account, language: str
) -> None:
    taken = client.post("/daftar/", PARTICULARS)
    unknown = client.post("/daftar/", {**PARTICULARS, "nik": OTHER_NIK})
    other_day = client.post("/daftar/", {**PARTICULARS, "birth_on_day": "15"})

    for response in (taken, unknown, other_day):
        page = response.content.decode()
        assert response.status_code == 422
        assert SAME[language] in page
        assert 'value="siti rahmawati"' in page
        assert 'value="1992"' in page


def test_register_registry_down_says_later_and_keeps_what_was_typed(
    client: Client, registry: FakeRegistry, language: str
) -> None:
    registry.is_down = True

    response = client.post("/daftar/", PARTICULARS)

    page = response.content.decode()
    assert response.status_code == 503
    assert LATER[language] in page
    assert f'value="{NIK}"' in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nik": "3671011508950000"}, "Empat angka terakhir NIK tidak boleh 0000."),
        ({"nik": "123"}, "NIK terdiri atas tepat 16 angka."),
        ({"birth_on_year": "2090"}, "Tanggal lahir tidak boleh di masa depan."),
        ({"birth_on_day": "31"}, "birth_on"),
        ({"name": ""}, 'href="#id_name"'),
        ({"name": "x" * 61}, 'href="#id_name"'),
    ],
)
def test_register_bad_field_is_named(
    client: Client, registry: FakeRegistry, change: dict[str, str], words: str
) -> None:
    page = client.post("/daftar/", {**PARTICULARS, **change}).content.decode()

    assert words in page
    assert registry.asked == 0


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("pendek1", "pendek1", "Gunakan paling sedikit 8 karakter."),
        ("password123", "password123", "mudah ditebak"),
        ("siti rahmawati 1992", "siti rahmawati 1992", "Jangan gunakan nama"),
        (SHORT_PASSWORD, PASSWORD, "Kedua kata sandi berbeda."),
    ],
)
def test_register_bad_password_is_explained(
    client: Client, registry: FakeRegistry, password: str, again: str, words: str
) -> None:
    client.post("/daftar/", PARTICULARS)

    assert words in client.post("/daftar/sandi/", {"password": password, "again": again}).content.decode()


@pytest.mark.parametrize("address", ["/daftar/sandi/", "/daftar/pengaman/"])
def test_register_later_page_without_the_first_begins_again(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 410
    assert "Pendaftaran ini sudah kedaluwarsa." in response.content.decode()


def test_register_another_browser_cannot_go_on(client: Client, registry: FakeRegistry) -> None:
    client.post("/daftar/", PARTICULARS)

    assert Client().get("/daftar/sandi/").status_code == 410


def test_register_keeps_the_nik_out_of_addresses_and_session(client: Client, registry: FakeRegistry) -> None:
    response = client.post("/daftar/", PARTICULARS)

    assert NIK not in response.headers["Location"]
    assert NIK not in json.dumps(dict(client.session.items()))
