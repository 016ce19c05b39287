"""Five people walk through a year in a real browser, on a phone; every page is checked for accessibility."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from demo.population.personas import personas
from terpadu.directory import demo as directory_demo
from terpadu.identity import demo as identity_demo
from terpadu.identity.public import person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.maturity.models import Appointment, Locus, Round
from terpadu.maturity.rules.workbooks import ANSWERS
from tests.maturity.conftest import PDF, Scene, deliver, person_id

pytestmark = [
    pytest.mark.e2e,
]
CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), "")
SHOTS = os.environ.get("MATURITY_SHOTS", "")
LOWEST = """() => {
  const foot = document.querySelector('body > footer, footer').getBoundingClientRect().top
  const parts = [...document.querySelectorAll('main *')].filter(one => one.checkVisibility() && !one.closest('.gone, datalist'))
  return Math.max(...parts.map(one => one.getBoundingClientRect().bottom)) - foot
}"""
"""How far below the top of the footer the lowest part of the page's content ends."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # playwright keeps a loop in this thread; Django runs in others
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


PARTS = {"coordinator": "hendra", "respondent": "rina", "assessor": "ratna", "national": "yusuf"}


@pytest.fixture
def scene(transactional_db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Let persons of the story with their demo accounts take the parts of the round, which ends far away."""
    monkeypatch.setattr(identity_demo, "personas", lambda: {key: personas()[key] for key in PARTS.values()})
    directory_demo.seed()
    identity_demo.seed()
    actors = {part: persona_actor(key) for part, key in PARTS.items()}
    for part, actor in actors.items():
        stand_in = person_id(getattr(scene, part))
        Appointment.objects.filter(person_id=stand_in).update(person_id=actor.person_id)
    Round.objects.update(self_due_at=datetime(2100, 1, 1, tzinfo=UTC))
    locus = Locus.objects.select_related("round").get()
    return replace(scene, locus=locus, round=locus.round, **actors)


def persona_actor(key: str) -> Actor:
    found = person_find_by_nik(personas()[key].nik)
    assert found is not None
    return Actor.person(found)


@pytest.fixture
def address(scene: Scene, settings: Settings) -> Iterator[str]:
    """Serve the platform with the one-tap sign-in of its demo mode."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.maturity.story_urls"
    server = LiveServer("localhost")
    yield server.url
    server.stop()


class Walker:
    """One person at a phone (or a desk), in one language."""

    def __init__(
        self, browser: Browser, url: str, *, name: str = "", lang: str = "en", width: int = 360
    ) -> None:
        context = browser.new_context(viewport={"width": width, "height": 800}, locale=lang)
        context.add_cookies([{"name": "language", "value": lang, "url": url}])
        self.page: Page = context.new_page()
        self.url = url
        self.name = f"{width}-{lang}"
        if name:
            self.goto("/demo/masuk/")
            with self.page.expect_navigation():
                self.page.get_by_role("button", name=re.compile(name)).first.click()

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path)

    def tap(self, name: str) -> None:
        """Press the first button or link whose name begins so, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self._named(name).click()

    def download(self, name: str) -> bytes:
        """Press what gives a file, and return its content."""
        with self.page.expect_download() as download:
            self._named(name).click()
        return Path(download.value.path()).read_bytes()

    def _named(self, name: str) -> Locator:
        begins = re.compile(f"^{re.escape(name)}")
        found = self.page.get_by_role("button", name=begins).or_(self.page.get_by_role("link", name=begins))
        return found.first

    def send(self, name: str) -> None:
        """Press the button of exactly that name, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(state="visible")

    def look(self, name: str) -> None:
        """Check accessibility and sideways scrolling; take the picture when asked."""
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}-{self.name}.png", full_page=True)
        self.page.wait_for_load_state()  # a page on its way out has no document to check
        results = Axe().run(self.page)
        found = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in results.response["violations"]]
        assert found == [], f"{name}: {found}"
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wider) <= 0, f"{name} scrolls sideways"
        assert self.page.evaluate(LOWEST) <= 1, f"{name}: something lies over the foot of the page"


def test_respondent_answers_with_evidence(browser: Browser, scene: Scene, address: str) -> None:
    coordinator = Walker(browser, address, name="Hendra")
    coordinator.tap("Maturity")
    coordinator.tap("Kota Contoh")
    coordinator.look("work-board")
    coordinator.tap("Hand out indicators")
    coordinator.page.get_by_label("11. SPBE architecture").check()
    coordinator.page.get_by_label("Unit", exact=True).fill("Dinas Kominfo")
    for part, value in {"Day": "20", "Month": "6", "Year": "2025"}.items():
        coordinator.page.get_by_label(part, exact=True).fill(value)
    coordinator.look("work-tasks")
    coordinator.send("Hand out")
    coordinator.sees("1 indicator is handed to Dinas Kominfo.")
    coordinator.tap("People of this agency")
    coordinator.look("work-people")

    with freeze(datetime.now(UTC)):  # the server's clock runs
        deliver()

    respondent = Walker(browser, address, name="Rina")
    respondent.goto("/pesan/")
    respondent.tap("Indicators of the 2025 index")
    respondent.look("work-message")
    respondent.tap("Open the work page")
    respondent.sees("Kota Contoh")
    respondent.goto("/maturitas/")
    respondent.look("work-home")
    respondent.tap("Kota Contoh")
    respondent.tap("11. SPBE architecture")
    respondent.look("work-indicator")
    respondent.page.set_input_files(
        "input[type=file]", {"name": "arsitektur.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    respondent.tap("Add the file")
    respondent.sees("The evidence is added.")
    respondent.page.get_by_label(re.compile("3 Defined")).check()
    respondent.page.get_by_label("Explanation").fill("Arsitektur ditetapkan dengan Perwal 1/2025.")
    respondent.send("Save")
    respondent.sees("Indicator 11 is saved.")

    assert str(scene.locus.assessments.get().level) == "3.00"
    assert scene.locus.evidence.get().title == "arsitektur.pdf"


def test_coordinator_works_offline_and_sends(
    browser: Browser, scene: Scene, address: str, tmp_path: Path
) -> None:
    coordinator = Walker(browser, address, name="Hendra")
    coordinator.goto(f"/maturitas/{scene.locus.id}/lembar/")
    coordinator.look("work-sheet")
    book = load_workbook(BytesIO(coordinator.download("Download the sheet")))
    for at in range(2, 49):
        book[ANSWERS][f"F{at}"], book[ANSWERS][f"G{at}"] = 3, "Ada"
        book[ANSWERS][f"H{at}"] = "Layanan A"
    book[ANSWERS]["F2"] = "=1+2"
    filled = tmp_path / "sheet.xlsx"
    book.save(filled)
    coordinator.page.set_input_files("input[type=file]", filled)
    coordinator.tap("Read the sheet")
    coordinator.sees("F (level)")
    coordinator.look("work-sheet-refused")
    book[ANSWERS]["F2"] = 3
    book.save(filled)
    coordinator.page.set_input_files("input[type=file]", filled)
    coordinator.tap("Read the sheet")
    coordinator.sees("47 answers are saved from the sheet.")
    coordinator.sees("3.00")

    coordinator.tap("Send the self-assessment")
    coordinator.look("work-submit")
    coordinator.page.set_input_files(
        "input[type=file]", {"name": "ba.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    coordinator.page.get_by_label("Yes, it may be published").check()
    coordinator.send("Send")
    coordinator.sees("The self-assessment is sent.")

    assert Locus.objects.get().consent == "granted"


def test_assessor_assesses_announces_and_answers_an_objection(
    browser: Browser, scene: Scene, address: str
) -> None:
    scene.submit()
    scene.answer(stage="dokumen", level="2")
    scene.answer(stage="interviu", level="3")
    assessor = Walker(browser, address, name="Ratna", width=1280)
    assessor.goto(f"/maturitas/{scene.locus.id}/i/42/")
    assessor.sees("Self-assessment: level 3")
    assessor.page.get_by_label(re.compile("4 Collaboration")).check()
    assessor.tap("Save and go on")
    assessor.sees("Indicator 42 is saved.")
    assessor.goto(f"/maturitas/{scene.locus.id}/")
    assessor.look("work-board-assessor")
    assessor.tap("Show the levels to the agency")
    assessor.look("work-sure")
    assessor.tap("Yes, show them")
    assessor.sees("The agency sees the levels now and may object.")

    coordinator = Walker(browser, address, name="Hendra")
    coordinator.goto(f"/maturitas/{scene.locus.id}/i/43/")
    coordinator.tap("Object to this level")
    coordinator.page.get_by_label("Reason").fill("Portal data terbuka sudah terpadu.")
    coordinator.look("work-objection")
    coordinator.tap("Send the objection")
    coordinator.sees("Waiting for an answer")

    assessor.goto(f"/maturitas/{scene.locus.id}/keberatan/")
    assessor.look("work-objections")
    assessor.tap("Answer")
    assessor.page.get_by_label(re.compile("Refuse")).check()
    assessor.page.get_by_label("Reason").fill("Bukti belum cukup.")
    assessor.tap("Save the answer")
    assessor.sees("Bukti belum cukup.")


def test_national_team_publishes_and_a_citizen_reads_it(browser: Browser, scene: Scene, address: str) -> None:
    scene.announce()
    Locus.objects.update(objection_due_at=now() - timedelta(days=1))
    assessor = Walker(browser, address, name="Ratna")
    assessor.goto(f"/maturitas/{scene.locus.id}/")
    assessor.tap("Make final")
    assessor.tap("Yes, make them final")
    assessor.sees("Final: index 3.00.")
    national = Walker(browser, address, name="Yusuf", width=1280)
    national.look("work-home-national")
    national.tap("Open a round")
    national.look("work-round-new")
    national.goto(f"/maturitas/putaran/{scene.round.id}/orang/")
    national.look("work-people-round")
    national.goto("/maturitas/")
    national.tap("Lead the round of 2025")
    national.look("work-round")
    national.tap("Publish the results")
    national.look("work-publish")
    national.tap("Yes, publish")
    national.sees("Good")

    assert Round.objects.get().state == "published"
    citizen = Walker(browser, address, lang="id")
    citizen.goto("/")
    citizen.tap("Indeks SPBE instansi")
    citizen.look("index-overview")
    citizen.tap("Kota Contoh")
    citizen.look("index-agency")
    for name, path in (
        ("index-ranking", "/indeks/2025/peringkat/"),
        ("index-compare", "/indeks/2025/bandingkan/?i=kota.99.01"),
        ("index-method", "/indeks/metode/"),
        ("index-data", "/indeks/data/"),
    ):
        citizen.goto(path)
        citizen.look(name)
