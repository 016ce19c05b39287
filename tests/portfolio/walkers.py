"""People who walk through the pages in a real browser, signed in by the platform's own session."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from demo.population.personas import personas
from terpadu.directory.public import position_create
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.identity.services.accounts import account_create
from terpadu.kernel.actors import Actor
from tests.portfolio.conftest import IN_OFFICE, SYSTEM

CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), "")
SHOTS = os.environ.get("PORTFOLIO_SHOTS", "")
expect.set_options(timeout=60_000)  # only a failure waits so long
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for a module. Its event loop lives in this thread; the server's threads have none."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def address(browser: Browser, transactional_db: None, settings: Settings) -> Iterator[str]:
    """Serve the platform with the one-tap sign-in of its demo mode; every page is closed before the server stops."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.maturity.story_urls"
    server = LiveServer("localhost")
    yield server.url
    for context in browser.contexts:
        context.close()
    server.stop()


def person_of_the_story(key: str, *, kind: str, agency: str) -> Actor:
    """Make a person of the demo country with an account, in a position."""
    persona = personas()[key]
    person_id = person_ensure(
        nik=persona.nik, name=persona.name, birth_on=persona.birth_on, sex=persona.sex, by=SYSTEM
    )
    account_create(person_id, password="tidak-dipakai-di-sini", by=SYSTEM)
    position = position_create(agency_code=agency, kind=kind, title=kind, by=SYSTEM)
    assignment_create(person_id=person_id, position_id=position.id, valid_from=IN_OFFICE, by=SYSTEM)
    return Actor.person(person_id)


def apart(act: Callable[[], object]) -> None:
    """Do something in a thread of its own: signing a letter runs an event loop, and the browser has one here."""

    def do() -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(do).result()


class Walker:
    """One person at a phone or a desk, in one language. name: of the demo account to sign in with, "" for nobody."""

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
        """Go to an address of the platform."""
        self.page.goto(self.url + path)

    def tap(self, name: str, *, stays: bool = False) -> None:
        """Press the button or link that begins so, and wait for the page that it leads to. stays: it leads to none."""
        begins = re.compile(f"^{re.escape(name)}")
        target = self.page.get_by_role("button", name=begins).or_(self.page.get_by_role("link", name=begins))
        if stays:
            target.first.click()
            return
        with self.page.expect_navigation():
            target.first.click()

    def unfold(self, name: str) -> None:
        """Open a part of the page that is folded."""
        self.page.locator("summary").filter(has_text=name).first.click()

    def write(self, label: str, text: str) -> None:
        """Write into the field whose label begins so."""
        self.page.get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(text)

    def sees(self, text: str) -> None:
        """Wait until a text is there."""
        self.page.get_by_text(text).first.wait_for(state="visible")

    def look(self, name: str) -> None:
        """Check accessibility and sideways scrolling; take the picture when asked."""
        self.page.wait_for_load_state()
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}-{self.name}.png", full_page=True)
        results = Axe().run(self.page)
        found = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in results.response["violations"]]
        assert found == [], f"{name}: {found}"
        assert self.page.evaluate(WIDER) <= 0, f"{name} scrolls sideways"
