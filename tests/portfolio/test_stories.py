"""A citizen, a manager and the national team walk through the inventory in a real browser; every page is checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from terpadu.portfolio.models import Application
from terpadu.portfolio.policies import MANAGER, NATIONAL_TEAM
from terpadu.portfolio.services.summaries import summaries_refresh
from tests.portfolio.conftest import CITY, MINISTRY, Country, csv_bytes, import_list, xlsx_bytes
from tests.portfolio.walkers import Walker, address, browser, person_of_the_story

__all__ = ["address", "browser"]

pytestmark = [pytest.mark.e2e]
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


@pytest.fixture
def site(address: str, country: Country) -> str:
    """Serve an inventory of three records to two people who sign in."""
    person_of_the_story("yoga", kind=MANAGER, agency=CITY)
    person_of_the_story("nadia", kind=NATIONAL_TEAM, agency=MINISTRY)
    import_list(csv_bytes(ROWS, head=HEAD), agency_code="")
    summaries_refresh()
    return address


def test_citizen_finds_an_application_and_sees_nothing_confidential(browser: Browser, site: str) -> None:
    citizen = Walker(browser, site)
    citizen.goto("/portofolio/")
    citizen.look("overview")
    citizen.page.get_by_role("searchbox", name="Search an application").fill("pegawai")
    with citizen.page.expect_navigation():
        citizen.page.get_by_role("search").get_by_role("button", name="Search").click()
    citizen.look("search")
    citizen.tap("Sistem Informasi Kepegawaian")
    citizen.sees("Mengelola mutasi pegawai")
    citizen.look("record")
    assert "Rak 7" not in citizen.page.content()
    reader = Walker(browser, site, lang="id", width=1280)
    for name, path in (
        ("agencies", "/portofolio/instansi/"),
        ("agency", f"/portofolio/instansi/{CITY}/"),
        ("tree", "/portofolio/fungsi/?kode=RAB.09"),
        ("method", "/portofolio/metode/"),
        ("data", "/portofolio/data/"),
    ):
        reader.goto(path)
        reader.look(name)


def test_manager_sends_a_workbook_and_mends_a_record(browser: Browser, site: str) -> None:
    manager = Walker(browser, site, name="Yoga")
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
    manager.unfold("Who uses it, and where")
    manager.write("Users counted", "1.250")
    manager.tap("Save")
    manager.sees("The record is saved.")
    assert Application.objects.get(local_id="A1").users_actual == 1250


def test_national_team_sees_what_the_country_spends_on(browser: Browser, site: str) -> None:
    national = Walker(browser, site, name="Nadia", width=1280)
    national.goto("/portofolio/")
    national.sees("View of the national team")
    national.sees("Dearest of the last three years")
    national.look("overview-national")
    with national.page.expect_download() as download:
        national.tap("Download the figures", stays=True)
    assert "cost other,2025,1500000000" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    national.goto("/portofolio/cari/?biaya_dari=Rp1+M")
    national.sees("1 applications")
    national.tap("Sistem Informasi Kepegawaian")
    national.sees("Rp1.200.000.000")


def test_manager_registers_one_application_and_meets_what_is_there(browser: Browser, site: str) -> None:
    manager = Walker(browser, site, name="Yoga")
    manager.goto("/portofolio/kerja/")
    manager.tap("Register one application")
    manager.sees("New money needs clearance first")
    manager.write("Name", "Sistem Kepegawaian Kota")
    manager.write("Function", "Mengelola mutasi pegawai")
    manager.page.locator("#overlaps").get_by_text(
        "Sistem Informasi Kepegawaian"
    ).wait_for()  # before it is sent
    manager.sees("17 %")
    manager.unfold("Its life")
    manager.write("In use since", "kemarin")
    manager.tap("Register it")
    manager.sees("“kemarin” is not a day")
    manager.look("enter")
    manager.write("In use since", "Maret 2021")
    manager.tap("Register it")
    manager.sees("The application is registered as APL-")
    assert str(Application.objects.get(name="Sistem Kepegawaian Kota").live_on) == "2021-03-01"
