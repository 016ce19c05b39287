"""One person's way in a real browser: register, passkey, step-up, another screen, a mandate, a lost phone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django import Settings

from terpadu.directory.public import PositionView
from terpadu.identity.models import Account
from tests.identity.conftest import NIK, PASSWORD, SHORT_PASSWORD, FakeRegistry
from tests.identity.people import BUDI_NIK, DEWI_NIK, RINA_NIK, officer, person
from tests.identity.test_browser import CHROMIUM, press, register, sign_out

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("TERPADU_PERSON_PICTURES", "")
SIZES = (360, 1280)
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps a loop in this thread
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def address(address: str, settings: Settings, registry: FakeRegistry) -> str:
    """Where the platform runs, with the pages that need a stronger sign-in."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.identity.pages_urls"
    return address


def window(browser: Browser, *, javascript: bool = True, lang: str = "id") -> Page:
    """Open a phone's browser of its own."""
    context = browser.new_context(
        viewport={"width": 360, "height": 760}, locale=lang, java_script_enabled=javascript
    )
    return context.new_page()


def look(page: Page, name: str) -> None:
    """Check a page's accessibility and width; keep its pictures in both languages when asked."""
    found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]
    assert found == [], f"{name}: {found}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    if PICTURES:
        _picture(page.context, page, name)


def _picture(context: BrowserContext, page: Page, name: str) -> None:
    for size in SIZES:
        page.set_viewport_size({"width": size, "height": 800})
        page.screenshot(path=Path(PICTURES) / f"{name}-{size}.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 760})


def enter(page: Page, address: str, nik: str, *, password: str = PASSWORD) -> None:
    """Sign in with NIK and password."""
    page.goto(f"{address}/masuk/")
    page.fill("[name=nik]", nik)
    page.fill("[name=password]", password)
    press(page.get_by_role("main").get_by_role("button", name="Masuk", exact=True))


@pytest.fixture
def people(operator: PositionView) -> None:
    """A neighbour with one name, and two officers of a counter."""
    person(DEWI_NIK, "Dewi", date(1985, 1, 1), "P")
    for nik, name in ((BUDI_NIK, "Budi Santoso"), (RINA_NIK, "Rina Wijaya")):
        officer(person(nik, name, date(1988, 5, 17)), operator)


@pytest.mark.usefixtures("people", "services")
def test_story_of_one_account_from_registration_to_a_lost_phone(browser: Browser, address: str) -> None:
    siti = window(browser)
    devices = siti.context.new_cdp_session(siti)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "isUserVerified": True}})
    register(siti, address, password=SHORT_PASSWORD)
    siti.get_by_role("button", name="Buat kunci sandi (passkey)").click()
    siti.wait_for_url(f"{address}/akun/kode-pemulihan/")
    codes = re.findall(r"\d{5} \d{5}", siti.inner_text("main"))
    person_id = Account.objects.get(person__name="Siti Rahmawati").person_id

    _one_tap_with_the_passkey(siti, address)
    _step_up(siti, address, code=codes[0])
    _another_screen(browser, siti, address)
    _mandate(browser, siti, address)
    _lost_phone(browser, address)

    assert Account.objects.get(person__name="Siti Rahmawati").person_id == person_id


def _one_tap_with_the_passkey(siti: Page, address: str) -> None:
    """One tap on the page; the second is the finger on the phone's own question."""
    sign_out(siti, address)
    siti.goto(f"{address}/masuk/?next=/akun/")
    look(siti, "sign-in")
    siti.get_by_role("button", name="Masuk dengan kunci sandi (passkey)").click()
    siti.wait_for_url(f"{address}/akun/")
    look(siti, "account")
    for path, name in (
        ("bukti-diri/", "proofing"),
        ("pemulihan/", "recovery"),
        ("hak-data/", "rights"),
        ("layanan/", "parties"),
    ):
        siti.goto(f"{address}/akun/{path}")
        look(siti, name)


def _step_up(siti: Page, address: str, *, code: str) -> None:
    sign_out(siti, address)
    enter(siti, address, NIK, password=SHORT_PASSWORD)
    siti.fill("[name=code]", code)
    press(siti.get_by_role("button", name="Lanjutkan"))
    siti.goto(f"{address}/uji/terkuat/")
    assert siti.url.endswith("/masuk/tingkat/")
    look(siti, "step-up")
    siti.get_by_role("button", name="Gunakan kunci sandi (passkey)").click()
    siti.wait_for_url(f"{address}/uji/terkuat/")


def _another_screen(browser: Browser, siti: Page, address: str) -> None:
    screen = window(browser)
    screen.goto(f"{address}/masuk/?next=/permohonan/")
    press(screen.get_by_role("button", name="Bukan perangkat Anda? Masuk dengan ponsel"))
    look(screen, "screen")
    number = screen.inner_text(".kpi b")
    code = re.search(r"[A-Z0-9]{5} [A-Z0-9]{5}", screen.inner_text("main"))
    assert code
    siti.goto(f"{address}/setuju/")
    siti.fill("[name=code]", code[0])
    press(siti.get_by_role("main").get_by_role("button", name="Lanjutkan"))
    look(siti, "agree")
    press(siti.get_by_role("button", name=number, exact=True))
    screen.wait_for_url(f"{address}/permohonan/")
    screen.context.close()


def _mandate(browser: Browser, siti: Page, address: str) -> None:
    siti.goto(f"{address}/akun/wakil/beri/")
    look(siti, "mandate-give")
    siti.fill("[name=actor_name]", "Dewi")
    siti.get_by_label("Kartu Identitas Anak").check()
    for part, value in (("day", "1"), ("month", "6"), ("year", str(date.today().year + 1))):
        siti.fill(f"[name=until_{part}]", value)
    press(siti.get_by_role("main").get_by_role("button", name="Buat kode"))
    look(siti, "mandate-code")
    code = siti.inner_text(".kpi b")
    dewi = window(browser, javascript=False)
    enter(dewi, address, DEWI_NIK)
    dewi.goto(f"{address}/akun/wakil/terima/")
    dewi.fill("[name=code]", code)
    press(dewi.get_by_role("main").get_by_role("button", name="Terima"))
    press(dewi.get_by_role("button", name="Bertindak untuk Siti Rahmawati"))
    assert "Dewi, Anda bertindak untuk Siti Rahmawati" in dewi.inner_text("header")
    press(dewi.get_by_role("button", name="Berhenti"))
    assert "bertindak untuk" not in dewi.inner_text("header")
    dewi.context.close()
    siti.goto(f"{address}/akun/wakil/")
    look(siti, "mandates")
    siti.context.close()


def _lost_phone(browser: Browser, address: str) -> None:
    budi, rina = window(browser), window(browser)
    enter(budi, address, BUDI_NIK)
    budi.goto(f"{address}/petugas/loket/")
    look(budi, "counter")
    budi.goto(f"{address}/petugas/loket/pemulihan/")
    look(budi, "counter-recovery")
    budi.fill("[name=nik]", NIK)
    budi.get_by_label("KTP-el", exact=True).check()
    budi.fill("[name=reason]", "Ponsel hilang di pasar")
    budi.get_by_label("Orangnya kini ada di depan saya.").check()
    press(budi.get_by_role("main").get_by_role("button", name="Mulai pemulihan"))
    enter(rina, address, RINA_NIK)
    rina.goto(f"{address}/petugas/loket/pemulihan/")
    press(rina.get_by_role("link", name="Siti Rahmawati"))
    look(rina, "counter-second")
    rina.get_by_label("Orang dan buktinya kini ada di depan saya juga.").check()
    press(rina.get_by_role("button", name="Setujui dan buat kode"))
    look(rina, "counter-code")
    code = rina.inner_text(".kpi b")
    fresh = window(browser, javascript=False)
    fresh.goto(f"{address}/masuk/pulih/")
    fresh.fill("[name=code]", code)
    for field in ("password", "again"):
        fresh.fill(f"[name={field}]", "kata baru sesudah hilang")
    press(fresh.get_by_role("main").get_by_role("button", name="Lanjutkan"))
    assert fresh.url.endswith("/akun/")
    assert "Anda sudah kembali" in fresh.inner_text("main")
