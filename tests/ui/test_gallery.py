"""Every piece of the look in every state, in a real browser: no accessibility findings, no sideways scrolling."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.ui.conftest import COLOURS, DESK, PHONE, Chromium, findings, overflow

pytestmark = pytest.mark.django_db(transaction=True)

STATIC_PAGES = ["/bantuan/", "/aksesibilitas/", "/privasi/", "/tidak-ada/"]


@pytest.fixture
def gallery(live_server: LiveServer, settings: Settings) -> str:
    """The address of the gallery, which is there only with the demo."""
    settings.DEMO = True
    return f"{live_server.url}/galeri/"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("lang", ["id", "en"])
def test_gallery_has_no_accessibility_findings(
    chromium: Chromium, gallery: str, lang: str, dark: bool
) -> None:
    assert chromium.visit(gallery, findings, lang=lang, dark=dark) == []


@pytest.mark.parametrize("path", STATIC_PAGES)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_plain_page_has_no_accessibility_findings(
    chromium: Chromium, live_server: LiveServer, lang: str, path: str
) -> None:
    assert chromium.visit(live_server.url + path, findings, lang=lang) == []


def test_colour_that_cannot_be_read_in_the_dark_alone_is_found(
    chromium: Chromium, live_server: LiveServer
) -> None:
    def by_day_and_night(page: Page) -> tuple[list[str], list[str]]:
        page.evaluate("document.querySelector('h1').style.color = 'black'")
        by_day = findings(page, rules=COLOURS)
        page.emulate_media(color_scheme="dark")
        return by_day, findings(page, rules=COLOURS)

    by_day, by_night = chromium.visit(f"{live_server.url}/bantuan/", by_day_and_night)

    assert by_day == []
    assert [one.partition(":")[0] for one in by_night] == ["color-contrast"]


@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_gallery_never_scrolls_sideways(chromium: Chromium, gallery: str, width: int) -> None:
    # 320 px is what 400 % zoom leaves of a 1280 px window (WCAG 2.2, 1.4.10)
    assert chromium.visit(gallery, overflow, width=width) == 0


def test_gallery_in_large_text_never_scrolls_sideways(chromium: Chromium, gallery: str) -> None:
    def enlarged(page: Page) -> int:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        return overflow(page)

    assert chromium.visit(gallery, enlarged) == 0


def test_first_tab_stop_skips_to_the_content(chromium: Chromium, gallery: str) -> None:
    def by_keyboard(page: Page) -> tuple[str, str]:
        page.keyboard.press("Tab")
        link = page.evaluate("document.activeElement.getAttribute('href')")
        page.keyboard.press("Enter")
        return link, page.evaluate("document.activeElement.id")

    assert chromium.visit(gallery, by_keyboard) == ("#content", "content")


def test_error_link_puts_the_cursor_into_its_field(chromium: Chromium, gallery: str) -> None:
    def focused(page: Page) -> str:
        page.locator(".summary a").first.click()
        return str(page.evaluate("document.activeElement.id"))

    assert chromium.visit(gallery, focused) == "wrong_nik"


def test_targets_are_large_enough_for_a_thumb(chromium: Chromium, gallery: str) -> None:
    assert chromium.visit(gallery, small_targets) == []


def small_targets(page: Page) -> list[str]:
    """Return buttons, cards and fields lower than 44 px; links inside a sentence are exempt (WCAG 2.2, 2.5.8)."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.btn:not(.link), .choice, .quiet, nav.tabs a, select, summary, .chips a')]
        .filter(e => e.getBoundingClientRect().height > 0 && e.getBoundingClientRect().height < 44)
        .map(e => e.outerHTML.slice(0, 120))"""
    )
    return found
