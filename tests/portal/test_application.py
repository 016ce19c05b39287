"""The mother's way through an application, as a browser without scripts walks it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from terpadu.casework import public as casework
from terpadu.casework.models import Case
from terpadu.exchange.errors import ExchangeUnavailable
from tests.casework.conftest import Draft, FakeExchange, World
from tests.portal.conftest import KIA, signed_in

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def start(client: Client) -> str:
    """Start an application; return the address of its first page."""
    response = client.post(f"/layanan/{KIA}/mulai/", follow=True)
    return str(response.redirect_chain[-1][0])


def option(page: str, label: str) -> str:
    """Return the value of a radio button by its words."""
    found = re.search(rf'value="([^"]+)"[^>]*>\s*<span>{label}', page)
    assert found is not None, label
    return found[1]


def answer_child(client: Client, first: str) -> str:
    """Choose Raka; return the address of the next page."""
    page = text_of(client, first)
    return client.post(first, {"anak": option(page, "RAKA PRATAMA")}).headers["Location"]


def test_story_from_service_to_receipt(siti: Client, lang: str, world: World) -> None:
    siti.cookies["language"] = lang
    first = start(siti)
    second = answer_child(siti, first)

    page = text_of(siti, second)
    assert "Raka Pratama" in page
    assert {"id": "Register Akta Kelahiran", "en": "Birth register"}[lang] in page
    assert {"id": "Datanya keliru?", "en": "Is this wrong?"}[lang] in page
    assert {"id": "langkah 2 dari 3", "en": "step 2 of 3"}[lang] in page
    check = siti.post(second, {"cara": "digital"}).headers["Location"]

    page = text_of(siti, check)
    key = re.search(r'name="submit_key" value="([^"]+)"', page)
    assert key is not None
    receipt = siti.post(check, {"submit_key": key[1], "declaration": "on"}).headers["Location"]

    page = text_of(siti, receipt)
    assert "KIA-3671-2026-000001" in page
    assert {"id": "Kamis, 26 November 2026", "en": "Thursday, 26 November 2026"}[lang] in page


def test_page_left_empty_says_what_is_missing_and_keeps_the_place(siti: Client) -> None:
    first = start(siti)

    response = siti.post(first, {})

    page = response.content.decode()
    assert 'class="summary"' in page
    assert "<title>Galat:" in page


def test_check_page_without_declaration_is_not_sent(siti: Client, ready_draft: Draft) -> None:
    case_id = ready_draft()

    page = siti.post(f"/permohonan/{case_id}/periksa/", {"submit_key": "k"}).content.decode()

    assert 'class="summary"' in page
    assert Case.objects.get(pk=case_id).submitted_at is None


def test_check_page_sent_twice_makes_one_case(siti: Client, ready_draft: Draft) -> None:
    case_id = ready_draft()
    sent = {"submit_key": "k", "declaration": "on"}

    targets = [siti.post(f"/permohonan/{case_id}/periksa/", sent).headers["Location"] for _ in range(2)]

    assert targets == [f"/permohonan/{case_id}/terkirim/"] * 2
    assert Case.objects.get(pk=case_id).events.filter(kind="submitted").count() == 1


def test_check_page_too_early_leads_to_the_open_page(siti: Client) -> None:
    first = start(siti)
    case_address = first.removesuffix("anak/")

    response = siti.get(f"{case_address}periksa/", follow=True)

    assert response.redirect_chain[-1][0] == first
    assert "note wait" in response.content.decode()


def test_page_too_far_leads_to_the_open_page(siti: Client) -> None:
    first = start(siti)

    response = siti.get(first.replace("/anak/", "/penerimaan/"))

    assert response.headers["Location"] == first


def test_child_who_does_not_fit_is_told_why_and_can_change(siti: Client) -> None:
    first = start(siti)
    page = text_of(siti, first)

    response = siti.post(first, {"anak": option(page, "ALYA RAHMA FAUZI")})

    page = response.content.decode()
    assert "Layanan ini tidak cocok" in page
    assert "sudah memiliki KIA" in page
    assert f'href="{first}"' in page


def test_disputed_fact_becomes_a_question_and_is_shown_as_disputed(siti: Client) -> None:
    second = answer_child(siti, start(siti))
    disputing = f"{second}?keliru=nama"
    page = text_of(siti, disputing)
    assert 'name="nama"' in page

    siti.post(
        disputing, {"nama": "Raka Pratama Fauzi", "nama__note": "Akta memuat tiga kata.", "cara": "digital"}
    )

    page = text_of(siti, second.replace("/penerimaan/", "/periksa/"))
    assert "Raka Pratama Fauzi" in page
    assert "Anda menyanggah ini" in page
    assert "Menurut register: Raka Pratama" in page


def test_register_down_says_so_and_offers_retry_and_a_way_on(siti: Client, toll_road: FakeExchange) -> None:
    toll_road.faults["cariKeluarga"] = ExchangeUnavailable(reason="test")

    first = start(siti)
    page = text_of(siti, first)

    assert "Register Kependudukan tidak dapat dibaca" in page
    assert f'action="{first}ulang/"' in page
    toll_road.faults.clear()
    page = siti.post(f"{first}ulang/", follow=True).content.decode()
    assert "tidak dapat dibaca" not in page
    assert "RAKA PRATAMA" in page


def test_case_sent_back_shows_message_marks_and_deadline(siti: Client, sent_case: UUID, world: World) -> None:
    casework.case_act(
        sent_case,
        "send_back",
        by=world.budi,
        marked={"cara": "Pilih salah satu kecamatan."},
        message="Mohon pilih cara lain, mobil layanan sedang rusak.",
    )

    page = text_of(siti, f"/permohonan/{sent_case}/")
    assert "mobil layanan sedang rusak" in page
    assert "Jawab sebelum 7 Desember 2026" in page
    page = text_of(siti, f"/permohonan/{sent_case}/penerimaan/")
    assert "Pilih salah satu kecamatan." in page
    check = siti.post(f"/permohonan/{sent_case}/penerimaan/", {"cara": "kecamatan"}, follow=True)
    assert check.status_code == 200


def test_draft_is_cancelled_only_after_a_second_question(siti: Client) -> None:
    first = start(siti)
    case_address = first.removesuffix("anak/")

    asked = text_of(siti, f"{case_address}batal/")
    assert "Ini tidak dapat diurungkan" in asked
    done = siti.post(f"{case_address}batal/", follow=True)

    assert "Permohonan dibatalkan" in done.content.decode()
    for address, answer in (("anak/", siti.get), ("anak/", siti.post), ("anak/ulang/", siti.post)):
        back = answer(f"{case_address}{address}", follow=True)
        assert back.redirect_chain == [(case_address, 302)]
        assert "sudah berpindah langkah" in back.content.decode()


def test_issued_case_shows_its_document_and_timeline(siti: Client, issued_case: UUID) -> None:
    page = text_of(siti, f"/permohonan/{issued_case}/")

    assert "Kartu Identitas Anak" in page
    assert 'href="/dompet/' in page
    assert "Raka Pratama" in page


def test_applications_are_sorted_by_who_has_the_ball(siti: Client, sent_case: UUID) -> None:
    start(siti)

    page = text_of(siti, "/permohonan/")

    assert page.index("Menunggu Anda") < page.index("Sedang diproses")


def test_applications_of_a_newcomer_say_what_will_be_here(wulan: Client) -> None:
    assert "Belum ada permohonan" in text_of(wulan, "/permohonan/")


@pytest.mark.parametrize("page", ["", "anak/", "penerimaan/", "periksa/", "terkirim/", "batal/"])
def test_pages_of_another_persons_case_do_not_exist(wulan: Client, sent_case: UUID, page: str) -> None:
    assert wulan.get(f"/permohonan/{sent_case}/{page}").status_code == 404
    assert wulan.post(f"/permohonan/{sent_case}/{page}").status_code in (404, 405)


@pytest.mark.parametrize("page", ["/permohonan/", "/pesan/", "/dompet/", "/jejak/", "/jejak/unduh.csv"])
def test_own_pages_ask_strangers_to_sign_in(client: Client, world: World, page: str) -> None:
    response = client.get(page)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/masuk/?next=")


def test_own_pages_are_kept_out_of_shared_caches(world: World) -> None:
    response = signed_in(world.siti).get("/permohonan/")

    assert "no-store" in response.headers["Cache-Control"]
