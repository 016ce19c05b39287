"""Siti's pages in a real browser: no accessibility findings and no sideways scrolling in any state of the story."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from terpadu.documents.public import document_list_for
from terpadu.exchange.errors import ExchangeUnavailable
from tests.casework.conftest import FakeExchange, World, person_of
from tests.portal.conftest import KIA, SetTrail, many_entries
from tests.portal.test_application import answer_child, start
from tests.ui.conftest import COLOURS, DESK, HEIGHT, PHONE, Chromium, findings, overflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def world(fresh_world: World) -> World:
    """A world that the server's own connections see."""
    return fresh_world


def session_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def problems(chromium: Chromium, addresses: list[str], *, client: Client, lang: str) -> list[str]:
    """Return what is wrong with pages on a phone in both languages, in the dark (colours know no language) and on a desk."""
    looks = light_and_dark if lang == "id" else phone_and_desk
    seen = chromium.visit_all(addresses, looks, lang=lang, session=session_of(client))
    return [f"{address} {one}" for address, found in zip(addresses, seen, strict=True) for one in found]


def light_and_dark(page: Page) -> list[str]:
    """Return what is wrong with a page by day and by night."""
    found = shortcomings(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark {one}" for one in shortcomings(page, rules=COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


def phone_and_desk(page: Page) -> list[str]:
    """Return what is wrong with a page in a narrow and in a wide window."""
    found = shortcomings(page)
    page.set_viewport_size({"width": DESK, "height": HEIGHT})
    found += [f"{DESK} {one}" for one in shortcomings(page)]
    page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    return found


def shortcomings(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """Return what the checker finds, and whether the page is wider than its window."""
    wider = overflow(page)
    return [*findings(page, rules=rules), *([f"wider by {wider} px"] if wider else [])]


def test_pages_of_an_issued_case_have_no_findings(
    chromium: Chromium,
    live_server: LiveServer,
    siti: Client,
    issued_case: UUID,
    world: World,
    set_trail: SetTrail,
    lang: str,
) -> None:
    set_trail(many_entries(30))
    [document] = document_list_for(person_of(world.siti))
    pages = [
        "/",
        "/layanan/",
        "/layanan/?q=xyzzy",
        f"/layanan/{KIA}/",
        "/standar/",
        "/permohonan/",
        "/pesan/",
    ]
    pages += [
        f"/permohonan/{issued_case}/",
        f"/permohonan/{issued_case}/terkirim/",
        f"/permohonan/{issued_case}/nilai/",
        f"/permohonan/{issued_case}/pengaduan/",
        "/jejak/",
        "/dompet/",
    ]
    pages += [f"/dompet/{document.id}/"]

    addresses = [live_server.url + page for page in pages]

    assert problems(chromium, addresses, client=siti, lang=lang) == []


def test_form_pages_have_no_findings(
    chromium: Chromium, live_server: LiveServer, siti: Client, toll_road: FakeExchange, lang: str
) -> None:
    first = start(siti)
    second = answer_child(siti, first)
    siti.post(second, {"cara": "digital"})
    check = second.replace("/penerimaan/", "/periksa/")
    pages = [first, second, f"{second}?keliru=nama", check, check.replace("/periksa/", "/batal/")]

    addresses = [live_server.url + page for page in pages]

    assert problems(chromium, addresses, client=siti, lang=lang) == []


def test_outage_and_empty_states_have_no_findings(
    chromium: Chromium, live_server: LiveServer, wulan: Client, toll_road: FakeExchange, lang: str
) -> None:
    toll_road.faults["cariKeluarga"] = ExchangeUnavailable(reason="test")
    pages = ["/permohonan/", "/pesan/", "/dompet/", "/jejak/"]
    addresses = [live_server.url + page for page in pages]
    found = problems(chromium, addresses, client=wulan, lang=lang)

    first = start(wulan)
    found += problems(chromium, [live_server.url + first], client=wulan, lang=lang)

    assert found == []


def test_errors_of_a_page_are_announced_and_reachable_by_keyboard(
    chromium: Chromium, live_server: LiveServer, siti: Client
) -> None:
    def mistaken(page: Page) -> tuple[str, list[str], str]:
        with page.expect_navigation():
            page.get_by_role("button", name="Lanjutkan").click()
        title, found = page.title(), findings(page)
        page.locator(".summary a").click()
        return title, found, page.evaluate("document.activeElement.name")

    title, found, focused = chromium.visit(live_server.url + start(siti), mistaken, session=session_of(siti))

    assert title.startswith("Galat:")
    assert (found, focused) == ([], "anak")
