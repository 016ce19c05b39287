"""The running platform with its demo country, and a real browser to walk through it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools.launch import Platform, running_platform, wait_until

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "docs" / "screenshots"
# A bar that floats would lie over the middle of a picture of the whole page.
LAY_DOWN_TABS = "document.querySelectorAll('nav.tabs').forEach(tabs => { tabs.style.position = 'static' })"
TAKES_PICTURES = bool(os.environ.get("TERPADU_SCREENSHOTS"))  # `make e2e` sets it
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    with running_platform() as platform:
        yield platform


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, which other modules should not meet
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = next(p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists())
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a screen: a browser context of their own, with the habits of the test."""

    page: Page
    platform: Platform
    lang: str = "id"
    javascript: bool = True
    uploads: int = 0

    def goto(self, path: str) -> None:
        """Open a page of the platform."""
        self.page.goto(self.platform.url + path)

    def tap(self, name: str | re.Pattern[str]) -> None:
        """Press the one button or link of that name and wait for the page that it leads to."""
        target = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        with self.page.expect_navigation():
            target.first.click()

    def sign_in(self, name: str) -> None:
        """Sign in as a demo account with one tap."""
        self.goto("/demo/masuk/")
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=re.compile(name)).first.click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Assert that a text is on the page."""
        self.page.get_by_text(text).first.wait_for(state="visible")

    def look(self, name: str) -> None:
        """Check the page's accessibility, and take its pictures for the documentation when asked."""
        self.uploads += self.page.locator("main input[type=file]").count()
        if not self.javascript:
            return  # the checker is itself a script
        self.page.wait_for_load_state()  # a page on its way out has no document to check
        results = Axe().run(self.page)
        found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in results.response["violations"]]
        assert found == [], f"{name} ({self.lang}): {found}"
        if not TAKES_PICTURES or not name[0].isdigit():
            return
        self.page.evaluate(LAY_DOWN_TABS)
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            path = SCREENSHOTS / f"{name}-{self.lang}-{size['width']}.jpg"
            self.page.screenshot(path=path, full_page=True, type="jpeg", quality=72)
        self.page.set_viewport_size(PHONE)

    def questions(self) -> int:
        """Count what this page asks: groups of choices, boxes to tick, fields to fill in."""
        groups = {box.get_attribute("name") for box in self.page.locator("main input[type=radio]").all()}
        others = "main input[type=text], main input[type=checkbox], main input[type=file], main select, main textarea"
        return len(groups) + self.page.locator(others).count()


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser, platform: Platform) -> Iterator[Visit]:
    contexts: list[BrowserContext] = []

    def open_context(*, lang: str = "id", javascript: bool = True) -> Visitor:
        context = browser.new_context(java_script_enabled=javascript, viewport=PHONE, locale=lang)
        context.add_cookies([{"name": "language", "value": lang, "url": platform.url}])
        contexts.append(context)
        return Visitor(context.new_page(), platform, lang, javascript)

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def api(platform: Platform) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.url) as client:
        yield client


def wait_for_page(visitor: Visitor, path: str, text: str | re.Pattern[str]) -> None:
    """Open a page again until the worker has done its part and the text is there."""

    def there() -> bool:
        visitor.goto(path)
        return visitor.page.get_by_text(text).count() > 0

    wait_until(there)


__all__ = ["Platform", "Visitor", "wait_for_page"]
