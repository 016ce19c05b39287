"""The front door: home, catalogue, search, the page of a service with its standard."""

from __future__ import annotations

import pytest
from django.test import Client

from terpadu.casework import public as casework
from terpadu.identity.enums import ProofingMethod
from terpadu.identity.services.proofing import proofing_record
from terpadu.kernel.actors import Actor
from tests.casework.conftest import World, person_of
from tests.portal.conftest import KIA, signed_in

pytestmark = pytest.mark.django_db


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_home_shows_life_events_that_have_services(client: Client, world: World, lang: str) -> None:
    client.cookies["language"] = lang

    page = page_of(client, "/")

    assert {"id": "Punya anak", "en": "Having a child"}[lang] in page
    assert {"id": "Kehilangan keluarga", "en": "Losing a family member"}[lang] not in page
    assert 'href="/layanan/?peristiwa=kelahiran"' in page


def test_home_of_a_stranger_offers_to_sign_in_and_no_tabs(client: Client, world: World) -> None:
    page = page_of(client, "/")

    assert 'href="/masuk/"' in page
    assert 'class="tabs"' not in page


def test_home_of_siti_greets_her_and_shows_what_waits(siti: Client, world: World) -> None:
    casework.case_start(KIA, applicant=world.siti.person_id, by=world.siti)  # type: ignore[arg-type]  # Siti is a person

    page = page_of(siti, "/")

    assert "Selamat pagi, Siti Rahmawati" in page
    assert "Menunggu Anda" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=kartu+identitas", True),
        ("q=domisili", False),
        ("peristiwa=kelahiran", True),
        ("peristiwa=pindah", False),
    ],
)
def test_catalogue_finds_by_words_and_life_event(
    client: Client, world: World, query: str, expected: bool
) -> None:
    page = page_of(client, f"/layanan/?{query}")

    assert (f'href="/layanan/{KIA}/"' in page) is expected


@pytest.mark.parametrize("query", ["q=%00", "q=xyzzy", "q=" + "a" * 5000, "peristiwa=tidak-ada&q='%3B--"])
def test_catalogue_with_odd_words_stays_a_page(client: Client, world: World, query: str) -> None:
    assert client.get(f"/layanan/?{query}").status_code == 200


def test_catalogue_with_nothing_found_says_what_to_do(client: Client, world: World) -> None:
    page = page_of(client, "/layanan/?q=xyzzy")

    assert "Belum ada layanan yang cocok" in page
    assert "xyzzy" in page


def test_search_words_are_escaped(client: Client, world: World) -> None:
    assert "<script>" not in page_of(client, "/layanan/?q=%3Cscript%3E")


def test_service_page_has_the_fourteen_components(client: Client, world: World, lang: str) -> None:
    client.cookies["language"] = lang

    page = page_of(client, f"/layanan/{KIA}/")

    assert page.count('<details class="line">') == 14
    assert "UU 24/2013 ps. 79A" in page
    assert {"id": "Gratis", "en": "Free"}[lang] in page
    assert {"id": "paling lama 3 hari kerja", "en": "at most 3 working days"}[lang] in page


def test_service_page_leads_strangers_over_sign_in_and_back(client: Client, world: World) -> None:
    page = page_of(client, f"/layanan/{KIA}/")

    assert f'href="/masuk/?next=/layanan/{KIA}/"' in page
    assert client.get(f"/layanan/{KIA}/mulai/").headers["Location"].startswith("/masuk/")


def test_service_page_offers_the_draft_again(world: World) -> None:
    siti = signed_in(world.siti)
    siti.post(f"/layanan/{KIA}/mulai/")

    page = page_of(siti, f"/layanan/{KIA}/")

    assert "Anda punya draf layanan ini" in page
    assert siti.get(f"/layanan/{KIA}/mulai/").headers["Location"] == f"/layanan/{KIA}/"


def test_unknown_service_is_a_clear_page(client: Client, world: World) -> None:
    response = client.get("/layanan/tidak.ada/")

    assert response.status_code == 404
    assert "kernel.not_found" in response.content.decode()


def test_standards_list_every_service(client: Client, world: World) -> None:
    page = page_of(client, "/standar/")

    assert page.count("#standard") == len(casework.service_list())


def test_service_that_needs_two_proofs_asks_for_them_and_goes_on(world: World) -> None:
    browser = signed_in(world.siti)
    page = browser.get("/layanan/pemkot.ruang_publik.izin/").content.decode()
    assert "Masuk dengan dua bukti" in page

    sent = browser.post("/layanan/pemkot.ruang_publik.izin/mulai/")
    assert sent.headers["Location"] == "/masuk/tingkat/"
    assert "/akun/aplikasi/" in browser.get("/masuk/tingkat/").content.decode()
    session = browser.session
    session["identity.methods"] = [{"method": "totp", "at": 1}]
    session.save()
    proofing_record(person_of(world.siti), method=ProofingMethod.REGISTRY, by=Actor.system("tests"))
    form = browser.get("/masuk/tingkat/").content.decode()

    assert 'action="/layanan/pemkot.ruang_publik.izin/mulai/"' in form
    started = browser.post("/layanan/pemkot.ruang_publik.izin/mulai/")
    assert started.headers["Location"].startswith("/permohonan/")
