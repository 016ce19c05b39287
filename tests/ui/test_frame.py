"""The frame around every page: where one is, language, sign-in, demo, and pages for what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, RequestFactory
from pytest_django import Settings

from terpadu.config import context
from terpadu.kernel.http import views
from terpadu.kernel.ids import uuid7


def drawn(source: str, path: str = "/", **values: object) -> str:
    return Template("{% load ui %}" + source).render(
        Context({"request": RequestFactory().get(path), **values})
    )


@pytest.mark.parametrize(
    ("path", "area"),
    [("/", "citizen"), ("/petugas/", "officer"), ("/kinerja/2026/", "officer"), ("/v/abc", "public")],
)
def test_area_follows_the_address(path: str, area: str) -> None:
    assert context.area_of(path) == area


@pytest.mark.parametrize(
    ("link", "path", "here"),
    [("/pesan/", "/pesan/", True), ("/pesan/", "/pesan/1/", True), ("/", "/", True), ("/", "/pesan/", False)],
)
def test_nav_link_marks_where_one_is(link: str, path: str, here: bool) -> None:
    html = drawn(f'{{% nav_link "{link}" "" "Pesan" %}}', path)

    assert ("aria-current" in html) is here


def test_nav_link_counts_what_waits_in_words_too() -> None:
    html = drawn('{% nav_link "/pesan/" "inbox" "Pesan" 3 %}')

    assert "3<span" in html
    assert "<svg" in html
    assert "badge" not in drawn('{% nav_link "/pesan/" "inbox" "Pesan" 0 %}')


def test_sign_in_address_comes_back_to_the_page() -> None:
    assert drawn("{% sign_in_url %}", "/jejak/?before=a&b") == "/masuk/?next=/jejak/%3Fbefore%3Da%26b"
    assert drawn("{% sign_in_url %}", "/") == "/masuk/"


def test_tag_of_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="no such state"):
        drawn('{% tag "green" "Selesai" %}')


def test_tag_escapes_its_text() -> None:
    assert "&lt;b&gt;" in drawn("{% tag 'ok' text %}", text="<b>")


def test_context_asks_for_unread_messages_only_when_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[UUID] = []

    def count(person_id: UUID) -> int:
        asked.append(person_id)
        return 2

    monkeypatch.setattr(context, "unread_count", count)
    request: HttpRequest = RequestFactory().get("/")
    person_id = uuid7()
    setattr(request, "person_id", person_id)  # noqa: B010 - set by middleware in the running platform

    values = context.page(request)
    assert asked == []
    unread: Callable[[], int] = values["unread"]  # type: ignore[assignment]  # a context holds values of any type
    assert (unread(), unread()) == (2, 2)

    assert asked == [person_id]


@pytest.mark.django_db
@pytest.mark.parametrize(("lang", "text"), [("id", "Halaman tidak ditemukan"), ("en", "Page not found")])
def test_missing_page_says_so_and_offers_a_search(client: Client, lang: str, text: str) -> None:
    client.cookies["language"] = lang

    response = client.get("/tidak-ada/")

    assert response.status_code == 404
    assert text in response.content.decode()
    assert 'role="search"' in response.content.decode()


@pytest.mark.parametrize(("lang", "text"), [("id", "Ada yang rusak"), ("en", "Something broke")])
def test_failure_page_needs_no_database(lang: str, text: str) -> None:
    from django.utils import translation

    with translation.override(lang):
        response = views.server_error(RequestFactory().get("/"))  # without the db fixture: a query would fail

    assert response.status_code == 500
    assert text in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("lang", "text"), [("id", "terbuka terlalu lama"), ("en", "open too long")])
def test_old_form_says_what_to_do(lang: str, text: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["language"] = lang

    response = client.post("/pesan/baca/")

    assert response.status_code == 403
    assert text in response.content.decode()


@pytest.mark.django_db
def test_old_form_leads_back_to_the_page_it_stood_on() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/pesan/baca/", headers={"Referer": "http://testserver/pesan/?halaman=2"})

    assert 'href="/pesan/?halaman=2"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("lang", "text"), [("id", "milik sebuah tombol"), ("en", "belongs to a button")])
def test_address_of_a_button_opened_in_a_browser_says_what_to_do(lang: str, text: str) -> None:
    client = Client(headers={"Accept": "text/html,*/*"})
    client.cookies["language"] = lang

    response = client.get("/pesan/baca/")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert text in response.content.decode()
    assert Client().get("/pesan/baca/").content == b""


@pytest.mark.django_db
def test_language_switch_keeps_the_page(client: Client) -> None:
    page = client.get("/bantuan/").content.decode()
    assert '<html lang="id">' in page
    assert 'name="next" value="/bantuan/"' in page

    response = client.post("/bahasa/setlang/", {"language": "en", "next": "/bantuan/"}, follow=True)

    assert response.redirect_chain == [("/bantuan/", 302)]
    assert '<html lang="en">' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("demo", [True, False])
def test_demo_is_said_on_every_page_and_only_then(client: Client, settings: Settings, demo: bool) -> None:
    settings.DEMO = demo

    page = client.get("/bantuan/").content.decode()

    assert ("/demo/masuk/" in page) is demo
    assert client.get("/galeri/").status_code == (200 if demo else 404)


def test_day_of_a_moment_is_the_day_in_jakarta() -> None:
    after_midnight = datetime(2026, 11, 21, 21, 50, tzinfo=UTC)  # 22 November, 04.50 WIB

    assert drawn("{{ at|date_id }} {{ at|weekday_id }} {{ at|time_id }}", at=after_midnight) == (
        "22 November 2026 Minggu, 22 November 2026 04.50 WIB"
    )
