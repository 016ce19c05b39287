"""Inbox, wallet and trail: a person's own, and nobody else's."""

from __future__ import annotations

import csv
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import translation

from terpadu.documents.public import document_list_for
from terpadu.exchange.enums import Outcome
from terpadu.exchange.services.data_copy import SECTION as TRAIL
from terpadu.messaging.public import inbox_for, unread_count
from tests.casework.conftest import World, person_of
from tests.portal.conftest import SetTrail, deliver, many_entries, trail_entry

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def test_inbox_shows_unread_and_opening_marks_as_read(siti: Client, sent_case: UUID, world: World) -> None:
    deliver()
    person_id = person_of(world.siti)
    [message] = inbox_for(person_id)
    assert 'class="badge"' in text_of(siti, "/pesan/")

    page = text_of(siti, f"/pesan/{message.id}/")

    assert message.subject in page
    assert unread_count(person_id) == 0
    assert 'class="badge"' not in text_of(siti, "/pesan/")


def test_inbox_marks_all_as_read_at_once(siti: Client, sent_case: UUID, world: World) -> None:
    deliver()

    response = siti.post("/pesan/baca/", follow=True)

    assert "Semua pesan ditandai sudah dibaca" in response.content.decode()
    assert unread_count(person_of(world.siti)) == 0


def test_inbox_of_a_newcomer_says_what_will_be_here(wulan: Client, lang: str) -> None:
    wulan.cookies["language"] = lang

    assert {"id": "Belum ada pesan", "en": "No messages yet"}[lang] in text_of(wulan, "/pesan/")


def test_message_of_another_person_does_not_exist(wulan: Client, sent_case: UUID, world: World) -> None:
    deliver()
    [message] = inbox_for(person_of(world.siti))

    assert wulan.get(f"/pesan/{message.id}/").status_code == 404


def test_wallet_shows_document_with_full_name_and_qr(siti: Client, issued_case: UUID, world: World) -> None:
    [document] = document_list_for(person_of(world.siti))

    assert "Raka Pratama" in text_of(siti, "/dompet/").replace("RAKA PRATAMA", "Raka Pratama")
    page = text_of(siti, f"/dompet/{document.id}/")

    assert f'href="{document.verify_url}"' in page
    assert "<svg" in page[page.index('class="qr"') :]
    assert document.sha256 in page


def test_wallet_gives_the_signed_file(siti: Client, issued_case: UUID, world: World) -> None:
    [document] = document_list_for(person_of(world.siti))

    response = siti.get(f"/dompet/{document.id}/berkas.pdf")

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert b"/ByteRange" in response.content


@pytest.mark.parametrize("page", ["", "berkas.pdf"])
def test_document_of_another_person_does_not_exist(
    wulan: Client, issued_case: UUID, world: World, page: str
) -> None:
    [document] = document_list_for(person_of(world.siti))

    assert wulan.get(f"/dompet/{document.id}/{page}").status_code == 404


def test_wallet_of_a_newcomer_says_what_will_be_here(wulan: Client) -> None:
    assert "Dompet Anda masih kosong" in text_of(wulan, "/dompet/")


def test_trail_says_who_read_what_why_and_for_which_case(
    siti: Client, sent_case: UUID, set_trail: SetTrail, lang: str
) -> None:
    siti.cookies["language"] = lang
    set_trail([trail_entry()])

    page = text_of(siti, "/jejak/")

    said = {
        "id": ("Disdukcapil Kota Tangerang membaca 2 data Anda", "nama, alamat", "Senin, 23 November 2026"),
        "en": (
            "Disdukcapil Kota Tangerang read 2 items of your data",
            "name, address",
            "Monday, 23 November 2026",
        ),
    }
    assert all(words in page for words in said[lang])
    assert "UU 24/2013 ps. 79A" in page
    assert "10.30 WIB" in page
    assert f'<a href="/permohonan/{sent_case}/">KIA-3671-2026-000001</a>' in page


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.ASKED])
def test_trail_says_when_nothing_was_given(siti: Client, set_trail: SetTrail, outcome: Outcome) -> None:
    set_trail([trail_entry(outcome=outcome, data_items=())])

    assert "meminta data Anda dan tidak menerimanya" in text_of(siti, "/jejak/")


def test_trail_says_when_the_two_sides_contradict_each_other(siti: Client, set_trail: SetTrail) -> None:
    set_trail([trail_entry(is_confirmed=False, is_disputed=True)])

    page = text_of(siti, "/jejak/")

    assert "Kedua instansi mencatat hal yang berbeda. Kami memeriksanya." in page
    assert "catatan satu pihak belum ada" not in page


def test_trail_tells_readings_about_a_child_from_those_about_oneself(
    siti: Client, set_trail: SetTrail
) -> None:
    set_trail([trail_entry(is_own=False)])

    assert "Disdukcapil Kota Tangerang membaca 2 data tentang orang yang Anda urus" in text_of(
        siti, "/jejak/"
    )


def test_trail_pages_reach_every_entry_once(siti: Client, set_trail: SetTrail) -> None:
    entries = many_entries(230)
    set_trail(entries)
    seen: list[str] = []
    address = "/jejak/"

    while address:
        page = text_of(siti, address)
        shown = page.partition("<main")[2].partition('class="pager"')[0]
        seen += [str(entry.transaction_id) for entry in entries if str(entry.transaction_id) in shown]
        older = page.partition('href="?before=')[2].partition('"')[0]
        address = f"/jejak/?before={older}" if older else ""

    assert len(seen) == len(set(seen)) == 230


def test_trail_filter_keeps_one_agency(siti: Client, set_trail: SetTrail) -> None:
    set_trail(many_entries(10))

    page = text_of(siti, "/jejak/?instansi=Kecamatan+Tangerang")

    assert page.count("Kecamatan Tangerang membaca") == 5
    assert "Disdukcapil Kota Tangerang membaca" not in page


def test_trail_of_a_newcomer_says_what_will_be_here(wulan: Client) -> None:
    assert "Belum ada pembacaan data Anda yang dapat ditampilkan" in text_of(wulan, "/jejak/")


def test_trail_file_has_every_entry_and_no_formula(siti: Client, set_trail: SetTrail) -> None:
    set_trail([*many_entries(5_100), trail_entry(delegator_name="=HYPERLINK(1)")])
    siti.cookies["language"] = "en"

    answer = siti.get("/jejak/unduh.csv")
    with translation.override("id"):  # whatever the server speaks while it sends
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a streaming answer

    rows = list(csv.reader(StringIO(text)))
    assert len(rows) == 1 + 5_101
    assert (rows[0][0], rows[5_101][8]) == ("When", "You")
    assert rows[1][0] == "2026-11-23 10:30:00 WIB"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_copy_of_a_persons_data_holds_the_whole_trail(siti: Client, set_trail: SetTrail) -> None:
    set_trail(many_entries(5_100))

    assert len(TRAIL.read(uuid4())) == 5_100


@pytest.mark.parametrize("before", ["x", "00000000-0000-0000-0000-000000000000", "%00"])
def test_lists_with_an_odd_address_stay_a_page(wulan: Client, before: str) -> None:
    assert wulan.get(f"/jejak/?before={before}").status_code == 200
    assert wulan.get(f"/pesan/?before={before}").status_code == 200
