"""A citizen, a manager and the national team walk through the inventory in a real browser; every page is checked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from terpadu.kernel.actors import Actor
from terpadu.portfolio.models import Application
from terpadu.portfolio.services.summaries import summaries_refresh
from tests.portfolio.conftest import ACTOR_HEADER, CITY, Country, csv_bytes, import_list, xlsx_bytes

pytestmark = [pytest.mark.e2e]
CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), "")
SHOTS = os.environ.get("PORTFOLIO_SHOTS", "")
HEAD = [
    "Instansi",
    "ID Aplikasi",
    "Nama Aplikasi",
    "Fungsi",
    "Status",
    "RAB",
    "Biaya 2025",
    "Tahun",
    "Server",
]
ROWS = [
    ["Kota Contoh", "A1", "Sistem Informasi Kepegawaian", "Mengelola mutasi pegawai", "Aktif", "RAB.09.06", "Rp1,2 M", "2021", "Rak 7"],
    ["Kota Contoh", "A2", "Parkir Daring", "Memungut retribusi parkir", "Tidak aktif", "RAB.09.02", "", "2019", ""],
    ["Kementerian Contoh", "M1", "Arsip Digital", "Menyimpan arsip", "Aktif", "", "Rp300 jt", "2023", ""],
]  # fmt: skip


@pytest.fixture(autouse=True)
def _browser_beside_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test read the database while the browser's event loop lives in the same thread."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def address(actor_from_header: None, transactional_db: None, country: Country) -> Iterator[str]:
    """Serve the pages over an inventory of three records."""
    import_list(csv_bytes(ROWS, head=HEAD), agency_code="")
    summaries_refresh()
    server = LiveServer("localhost")
    yield server.url
    server.stop()


class Walker:
    """One person at a phone or a desk, in one language."""

    def __init__(
        self, browser: Browser, url: str, *, actor: Actor | None, lang: str = "en", width: int = 360
    ) -> None:
        headers = {ACTOR_HEADER: str(actor.person_id)} if actor else {}
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=lang, extra_http_headers=headers
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.url = url
        self.name = f"{width}-{lang}"

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path)

    def tap(self, name: str) -> None:
        exact = re.compile(f"^{re.escape(name)}")
        target = self.page.get_by_role("button", name=exact).or_(self.page.get_by_role("link", name=exact))
        target.first.click()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(state="visible")

    def look(self, name: str) -> None:
        """Check accessibility and sideways scrolling; take the picture when asked."""
        self.page.wait_for_load_state()
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}-{self.name}.png", full_page=True)
        results = Axe().run(self.page)
        found = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in results.response["violations"]]
        assert found == [], f"{name}: {found}"
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wider) <= 0, f"{name} scrolls sideways"


def test_citizen_finds_an_application_and_sees_nothing_confidential(browser: Browser, address: str) -> None:
    citizen = Walker(browser, address, actor=None)
    citizen.goto("/portofolio/")
    citizen.look("overview")
    citizen.page.get_by_role("searchbox", name="Search an application").fill("pegawai")
    citizen.page.get_by_role("search").get_by_role("button", name="Search").click()
    citizen.look("search")
    citizen.tap("Sistem Informasi Kepegawaian")
    citizen.sees("Mengelola mutasi pegawai")
    citizen.look("record")
    assert "Rak 7" not in citizen.page.content()
    reader = Walker(browser, address, actor=None, lang="id", width=1280)
    for name, path in (
        ("agencies", "/portofolio/instansi/"),
        ("agency", f"/portofolio/instansi/{CITY}/"),
        ("tree", "/portofolio/fungsi/?kode=RAB.09"),
        ("method", "/portofolio/metode/"),
        ("data", "/portofolio/data/"),
    ):
        reader.goto(path)
        reader.look(name)


def test_manager_sends_a_workbook_and_mends_a_record(
    browser: Browser, country: Country, address: str
) -> None:
    manager = Walker(browser, address, actor=country.manager)
    manager.goto("/portofolio/kerja/")
    manager.look("work")
    manager.tap("Send a list")
    manager.look("import-start")
    rows = [
        ["Daftar Aplikasi"],
        HEAD[1:4],
        ["A1", "Sistem Informasi Kepegawaian", "Mengelola mutasi"],
        ["A3", "Antrean", "Nomor"],
    ]
    book = {
        "name": "daftar.xlsx",
        "mimeType": "application/octet-stream",
        "buffer": xlsx_bytes(rows, merged=["A1:C1"]),
    }
    manager.page.set_input_files("input[type=file]", book)  # type: ignore[arg-type]  # Playwright's own shape
    manager.tap("Read the columns")
    manager.sees("What do the columns mean?")
    manager.look("import-columns")
    manager.tap("Confirm and make a dry run")
    manager.sees("Mengelola mutasi pegawai → Mengelola mutasi")
    manager.look("import-check")
    manager.tap("Write 2 records")
    manager.sees("The list is taken in")
    manager.look("import-done")

    code = Application.objects.get(local_id="A1").code
    manager.goto(f"/portofolio/aplikasi/{code}/")
    manager.sees("Rak 7")
    manager.look("record-internal")
    manager.tap("Mend this record")
    manager.look("edit")
    manager.page.get_by_label("Users counted").fill("1.250")
    manager.tap("Save")
    manager.sees("The record is saved.")
    assert Application.objects.get(local_id="A1").users_actual == 1250


def test_national_team_sees_what_the_country_spends_on(
    browser: Browser, country: Country, address: str
) -> None:
    national = Walker(browser, address, actor=country.national, width=1280)
    national.goto("/portofolio/")
    national.sees("View of the national team")
    national.sees("Dearest of the last three years")
    national.look("overview-national")
    with national.page.expect_download() as download:
        national.tap("Download the figures")
    assert "cost other,2025,1500000000" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    national.goto("/portofolio/cari/?biaya_dari=Rp1+M")
    national.sees("1 applications")
    national.tap("Sistem Informasi Kepegawaian")
    national.sees("Rp1.200.000.000")
