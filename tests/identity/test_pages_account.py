"""My account, officers' positions, and the one-tap sign-in of the demo."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from terpadu.directory import demo as directory_demo
from terpadu.directory.public import PositionView
from terpadu.identity import demo
from terpadu.identity.models import Account, SignIn
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.identity.selectors.accounts import methods_of
from terpadu.identity.services import accounts, passkeys
from terpadu.identity.services.demo_accounts import DEMO_PASSWORD
from terpadu.kernel import clock
from tests.identity.conftest import NAME, NIK, OTHER_NIK, PASSWORD, SETUP, app_code
from tests.identity.software_authenticator import SoftwareAuthenticator
from tests.identity.test_pages_sign_in import sign_in
from tests.identity.test_sign_in import add_app

pytestmark = pytest.mark.django_db

PAGES = ["", "sandi/", "aplikasi/", "aplikasi/hapus/", "passkey/", "passkey/1/", "passkey/1/hapus/"]
PAGES += ["kode-pemulihan/", "jabatan/"]


@pytest.fixture
def browser(client: Client, account: Account) -> Client:
    """A browser in which Siti is signed in."""
    sign_in(client)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_account_pages_ask_strangers_to_sign_in(client: Client, page: str) -> None:
    response = client.get(f"/akun/{page}")

    assert response.headers["Location"] == f"/masuk/?next=%2Fakun%2F{page.replace('/', '%2F')}"


def test_account_page_shows_own_data_with_a_masked_nik(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(9):
        page = browser.get("/akun/").content.decode()

    assert NAME in page
    assert NIK not in page
    assert "••••0003" in page


def test_account_page_is_kept_out_of_caches(browser: Client) -> None:
    assert "no-store" in browser.get("/akun/").headers["Cache-Control"]


@pytest.mark.parametrize("page", PAGES[1:8])
def test_account_changes_after_a_quarter_of_an_hour_ask_again(browser: Client, page: str) -> None:
    with clock.freeze(clock.now() + timedelta(minutes=16)):
        assert browser.get(f"/akun/{page}").headers["Location"].startswith("/masuk/ulang/?next=")


def test_confirm_with_password_changes_the_session_key_and_keeps_the_session_listed(browser: Client) -> None:
    before = browser.session.session_key

    with clock.freeze(clock.now() + timedelta(minutes=16)):
        response = browser.post("/masuk/ulang/", {"password": PASSWORD, "next": "/akun/sandi/"})
        assert response.headers["Location"] == "/akun/sandi/"
        assert browser.get("/akun/sandi/").status_code == 200

    assert browser.session.session_key != before
    assert SignIn.objects.get().session_key == browser.session.session_key


def test_confirm_wrong_password_is_refused(browser: Client) -> None:
    assert browser.post("/masuk/ulang/", {"password": "salah sama sekali"}).status_code == 403


def test_confirm_with_an_app_takes_its_code_and_not_the_password(browser: Client, account: Account) -> None:
    secret = add_app(account)

    assert browser.post("/masuk/ulang/", {"password": PASSWORD}).status_code == 200
    assert browser.post("/masuk/ulang/", {"code": app_code(secret), "next": "/akun/"}).status_code == 302


def test_confirm_with_the_passkey_of_another_account_is_refused(browser: Client) -> None:
    device = make_passkey(account_of_budi())
    options = browser.post("/masuk/passkey/mulai/").json()

    assert browser.post("/masuk/ulang/", {"answer": json.dumps(device.get(options))}).status_code == 403


def account_of_budi() -> Account:
    person = person_ensure(nik=OTHER_NIK, name="Budi", birth_on=date(1988, 5, 17), sex="L", by=SETUP)
    accounts.account_create(person, password=PASSWORD, by=SETUP)
    return Account.objects.select_related("person").get(person_id=person)


def make_passkey(account: Account) -> SoftwareAuthenticator:
    device = SoftwareAuthenticator(origin=passkeys.origin())
    ceremony = passkeys.passkey_registration_begin(account.id, name="x")
    credential = passkeys.passkey_registration_check(ceremony.state, answer=device.create(ceremony.options))
    accounts.passkey_add(account, name="ponsel", credential=credential, by=SETUP)
    return device


def test_passkey_of_somebody_else_does_not_exist(browser: Client) -> None:
    budi = account_of_budi()
    make_passkey(budi)
    (foreign,) = methods_of(budi).passkeys

    assert browser.get(f"/akun/passkey/{foreign.id}/").status_code == 404
    assert browser.post(f"/akun/passkey/{foreign.id}/", {"name": "mine"}).status_code == 404
    assert browser.post(f"/akun/passkey/{foreign.id}/hapus/").status_code == 404
    assert [key.name for key in methods_of(budi).passkeys] == ["ponsel"]


def test_passkey_is_added_renamed_and_removed_after_asking(browser: Client, account: Account) -> None:
    device = SoftwareAuthenticator(origin=passkeys.origin())
    options = browser.post("/akun/passkey/mulai/").json()
    answer = {"answer": json.dumps(device.create(options)), "name": "ponsel lama"}

    assert browser.post("/akun/passkey/", answer).headers["Location"] == "/akun/kode-pemulihan/"
    (key,) = methods_of(account).passkeys
    browser.post(f"/akun/passkey/{key.id}/", {"name": "ponsel baru"})
    assert "ponsel baru" in browser.get("/akun/").content.decode()
    assert browser.get(f"/akun/passkey/{key.id}/hapus/").status_code == 200
    assert methods_of(account).passkeys
    browser.post(f"/akun/passkey/{key.id}/hapus/")
    assert not methods_of(account).passkeys


def test_app_is_added_and_codes_are_shown_once(browser: Client, account: Account) -> None:
    page = browser.get("/akun/aplikasi/").content.decode()
    found = re.search(r'<b class="num">([A-Z2-7 ]+)</b>', page)
    assert found
    secret = found[1].replace(" ", "")
    assert secret not in json.dumps(dict(browser.session.items()))

    assert browser.post("/akun/aplikasi/", {"code": "000000"}).status_code == 403
    response = browser.post("/akun/aplikasi/", {"code": app_code(secret)}, follow=True)

    assert len(re.findall(r"<b>\d{5} \d{5}</b>", response.content.decode())) == 10
    with clock.freeze(clock.now() + timedelta(minutes=11)):
        assert not re.findall(r"<b>\d{5} \d{5}</b>", browser.get("/akun/kode-pemulihan/").content.decode())


def test_password_change_signs_other_devices_out_and_stays_here(browser: Client, account: Account) -> None:
    other = Client()
    sign_in(other)
    new = "kopi hitam tanpa gula"

    browser.post("/akun/sandi/", {"password": new, "again": new})

    assert browser.get("/akun/").status_code == 200
    assert other.get("/akun/").status_code == 302
    assert sign_in(Client(), password=new) == "/"


def test_other_sessions_end_one_by_one_or_all(browser: Client, account: Account) -> None:
    others = [Client(), Client()]
    for other in others:
        sign_in(other)
    first = SignIn.objects.get(session_key=others[0].session.session_key)

    browser.post("/akun/sesi/keluar/", {"session": str(first.id)})
    assert [other.get("/akun/").status_code for other in others] == [302, 200]
    browser.post("/akun/sesi/keluar/")

    assert others[1].get("/akun/").status_code == 302
    assert browser.get("/akun/").status_code == 200


def test_session_of_somebody_else_is_not_ended(browser: Client) -> None:
    account_of_budi()
    budi = Client()
    sign_in(budi, nik=OTHER_NIK)
    foreign = SignIn.objects.get(session_key=budi.session.session_key)

    browser.post("/akun/sesi/keluar/", {"session": str(foreign.id)})
    assert browser.post("/akun/sesi/keluar/", {"session": "no uuid"}).status_code == 404

    assert budi.get("/akun/").status_code == 200


@pytest.fixture
def with_test_pages(settings: Settings) -> None:
    """Add the pages of `pages_urls`, in demo mode."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.identity.pages_urls"


def appoint(person_id: UUID, *positions: PositionView) -> None:
    for position in positions:
        assignment_create(person_id=person_id, position_id=position.id, valid_from=date(2024, 1, 2), by=SETUP)


@pytest.mark.usefixtures("with_test_pages")
def test_officer_page_without_position_is_refused(browser: Client) -> None:
    response = browser.get("/uji/petugas/")

    assert response.status_code == 403
    assert "Halaman ini untuk petugas." in response.content.decode()


@pytest.mark.usefixtures("with_test_pages")
def test_officer_page_strangers_sign_in_first(client: Client) -> None:
    assert client.get("/uji/petugas/").headers["Location"] == "/masuk/?next=%2Fuji%2Fpetugas%2F"


@pytest.mark.usefixtures("with_test_pages")
def test_officer_page_with_one_position_acts_in_it(
    browser: Client, siti: UUID, operator: PositionView
) -> None:
    appoint(siti, operator)

    assert browser.get("/uji/petugas/").content.decode() == "officer disdukcapil.36.71 operator_siak"
    assert browser.get("/uji/kepala/").status_code == 403
    assert browser.get("/uji/warga/").content.decode() == "person"


@pytest.mark.usefixtures("with_test_pages")
def test_officer_page_with_several_positions_asks_which(
    browser: Client, siti: UUID, operator: PositionView, head: PositionView
) -> None:
    appoint(siti, operator, head)

    assert browser.get("/uji/petugas/").headers["Location"] == "/akun/jabatan/?next=%2Fuji%2Fpetugas%2F"
    assert browser.post("/akun/jabatan/", {"position": "x"}).status_code == 200
    chosen = {"position": str(head.id), "next": "/uji/petugas/"}
    assert browser.post("/akun/jabatan/", chosen).headers["Location"] == "/uji/petugas/"
    assert browser.get("/uji/petugas/").content.decode().endswith("kepala_dinas")
    assert browser.get("/uji/kepala/").content.decode() == "kepala_dinas"


@pytest.mark.usefixtures("with_test_pages")
def test_officer_page_after_the_assignment_has_ended_is_refused(
    browser: Client, siti: UUID, operator: PositionView
) -> None:
    assignment_create(
        person_id=siti,
        position_id=operator.id,
        valid_from=date(2024, 1, 2),
        valid_to=date(2025, 1, 1),
        by=SETUP,
    )

    assert browser.get("/uji/petugas/").status_code == 403


@pytest.mark.usefixtures("with_test_pages")
def test_demo_page_signs_in_with_one_tap(client: Client) -> None:
    directory_demo.seed()
    demo.seed()
    demo.seed()

    page = client.get("/demo/masuk/").content.decode()
    assert page.index("Siti Rahmawati") < page.index("Budi Santoso") < page.index("Hendra Wijaya")
    assert client.post("/demo/masuk/", {"persona": "budi"}).headers["Location"] == "/petugas/"
    assert client.get("/uji/petugas/").content.decode() == "officer disdukcapil.36.71 operator_siak"
    assert client.post("/demo/masuk/", {"persona": "siti"}).headers["Location"] == "/"
    assert client.post("/demo/masuk/", {"persona": "nobody"}).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/masuk/", {"persona": "siti"}).status_code == 403


@pytest.mark.usefixtures("with_test_pages")
def test_demo_accounts_sign_in_with_the_shown_password(client: Client) -> None:
    directory_demo.seed()
    demo.seed()

    assert sign_in(client, password=DEMO_PASSWORD) == "/"


WITHOUT_DEMO = """
import sys, django
django.setup()
from django.urls import Resolver404, resolve
try:
    resolve("/demo/masuk/")
except Resolver404:
    print("404", [name for name in sys.modules if name.startswith(("terpadu.identity.web.demo", "terpadu.identity.demo", "terpadu.identity.services.demo", "demo."))])
"""


def test_without_demo_mode_the_one_tap_sign_in_does_not_exist() -> None:
    env = {**os.environ, "TERPADU_DEMO": "", "DJANGO_SETTINGS_MODULE": "terpadu.config.settings"}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DEMO], env=env, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "404 []"
