"""Pages as a browser asks for them, and a browser with the accessibility checker in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, sync_playwright

PHONE, DESK, HEIGHT = 360, 1280, 800
COLOURS = ("color-contrast", "link-in-text-block")
"""The checker's rules about colours: a page in the dark differs from itself in the light in nothing else."""
CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
Seen = TypeVar("Seen")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


class Chromium:
    """A browser in a thread of its own: Playwright keeps an event loop running, which no other test should meet."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._thread.submit(self._start).result()

    def _start(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

    def _stop(self) -> None:
        self._browser.close()
        self._playwright.stop()

    def close(self) -> None:
        """End the browser and its thread."""
        self._thread.submit(self._stop).result()
        self._thread.shutdown()

    def visit(
        self,
        address: str,
        look: Callable[[Page], Seen],
        *,
        width: int = PHONE,
        lang: str = "id",
        dark: bool = False,
        session: str = "",
    ) -> Seen:
        """Open an address in a fresh window and return what `look` sees in it.

        width: in CSS pixels. session: key of a signed-in session, "" for a stranger.
        """
        [seen] = self.visit_all([address], look, width=width, lang=lang, dark=dark, session=session)
        return seen

    def visit_all(
        self,
        addresses: Sequence[str],
        look: Callable[[Page], Seen],
        *,
        width: int = PHONE,
        lang: str = "id",
        dark: bool = False,
        session: str = "",
    ) -> list[Seen]:
        """Open addresses of one site after another in one fresh window and return what `look` sees in each."""

        def seen(page: Page, address: str) -> Seen:
            page.goto(address)
            return look(page)

        def do() -> list[Seen]:
            window = self._browser.new_context(
                viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if dark else "light"
            )
            try:
                self._set_cookies(window, addresses[0], lang=lang, session=session)
                page = window.new_page()
                return [seen(page, address) for address in addresses]
            finally:
                window.close()

        return self._thread.submit(do).result()

    def draw_all(self, pages: Sequence[str], look: Callable[[Page], Seen]) -> list[Seen]:
        """Draw pages, given as HTML with all that they need in it, one after another; return what `look` sees in each."""

        def seen(page: Page, content: str) -> Seen:
            page.set_content(content)
            return look(page)

        def do() -> list[Seen]:
            window = self._browser.new_context()
            try:
                page = window.new_page()
                return [seen(page, content) for content in pages]
            finally:
                window.close()

        return self._thread.submit(do).result()

    def _set_cookies(self, window: BrowserContext, address: str, *, lang: str, session: str) -> None:
        origin = "/".join(address.split("/")[:3])
        window.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": lang, "url": origin}])
        if session:
            window.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin}])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for the whole run."""
    browser = Chromium()
    yield browser
    browser.close()


def findings(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """Return what the accessibility checker finds, as "rule: piece of the page". rules: the only ones to hold it to."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    asked: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        asked["runOnly"] = {"type": "rule", "values": list(rules)}
    violations = page.evaluate(f"axe.run({json.dumps(asked)}).then(results => results.violations)")
    return [f"{found['id']}: {node['html'][:160]}" for found in violations for node in found["nodes"]]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(width)
