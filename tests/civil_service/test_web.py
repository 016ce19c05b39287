"""The officer sees the own month, in both languages, as chart, table and file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from terpadu.civil_service.services import credit_record
from terpadu.kernel import clock
from terpadu.kernel.ids import uuid7
from tests.civil_service.conftest import Handle, Officer

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with clock.freeze(datetime(2026, 11, 21, 3, tzinfo=UTC)):
        yield


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        (
            "id",
            [
                "Kerja Anda",
                "tepat waktu, 1 dari 2",
                "50%",
                "November 2026",
                "Verifikasi",
                "Terlambat",
                "20 November 2026 pukul 09.06 WIB",
            ],
        ),
        ("en", ["Your work", "in time, 1 of 2", "50%", "November 2026", "Child identity card", "Late"]),
    ],
)
def test_performance_shows_sums_chart_table_and_evidence(
    signed_in: Browser, handled: Handle, language: str, shown: list[str]
) -> None:
    credit_record(handled())
    credit_record(handled(on_time=False, case_id=uuid7()))

    text = signed_in(language).get("/kinerja/").content.decode()

    for words in shown:
        assert words in text
    assert text.count("<rect ") == 1
    assert '<svg viewBox="0 0 392 156" width="640" role="img"' in text
    assert 'height="120.0"' in text
    assert "<details><summary>" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", "Belum ada langkah pada bulan ini"), ("en", "No handled steps in this month")],
)
def test_performance_of_an_empty_month_says_what_will_be_here(
    signed_in: Browser, language: str, words: str
) -> None:
    text = signed_in(language).get("/kinerja/").content.decode()

    assert words in text
    assert "<rect " not in text


def test_performance_of_an_earlier_month_is_picked(signed_in: Browser, handled: Handle) -> None:
    at = datetime(2026, 9, 3, 3, tzinfo=UTC)
    credit_record(handled(started_at=at, finished_at=at, case_number="SEPTEMBER-1"))
    client = signed_in("id")

    assert "SEPTEMBER-1" in client.get("/kinerja/?month=2026-09").content.decode()
    assert "SEPTEMBER-1" not in client.get("/kinerja/").content.decode()
    assert client.get("/kinerja/?month=0000-99").status_code == 200


def test_performance_shows_nobody_elses_steps(signed_in: Browser, handled: Handle, officer: Officer) -> None:
    from terpadu.civil_service.models import Credit

    credit_record(handled(case_number="OTHER-1"))
    Credit.objects.update(person_id=uuid7())

    assert "OTHER-1" not in signed_in("id").get("/kinerja/").content.decode()


def test_performance_costs_the_same_however_many_steps(
    signed_in: Browser, handled: Handle, django_assert_max_num_queries: Any
) -> None:
    client = signed_in("id")
    for minute in range(30):
        at = datetime(2026, 11, 20, 3, minute, tzinfo=UTC)
        credit_record(handled(started_at=at, finished_at=at))

    with django_assert_max_num_queries(12):
        client.get("/kinerja/")


def test_performance_without_signing_in_leads_to_it(officer: Officer, settings: Any) -> None:
    answer = Client().get("/kinerja/")

    assert answer.status_code == 302
    assert answer["Location"].endswith("next=%2Fkinerja%2F")


def test_performance_of_a_person_without_position_is_refused(signed_in: Browser, officer: Officer) -> None:
    client = signed_in("en")

    with clock.freeze(datetime(2023, 1, 1, tzinfo=UTC)):
        answer = client.get("/kinerja/")

    assert answer.status_code == 403
    assert "This page is for officers." in answer.content.decode()


@pytest.mark.parametrize(("language", "head", "late"), [("id", "Permohonan", "tidak"), ("en", "Case", "no")])
def test_evidence_csv_opens_in_a_spreadsheet_and_carries_no_formula(
    signed_in: Browser, handled: Handle, language: str, head: str, late: str
) -> None:
    start = datetime(2026, 11, 20, 2, tzinfo=UTC)
    credit_record(
        handled(case_number="=HYPERLINK(1)", on_time=False, finished_at=start + timedelta(minutes=6))
    )

    answer = signed_in(language).get("/kinerja/bukti.csv?month=2026-11")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="kinerja-2026-11.csv"'
    text = answer.content.decode("utf-8-sig")
    first, row = list(csv.reader(io.StringIO(text)))
    assert first[0] == head
    assert row[0] == "'=HYPERLINK(1)"
    assert row[3:7] == ["2026-11-20 09:00", "2026-11-20 09:06", "6", late]
