"""Pages as a browser asks for them, and a browser with the accessibility checker in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, sync_playwright

PHONE, DESK = 360, 1280
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

        def do() -> Seen:
            window = self._browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
            )
            try:
                self._set_cookies(window, address, lang=lang, session=session)
                page = window.new_page()
                page.goto(address)
                return look(page)
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


def findings(page: Page) -> list[str]:
    """Return what the accessibility checker finds, as "rule: piece of the page"."""
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:160]}" for found in violations for node in found["nodes"]]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(width)
