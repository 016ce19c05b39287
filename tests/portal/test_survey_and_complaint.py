"""A citizen rates a decided case and complains about it; the office answers. By plain requests, as without JavaScript."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from uuid import UUID

import pytest
from django.test import Client

from terpadu.casework import public as casework
from terpadu.casework.models import Complaint, SurveyReceipt, SurveyTally
from terpadu.casework.services.survey import survey_count
from tests.casework.conftest import World
from tests.portal.conftest import KIA, signed_in

pytestmark = pytest.mark.django_db
WORDS = "Sudah tiga hari tidak ada kabar dari kantor."
ANSWER = "Kami mohon maaf; berkas Anda selesai hari ini."


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def told(client: Client, address: str, **data: str) -> str:
    """Send a form and return the page that it leads to."""
    return client.post(address, data, follow=True).content.decode()


@pytest.fixture
def rejected(sent_case: UUID, world: World) -> str:
    """The address of Siti's case, which Budi rejected."""
    casework.case_act(sent_case, "reject", by=world.budi, message="Anak sudah memiliki kartu yang berlaku.")
    return f"/permohonan/{sent_case}/"


@pytest.fixture
def hendra(world: World) -> Iterator[Client]:
    """The browser of the head of office."""
    yield signed_in(world.hendra)


def test_survey_is_nine_taps_from_the_page_of_a_decided_case_and_is_asked_no_more(
    siti: Client, rejected: str
) -> None:
    assert f"{rejected}nilai/" in page_of(siti, rejected)
    form = page_of(siti, f"{rejected}nilai/")
    assert form.count("<fieldset") == 9
    assert form.count('type="radio"') == 36
    assert "required" not in form.partition("<main")[2].partition("</main>")[0]

    after = told(siti, f"{rejected}nilai/", **{f"u{number}": "3" for number in range(1, 10)})

    assert "tak seorang pun dapat melihat" in after
    assert f"{rejected}nilai/" not in page_of(siti, rejected)
    assert SurveyTally.objects.get().counts["u9"] == [0, 0, 1, 0]
    assert "dapat dinilai sekali" in told(siti, f"{rejected}nilai/", u1="1")
    assert SurveyReceipt.objects.count() == 1


@pytest.mark.parametrize("given", [{}, {"u1": "5"}, {"u1": "tiga"}])
def test_survey_without_a_score_says_what_to_do_and_keeps_the_page(
    siti: Client, rejected: str, given: dict[str, str]
) -> None:
    page = told(siti, f"{rejected}nilai/", **given)

    assert page.count("<fieldset") == 9
    assert 'class="note late"' in page or 'class="field wrong"' in page
    assert not SurveyTally.objects.exists()


def test_survey_is_not_asked_while_the_case_runs_and_blocks_nothing(siti: Client, sent_case: UUID) -> None:
    page = page_of(siti, f"/permohonan/{sent_case}/")

    assert "nilai/" not in page
    assert siti.get(f"/permohonan/{sent_case}/nilai/").status_code == 302


def test_complaint_goes_from_the_case_to_the_head_and_its_answer_back(
    siti: Client, hendra: Client, sent_case: UUID
) -> None:
    case = f"/permohonan/{sent_case}/"
    assert f"{case}pengaduan/" in page_of(siti, case)

    assert "Pengaduan Anda diterima" in told(siti, f"{case}pengaduan/", text=WORDS)
    waiting = page_of(siti, case)
    assert WORDS in waiting
    assert f'href="{case}pengaduan/"' not in waiting

    desk = f"/petugas/pengaduan/{Complaint.objects.get().id}/"
    assert desk in page_of(hendra, "/petugas/pengaduan/")
    before = page_of(hendra, desk)
    assert WORDS in before
    assert "Siti" not in before
    assert "KIA-3671" not in before
    told(hendra, f"{desk}ambil/")
    assert "Terjawab" in told(hendra, desk, text=ANSWER)

    assert page_of(siti, case).count(ANSWER) == 2  # beside the complaint, and on the timeline
    assert "Siti Rahmawati" in page_of(hendra, desk)


def test_complaint_with_too_few_words_keeps_them_and_can_be_withdrawn_later(
    siti: Client, sent_case: UUID
) -> None:
    case = f"/permohonan/{sent_case}/"
    assert ">lama<" in told(siti, f"{case}pengaduan/", text="lama").replace("\n", "").replace(">\r", ">")

    told(siti, f"{case}pengaduan/", text=WORDS)
    made = Complaint.objects.get()
    assert "Pengaduan Anda ditarik" in told(siti, f"{case}pengaduan/{made.id}/tarik/")
    assert f"{case}pengaduan/" in page_of(siti, case)


def test_complaint_is_hidden_from_the_officer_of_the_case_and_from_other_citizens(
    siti: Client, wulan: Client, rejected: str, world: World
) -> None:
    told(siti, f"{rejected}pengaduan/", text=WORDS)
    made = Complaint.objects.get()
    budi = signed_in(world.budi)

    assert str(made.id) not in page_of(budi, "/petugas/pengaduan/")
    assert budi.get(f"/petugas/pengaduan/{made.id}/").status_code in (403, 404)
    assert wulan.get(f"{rejected}pengaduan/").status_code in (403, 404)
    assert wulan.post(f"{rejected}pengaduan/{made.id}/tarik/").status_code in (403, 404)
    assert wulan.get(f"{rejected}nilai/").status_code in (403, 404)


def test_service_page_shows_the_result_from_ten_answers_on_and_the_office_has_it_as_csv(
    siti: Client, hendra: Client, world: World
) -> None:
    scores = {f"u{number}": 3 for number in range(1, 10)}

    def say(people: int, **changes: int) -> None:
        for _ in range(people):
            survey_count(KIA, agency_code="disdukcapil.36.71", day=date(2026, 10, 1), scores=scores | changes)

    say(9)
    assert "Baru 9 dari sedikitnya 10 jawaban" in page_of(siti, f"/layanan/{KIA}/")
    assert "75,00" not in page_of(hendra, "/petugas/kepuasan/")

    say(3, u3=2)
    shown = page_of(siti, f"/layanan/{KIA}/")
    assert "74,31" in shown
    assert "<b>Waktu</b>" in shown
    assert "74,31" in page_of(hendra, "/petugas/kepuasan/")
    rows = list(csv.DictReader(StringIO(hendra.get("/petugas/kepuasan/kepuasan.csv").content.decode())))
    assert [(row["index"], row["grade"], row["mean"]) for row in rows][2] == ("74.31", "C", "2.75")
    assert len(rows) == 9
