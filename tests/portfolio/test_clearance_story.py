"""A proposer, the desks, the decider and the decider of appeals walk one request through a real browser."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from terpadu.portfolio.enums import DecisionKind, Desk
from terpadu.portfolio.models import Application, ClearanceRequest
from terpadu.portfolio.services.clearance.letters import letter_issue
from terpadu.portfolio.services.rationalisation.assessments import assessment_give
from terpadu.portfolio.services.rationalisation.plans import plan_add_family, plan_arrange, plan_start
from tests.portfolio.clearance import (
    NEW,
    PDF,
    REASON,
    People,
    at_decision,
    at_desks,
    decided,
    draft,
    make_application,
    make_people,
    work,
)
from tests.portfolio.conftest import CITY, SYSTEM, Country
from tests.portfolio.test_stories import CHROMIUM, SHOTS, Walker

pytestmark = [pytest.mark.e2e]


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
    """Serve the pages."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def people(transactional_db: None, country: Country) -> People:
    """Make everybody who takes part."""
    return make_people()


def apart(act: Callable[[], object]) -> None:
    """Do something in a thread of its own: signing a letter runs an event loop, and the browser has one here."""

    def do() -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(do).result()


def test_request_meets_what_exists_and_goes_to_the_appeal(
    browser: Browser, people: People, address: str
) -> None:
    existing = make_application(
        "Antrean Uji Kendaraan", function="Pendaftaran dan antrean uji berkala kendaraan bermotor"
    )
    proposer = Walker(browser, address, actor=people.proposer)
    proposer.goto("/portofolio/izin/baru/")
    proposer.page.get_by_label("Name of the application").fill("Antrean Uji Kendaraan Daring")
    expect(proposer.page.locator("#overlaps")).to_contain_text(existing.code)  # before anything was sent
    proposer.page.get_by_label("What should it do?").fill(NEW.function)
    proposer.page.get_by_label(re.compile("Which need")).fill(NEW.need)
    proposer.page.get_by_label(re.compile("Business process")).fill("RAB.02.03")
    proposer.page.get_by_label(re.compile("Contract value")).fill("Rp40 jt")
    proposer.page.get_by_label(re.compile("Budget year")).fill("2027")
    proposer.page.get_by_label(re.compile("^Interfaces")).fill(NEW.interfaces_plan)
    proposer.look("clearance-write")
    proposer.tap("Save the draft")
    proposer.sees("Say why none of them will do")
    proposer.look("clearance-draft")
    proposer.tap("Write on")
    proposer.page.get_by_label(re.compile("Why none of the existing")).fill(REASON)
    proposer.tap("Save the draft")
    proposer.page.set_input_files(
        "input[type=file]", {"name": "kak.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    proposer.page.get_by_role("button", name="Add", exact=True).click()
    proposer.sees("The document is added.")
    proposer.tap("Send it in")
    proposer.look("clearance-submit")
    proposer.tap("Yes, send it in")
    proposer.sees("Its number is IZN-")
    apart(work)

    desk = Walker(browser, address, actor=people.desks[Desk.ARCHITECTURE], width=1280)
    desk.goto("/portofolio/izin/meja/")
    desk.look("clearance-inbox")
    desk.tap("Antrean Uji Kendaraan Daring")
    desk.page.get_by_label("Objects").check()
    desk.tap("Give the opinion")
    desk.sees("Give your reasons in at least one full sentence")
    desk.page.get_by_label(re.compile("^Reasons")).fill(REASON)
    desk.look("clearance-review")
    desk.tap("Give the opinion")
    desk.sees("Your desk's opinion is given.")

    decider = Walker(browser, address, actor=people.decider, width=1280)
    row = ClearanceRequest.objects.get()
    decider.goto(f"/portofolio/izin/{row.id}/putus/")
    expect(decider.page.get_by_label("Use an application that exists")).to_be_checked()
    expect(decider.page.get_by_label(re.compile("^Application named"))).to_have_value(existing.code)
    decider.page.get_by_label(re.compile("^Reasons")).fill(REASON)
    decider.look("clearance-decide")
    decider.tap("Take the decision")
    decider.sees("The decision is taken.")
    apart(work)

    proposer.goto(f"/portofolio/izin/{row.id}/")
    proposer.sees("Signed letter")
    proposer.look("clearance-refused")
    proposer.tap("Appeal")
    proposer.page.get_by_label(re.compile("^Your grounds")).fill(REASON)
    proposer.page.get_by_label(re.compile(existing.code)).check()
    proposer.look("clearance-appeal")
    proposer.tap("File the appeal")
    proposer.sees("Your appeal is filed.")

    second = Walker(browser, address, actor=people.appeal)
    second.goto(f"/portofolio/izin/{row.id}/putus/")
    second.page.get_by_label("Connect with an application that exists").check()
    second.page.get_by_label(re.compile("^Reasons")).fill(REASON)
    second.tap("Take the decision")
    second.sees("Decision on appeal")

    citizen = Walker(browser, address, actor=None, lang="id")
    citizen.goto("/portofolio/izin/")
    citizen.look("clearance-register")
    citizen.tap("Antrean Uji Kendaraan Daring")
    citizen.sees("Hubungkan dengan aplikasi yang sudah ada")
    citizen.look("clearance-decision")
    assert "40.000.000" not in citizen.page.content()
    assert Application.objects.get(pk=existing.pk).related == [row.number]


def test_form_without_javascript_shows_overlaps_by_its_button(
    browser: Browser, people: People, address: str
) -> None:
    existing = make_application("Antrean Uji Kendaraan")
    proposer = Walker(browser, address, actor=people.proposer)
    proposer.page.route("**/clearance.js", lambda route: route.abort())
    proposer.goto("/portofolio/izin/baru/")
    proposer.page.get_by_label("Name of the application").fill("Antrean Uji Kendaraan Baru")

    proposer.tap("Look what exists")

    proposer.sees(existing.code)
    expect(proposer.page.get_by_label("Name of the application")).to_have_value("Antrean Uji Kendaraan Baru")
    assert not ClearanceRequest.objects.exists()


def test_national_team_writes_and_adopts_a_plan(
    browser: Browser, country: Country, people: People, address: str
) -> None:
    rows = [make_application(f"E-Cuti {n}", users_actual=n * 100, hosting="own") for n in range(1, 4)]
    plan = plan_start(name="Konsolidasi cuti", starts_on=date(2027, 1, 1), by=SYSTEM)
    team = Walker(browser, address, actor=country.national, width=1280)
    team.goto(f"/portofolio/penataan/rencana/{plan.id}/keluarga/")
    team.page.get_by_label("Name of the family").fill("Cuti pegawai")
    team.page.get_by_label("Codes of its members").fill(f"{rows[0].code} {rows[1].code} {rows[2].code}")
    team.look("plan-family")
    team.tap("Add the family")
    team.tap("Order the waves")
    team.sees("The waves are ordered.")
    team.look("plan-draft")
    team.tap("Adopt the plan")
    team.page.get_by_label("Number and title of the act").fill("Keputusan 7/2026")
    team.tap("Adopt it")
    team.sees("The plan is adopted.")
    team.look("plan-adopted")

    assert Application.objects.get(pk=rows[0].pk).successor == rows[2]
    citizen = Walker(browser, address, actor=None, lang="id")
    citizen.goto("/portofolio/penataan/")
    citizen.look("plan-list")
    citizen.tap("Konsolidasi cuti")
    citizen.look("plan-public")


@pytest.mark.skipif(not SHOTS, reason="takes pictures for people; set PORTFOLIO_SHOTS to a directory")
def test_pictures_of_every_page(browser: Browser, country: Country, people: People, address: str) -> None:
    for n in range(1, 8):
        row = make_application(
            f"Sistem Cuti {n}",
            users_actual=n * n * 300,
            hosting="own",
            dependents=("Layanan Cuti",) if n == 3 else (),
        )
        points = {
            "mandate": n % 5,
            "people": (n * 2) % 5,
            "unique": 1,
            "maintained": (n * 3) % 5,
            "stable": n % 4,
            "open": 2,
        }
        assessment_give(row, answers=points, by=SYSTEM)
    make_application(NEW.title, function=NEW.function)
    values = replace(NEW, why_not_existing=REASON)
    waiting = draft(people.proposer, values=replace(values, title="Pemantauan Bantuan Benih"))
    review = at_desks(people, values=values)
    ready = at_decision(people, values=replace(values, title="E-Surat Tugas"))
    new = decided(
        people, DecisionKind.NEW, row=at_decision(people, values=replace(values, title="Pelacakan Ternak"))
    )
    letter = new.decisions.get().id
    apart(lambda: letter_issue(letter))
    plan = plan_start(name="Konsolidasi tahap pertama", starts_on=date(2027, 1, 1), wave_size=3, by=SYSTEM)
    codes = list(Application.objects.filter(name__startswith="Sistem Cuti").values_list("code", flat=True))
    plan_add_family(plan.id, key="cuti", name="Cuti pegawai", kind="product", codes=codes, by=SYSTEM)
    plan_arrange(plan.id, by=SYSTEM)
    desk = people.desks[Desk.TECHNICAL]
    pages = [
        ("izin", None, "/portofolio/izin/"),
        ("izin-cara", None, "/portofolio/izin/cara/"),
        ("izin-saya", people.proposer, "/portofolio/izin/saya/"),
        ("izin-baru", people.proposer, "/portofolio/izin/baru/?title=Sistem+Antrean+Uji+Kendaraan"),
        ("izin-rancangan", people.proposer, f"/portofolio/izin/{waiting.id}/"),
        ("izin-disetujui", people.proposer, f"/portofolio/izin/{new.id}/"),
        ("izin-meja", desk, "/portofolio/izin/meja/"),
        ("izin-telaah", desk, f"/portofolio/izin/{review.id}/meja/technical/"),
        ("izin-putus", people.decider, f"/portofolio/izin/{ready.id}/putus/"),
        ("penataan", country.national, "/portofolio/penataan/"),
        ("penataan-metode", None, "/portofolio/penataan/metode/"),
        ("kuadran", country.national, f"/portofolio/penataan/kuadran/{CITY}/"),
        ("kuadran-aplikasi", country.national, f"/portofolio/penataan/aplikasi/{codes[2]}/"),
        ("rencana", country.national, f"/portofolio/penataan/rencana/{plan.id}/"),
    ]
    for lang, width in (
        (("id", 360), ("en", 1280))
        if os.environ.get("FEW")
        else (("id", 360), ("en", 1280), ("id", 1280), ("en", 360))
    ):
        for name, actor, path in pages:
            walker = Walker(browser, address, actor=actor, lang=lang, width=width)
            walker.goto(path)
            walker.look(name)
            walker.page.context.close()
