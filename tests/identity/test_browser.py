"""The passkey ceremony in a real browser with a virtual authenticator; the rest without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from terpadu.identity.models import Account
from tests.identity.conftest import NIK, PASSWORD, SHORT_PASSWORD, FakeRegistry, app_code

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # playwright keeps a loop in this thread; Django runs in others
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def address(address: str, registry: FakeRegistry) -> str:
    """Where the platform runs, with a registry; passkeys are bound to this origin."""
    return address


def press(button: Locator) -> None:
    """Press what leads to another page, and wait for that page."""
    with button.page.expect_navigation():
        button.click()


def register(page: Page, address: str, *, password: str) -> None:
    page.goto(f"{address}/daftar/")
    typed = {"nik": NIK, "name": "siti rahmawati", "birth_on_day": "14", "birth_on_month": "6"}
    for name, text in {**typed, "birth_on_year": "1992"}.items():
        page.fill(f"[name={name}]", text)
    press(page.get_by_role("button", name="Lanjutkan"))
    for name in ("password", "again"):
        page.fill(f"[name={name}]", password)
    press(page.get_by_role("button", name="Lanjutkan"))


def sign_out(page: Page, address: str) -> None:
    page.goto(f"{address}/keluar/")
    press(page.get_by_role("main").get_by_role("button", name="Keluar"))


def test_passkey_registers_and_signs_in(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 760}, locale="id-ID")
    page = context.new_page()
    refused: list[str] = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None
    )
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, "isUserVerified": True}})

    register(page, address, password=SHORT_PASSWORD)
    page.get_by_role("button", name="Buat kunci sandi (passkey)").click()
    page.wait_for_url(f"{address}/akun/kode-pemulihan/")
    assert len(re.findall(r"\d{5} \d{5}", page.inner_text("main"))) == 10
    sign_out(page, address)
    page.goto(f"{address}/masuk/?next=/akun/")
    page.get_by_role("button", name="Masuk dengan kunci sandi (passkey)").click()
    page.wait_for_url(f"{address}/akun/")

    assert "Siti Rahmawati" in page.inner_text("main")
    assert refused == []
    context.close()


def test_everything_but_passkeys_works_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="id-ID", java_script_enabled=False)
    page = context.new_page()

    register(page, address, password=PASSWORD)
    assert not page.get_by_role("button", name="Buat kunci sandi (passkey)").is_visible()
    secret = page.inner_text("li b.num").replace(" ", "")
    page.fill("[name=code]", app_code(secret))
    press(page.get_by_role("button", name="Lanjutkan"))
    codes = re.findall(r"\d{5} \d{5}", page.inner_text("main"))
    sign_out(page, address)
    page.goto(f"{address}/masuk/")
    page.fill("[name=nik]", NIK)
    page.fill("[name=password]", PASSWORD)
    press(page.get_by_role("main").get_by_role("button", name="Masuk", exact=True))
    page.fill("[name=code]", codes[0])
    press(page.get_by_role("button", name="Lanjutkan"))
    page.goto(f"{address}/akun/")

    assert "9 dari 10 belum dipakai" in page.inner_text("main")
    assert Account.objects.count() == 1
    context.close()
