"""A person's way through the provider in a real browser: sign in, agree, arrive at the application, and again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import Settings

from terpadu.directory.public import AgencyView
from terpadu.identity.enums import SignalKind, SignInMethod
from terpadu.identity.models import Account, Client
from terpadu.identity.policies.provider import OPERATORS
from terpadu.identity.selectors.reference import abuse_limits
from terpadu.identity.services import locks
from terpadu.identity.services.provider import keys
from tests.identity.conftest import NIK, PASSWORD, SETUP, make_platform
from tests.identity.operator.conftest import Operator, make_operator
from tests.identity.operator.test_abuse import history, many_accounts
from tests.identity.people import BUDI_NIK, RINA_NIK
from tests.identity.provider.agency_server import serving
from tests.identity.provider.conftest import MakeParty, sign_in
from tests.identity.provider.party import Party
from tests.identity.test_browser import press

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"
PICTURES = os.environ.get("PROVIDER_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # playwright keeps a loop in this thread; Django runs in others
    )
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


LEFT: list[str] = []
"""Addresses by which the application was asked to sign somebody out."""


@pytest.fixture
def application() -> Iterator[str]:
    """The agency's application on another port: says that the person has arrived; its own page signs out, nothing else does."""
    LEFT.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_over = self.path.startswith("/keluar?")
            if is_over:
                LEFT.append(self.path)
            known = "application=in" in self.headers.get("Cookie", "") and not is_over
            body = b"<!doctype html><title>x</title><h1>%s</h1>" % (b"Sampai lagi" if known else b"Sampai")
            self.send_response(200)
            if is_over or self.path.startswith("/balik"):  # and not at the browser's own look for an icon
                self.send_header("Set-Cookie", f"application={'out' if is_over else 'in'}; Path=/; HttpOnly")
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving(Handler) as port:
        yield f"http://localhost:{port}/balik"


def start(party: Party, address: str, application: str, **changes: str) -> str:
    """Return the address to which the application sends a person."""
    request_uri = party.push(redirect_uri=application, **changes)
    return f"{address}/oidc/authorize?{urlencode({'client_id': party.client_id, 'request_uri': request_uri})}"


def fill_in(page: Page) -> None:
    page.fill("[name=nik]", NIK)
    page.fill("[name=password]", PASSWORD)
    press(page.get_by_role("main").get_by_role("button", name="Masuk", exact=True))


def picture(page: Page, name: str) -> None:
    if not PICTURES:
        return
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def faults(page: Page) -> list[str]:
    return [found["id"] for found in Axe().run(page).response["violations"]]


def test_person_signs_in_agrees_and_arrives_and_the_second_time_without_asking(
    chromium: Browser, address: str, application: str, make_party: MakeParty, account: Account
) -> None:
    leave = application.replace("/balik", "/keluar")
    party = make_party(redirect_uris=(application,), frontchannel_logout_uri=leave)
    context = chromium.new_context(locale="id-ID", viewport={"width": 360, "height": 760})
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Security Policy" in said.text else None)

    page.goto(start(party, address, application, scope="openid profile nik"))
    fill_in(page)
    assert "Lanjut ke Antrean Dukcapil?" in page.inner_text("h1")
    assert faults(page) == []
    page.get_by_label("NIK Anda").check()
    press(page.get_by_role("button", name="Setuju dan lanjutkan"))
    page.wait_for_url(f"{application}?code=*")

    context.clear_cookies()
    page.goto(start(party, address, application, scope="openid profile nik"))
    fill_in(page)
    page.wait_for_url(f"{application}?code=*")

    assert page.inner_text("h1") == "Sampai"
    page.goto(application)
    assert page.inner_text("h1") == "Sampai lagi"
    _sign_out_of_both(page, address, application)
    assert refused == []
    context.close()


def _sign_out_of_both(page: Page, address: str, application: str) -> None:
    """Sign out at the platform alone: the application, which has no back-channel, is signed out too."""
    page.goto(f"{address}/keluar/")
    press(page.get_by_role("main").get_by_role("button", name="Keluar"))
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "signed_out-id")
    page.goto(application)
    assert page.inner_text("h1") == "Sampai"
    assert len(LEFT) == 1
    assert {"iss", "sid"} == set(parse_qs(urlsplit(LEFT[0]).query))


@pytest.mark.parametrize("language", ["id", "en"])
def test_pages_are_accessible_and_fit_a_phone(
    chromium: Browser, address: str, application: str, make_party: MakeParty, account: Account, language: str
) -> None:
    party = make_party(redirect_uris=(application,), description="Ambil nomor antrean dari rumah.")
    kiosk = make_party(kind="device", redirect_uris=(), grant_types=())
    begun = kiosk.post("device", {"scope": "openid profile"}).json()
    store = sign_in(account, SignInMethod.TOTP).cookies["session"].value
    context = chromium.new_context(viewport={"width": 360, "height": 760})
    for name, value in (("session", store), ("language", language)):
        context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    share = '[{"type":"data_share","datatypes":["kartu keluarga"],"purpose":"Mengisi formulir","legal_basis":"UU 24/2013"}]'
    asked = {"scope": "openid profile nik", "authorization_details": share, "ui_locales": language}
    visits = {
        "consent": start(party, address, application, **asked),
        "step_up": start(party, address, application, acr_values="loa3", ui_locales=language),
        "logout": f"{address}/oidc/logout?client_id={party.client_id}",
        "broken": f"{address}/oidc/authorize?client_id=x",
        "device": f"{address}/perangkat/?user_code={begun['user_code']}",
    }
    for name, url in visits.items():
        page.goto(url)
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        picture(page, f"{name}-{language}")
        page.set_viewport_size({"width": 360, "height": 760})
    press(page.get_by_role("main").get_by_role("button"))
    assert faults(page) == []
    picture(page, f"device_consent-{language}")
    press(page.get_by_role("main").get_by_role("button").first)
    picture(page, f"device_done-{language}")
    context.close()


OPERATOR_PAGES = {
    "queue": "",
    "clients": "aplikasi/",
    "client": "aplikasi/antrean/",
    "hosts": "alamat/disdukcapil.36.71/",
    "keys": "kunci/",
    "abuse": "penyalahgunaan/",
    "locks": "penguncian/",
    "audit": "audit/?about_kind=client",
}


def seed_operation(make_party: MakeParty, account: Account, agency: AgencyView, places: Path) -> Operator:
    """Make something for each of the operator's pages to show; return an operator."""
    make_party(client_id="antrean")
    make_party(client_id="lama", plain=True, name="Program lama", name_en="Old program")
    made = make_party(client_id="baru", name="Perizinan usaha", name_en="Business licences")
    Client.objects.filter(client_id=made.client_id).update(stage="requested")
    keys.key_ring()
    keys.keys_rotate_by_hand(is_urgent=True, by=SETUP)
    dian = make_operator(BUDI_NIK, "Dian Anggraini", OPERATORS[0], make_platform())
    nadia = make_operator(RINA_NIK, "Nadia Putri", OPERATORS[1], agency)
    accounts = many_accounts(abuse_limits().sharing.accounts)
    for one in accounts:
        history(one, "192.0.2.77", "signed_in", ago_minutes=40)
    for one in accounts[: abuse_limits().stuffing.accounts]:
        history(one, "192.0.2.66", "wrong_password", ago_minutes=30)
    history(accounts[0], "192.0.2.66", "signed_in", ago_minutes=20)
    places.write_text(
        "network,latitude,longitude,place\n198.51.100.0/24,-2.53,140.7,Jayapura\n192.0.2.0/24,-6.18,106.63,Tangerang\n"
    )
    history(accounts[1], "198.51.100.9", "signed_in", ago_minutes=10)
    lock_id = locks.lock_ask(
        accounts[0].person_id,
        reason="Terbuka sesudah 10 percobaan",
        by=nadia.actor,
        signal=SignalKind.STUFFING,
    )
    locks.lock_confirm(lock_id, by=dian.actor)
    locks.lock_ask(
        accounts[1].person_id,
        reason="Tangerang dan Jayapura dalam sepuluh menit",
        by=nadia.actor,
        signal=SignalKind.TRAVEL,
    )
    return dian


@pytest.mark.parametrize("language", ["id", *(["en"] if PICTURES else [])])
def test_operator_pages_are_accessible_and_fit_a_phone(
    chromium: Browser,
    address: str,
    make_party: MakeParty,
    account: Account,
    agency: AgencyView,
    settings: Settings,
    tmp_path: Path,
    language: str,
) -> None:
    settings.NETWORK_PLACES = str(tmp_path / "places.csv")
    dian = seed_operation(make_party, account, agency, tmp_path / "places.csv")
    context = chromium.new_context(viewport={"width": 360, "height": 760})
    for name, value in (("session", dian.browser.cookies["session"].value), ("language", language)):
        context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    for name, path in OPERATOR_PAGES.items():
        page.goto(f"{address}/operator/identitas/{path}")
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        picture(page, f"operator_{name}-{language}")
        page.set_viewport_size({"width": 360, "height": 760})
    context.close()
