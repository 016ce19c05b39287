"""Five people walk through a year in a real browser, on a phone; every page is checked for accessibility."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.maturity.models import Locus, Round
from tests.maturity.conftest import ACTOR_HEADER, PDF, Scene

pytestmark = [
    pytest.mark.e2e,
]
CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), "")
SHOTS = os.environ.get("MATURITY_SHOTS", "")


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
def address(actor_from_header: None, transactional_db: None, scene: Scene) -> Iterator[str]:
    """Serve the pages with the test's middleware; the server's clock runs, so the round ends far away."""
    Round.objects.update(self_due_at=datetime(2100, 1, 1, tzinfo=UTC))
    server = LiveServer("localhost")
    yield server.url
    server.stop()


class Walker:
    """One person at a phone (or a desk), in one language."""

    def __init__(
        self, browser: Browser, url: str, *, actor: Actor | None, lang: str = "en", width: int = 360
    ):
        headers = {ACTOR_HEADER: str(actor.person_id)} if actor else {}
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=lang, extra_http_headers=headers
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(5000)
        self.url = url
        self.name = f"{width}-{lang}"

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path)

    def tap(self, name: str) -> None:
        exact = re.compile(f"^{re.escape(name)}")
        target = self.page.get_by_role("button", name=exact).or_(self.page.get_by_role("link", name=exact))
        target.first.click()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(state="visible", timeout=5000)

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


def test_respondent_answers_with_evidence(browser: Browser, scene: Scene, address: str) -> None:
    coordinator = Walker(browser, address, actor=scene.coordinator)
    board = f"/maturitas/{scene.locus.id}/"
    coordinator.goto(board)
    coordinator.look("work-board")
    coordinator.tap("Hand out indicators")
    coordinator.page.get_by_label("11. SPBE architecture").check()
    coordinator.page.get_by_label("Unit", exact=True).fill("Dinas Kominfo")
    coordinator.page.get_by_label("Due on").fill("2025-06-20")
    coordinator.look("work-tasks")
    coordinator.page.get_by_role("button", name="Hand out").click()
    coordinator.sees("1 indicators are handed to Dinas Kominfo.")

    respondent = Walker(browser, address, actor=scene.respondent)
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
    respondent.page.get_by_role("button", name="Save", exact=True).click()
    respondent.sees("Indicator 11 is saved.")

    assert str(scene.locus.assessments.get().level) == "3.00"
    assert scene.locus.evidence.get().title == "arsitektur.pdf"


def test_coordinator_works_offline_and_sends(
    browser: Browser, scene: Scene, address: str, tmp_path: Path
) -> None:
    coordinator = Walker(browser, address, actor=scene.coordinator)
    coordinator.goto(f"/maturitas/{scene.locus.id}/lembar/")
    coordinator.look("work-sheet")
    with coordinator.page.expect_download() as download:
        coordinator.tap("Download the sheet")
    sheet = Path(download.value.path()).read_text(encoding="utf-8-sig")
    filled = tmp_path / "sheet.csv"
    filled.write_text(sheet.replace(",,,0\n", "3,Ada,Layanan A,0\n"), encoding="utf-8")
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
    coordinator.page.get_by_role("button", name="Send", exact=True).click()
    coordinator.sees("The self-assessment is sent.")

    assert Locus.objects.get().consent == "granted"


def test_assessor_assesses_announces_and_answers_an_objection(
    browser: Browser, scene: Scene, address: str
) -> None:
    scene.submit()
    scene.answer(stage="dokumen", level="2")
    scene.answer(stage="interviu", level="3")
    assessor = Walker(browser, address, actor=scene.assessor, width=1280)
    assessor.goto(f"/maturitas/{scene.locus.id}/i/42/")
    assessor.sees("Self-assessment: level 3")
    assessor.page.get_by_label(re.compile("4 Collaboration")).check()
    assessor.tap("Save and go on")
    assessor.sees("Indicator 42 is saved.")
    assessor.goto(f"/maturitas/{scene.locus.id}/")
    assessor.look("work-board-assessor")
    assessor.tap("Show the levels to the agency")
    assessor.sees("The agency sees the levels now and may object.")

    coordinator = Walker(browser, address, actor=scene.coordinator)
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
    assessor = Walker(browser, address, actor=scene.assessor)
    assessor.goto(f"/maturitas/{scene.locus.id}/")
    assessor.tap("Make final")
    assessor.sees("Final: index 3.00.")
    national = Walker(browser, address, actor=scene.national, width=1280)
    national.goto("/maturitas/")
    national.tap("Lead the round of 2025")
    national.look("work-round")
    national.tap("Publish the results")
    national.look("work-publish")
    national.tap("Yes, publish")
    national.sees("Good")

    assert Round.objects.get().state == "published"
    for lang in ("id", "en"):
        citizen = Walker(browser, address, actor=None, lang=lang)
        for name, path in (
            ("index-overview", "/indeks/"),
            ("index-ranking", "/indeks/2025/peringkat/"),
            ("index-compare", "/indeks/2025/bandingkan/?i=kota.99.01"),
            ("index-agency", "/indeks/instansi/kota.99.01/"),
            ("index-method", "/indeks/metode/"),
            ("index-data", "/indeks/data/"),
        ):
            citizen.goto(path)
            citizen.look(name)
