"""Pages on overlaps: what everyone reads, who gives verdicts, what comes out as a file, and how a report is waited for."""

from __future__ import annotations

import json
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.test import Client
from playwright.sync_api import Browser

from terpadu.kernel import outbox
from terpadu.kernel.clock import now
from terpadu.kernel.models import Timer
from terpadu.kernel.timers import fire_due, timer_due_at
from terpadu.portfolio.enums import ChangeSource, OverlapKind, OverlapStep
from terpadu.portfolio.families import families_of
from terpadu.portfolio.models import Application, OverlapFamily, OverlapRun, Verdict
from terpadu.portfolio.policies import MANAGER
from terpadu.portfolio.rules.overlap.highlight import pieces
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.selectors.overlap_pages import TIMER as OVERLAP_TIMER
from terpadu.portfolio.services import overlap_asking, overlap_reports
from terpadu.portfolio.services.applications import Gate, application_register, application_update
from terpadu.portfolio.services.overlap_asking import (
    overlap_program_start,
    overlap_report_ask,
    overlap_report_due,
)
from terpadu.portfolio.services.overlap_reports import overlap_run
from terpadu.portfolio.services.overlap_verdicts import overlap_verdict_record
from tests.portfolio.conftest import CITY, MINISTRY, OFFICE, SYSTEM, Country, client_of
from tests.portfolio.walkers import Walker, address, browser, person_of_the_story

__all__ = ["address", "browser"]

ROOT = "/portofolio/tumpang-tindih/"
APPLICATIONS = (
    (CITY, "SIPRESENSI (Sistem Presensi Pegawai)", "Mencatat kehadiran pegawai dengan sidik jari"),
    (MINISTRY, "Sipresensi", "Mencatat presensi ASN dengan sidik jari"),
    (OFFICE, "Sipresensi", "Pencatatan kehadiran pegawai dengan sidik jari"),
    (OFFICE, "e-Parkir", "Menagih retribusi parkir tepi jalan"),
)


def register_all() -> list[str]:
    """Put the applications into the inventory; every confidential field says "Rahasia"."""
    return [
        application_register(
            agency_code=agency,
            values={"name": name, "function": function, "server": "Rahasia", "contract_vendor": "Rahasia"},
            gate=Gate(ChangeSource.PAGE),
            by=SYSTEM,
        ).code
        for agency, name, function in APPLICATIONS
    ]


@pytest.fixture
def codes(country: Country, actor_from_header: None) -> list[str]:
    """Three records of one application and one that is something else, with a report."""
    found = register_all()
    overlap_run(by=SYSTEM)
    return found


def pair_path(codes: list[str], left: int = 0, right: int = 1) -> str:
    return f"{ROOT}pasangan/{codes[left]}/{codes[right]}/"


def test_public_pages_show_findings_families_and_nothing_confidential(codes: list[str]) -> None:
    client = client_of(None)
    family = OverlapFamily.objects.get()
    paths = (ROOT, f"{ROOT}keluarga/", f"{ROOT}keluarga/{family.key}/", f"{ROOT}cara/", pair_path(codes))
    for path in paths:
        answer = client.get(path)
        text = answer.content.decode()

        assert answer.status_code == 200
        assert "Rahasia" not in text
        assert "Keep my verdict" not in text
        assert path == f"{ROOT}cara/" or "Sipresensi" in text


def test_dashboard_shows_families_of_the_report(codes: list[str]) -> None:
    every, city, none = families_of(""), families_of(CITY), families_of("nirwana")

    assert every is not None and (every.families, every.applications) == (1, 3)
    assert city is not None and city.top[0].address.startswith(f"{ROOT}keluarga/")
    assert none is not None and none.families == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("instansi=kota.99.01", 2),
        ("instansi=nirwana", 0),
        ("jenis=entah&kode=RAB.99&nilai=x", 3),
        ("kode=RAB.09", 0),
        ("belum=ya", 3),
    ],
)
def test_filters_leave_the_findings_that_fit(codes: list[str], query: str, count: int) -> None:
    assert client_of(None).get(f"{ROOT}?{query}").context["count"] == count


def test_verdict_of_the_manager_counts_and_can_be_taken_back(codes: list[str], country: Country) -> None:
    client, path = client_of(country.manager), pair_path(codes)

    for data in ({"jenis": "entah", "alasan": "x"}, {"jenis": "none", "alasan": " "}):
        answer = client.post(f"{path}putusan/", data)
        assert (answer.status_code, Verdict.objects.count()) == (422, 0)
        assert 'role="alert"' in answer.content.decode()
    client.post(f"{path}putusan/", {"jenis": "none", "alasan": "Beda pengguna.", "terbaca": ""})

    assert Verdict.objects.get().kind == OverlapKind.NONE
    assert client.get(f"{ROOT}?belum=ya").context["count"] == 2
    assert "Beda pengguna." in client.get(path).content.decode()
    assert "Beda pengguna." not in client_of(None).get(path).content.decode()
    client.post(f"{path}tarik/", {"putusan": str(Verdict.objects.get().id)})
    assert client.get(f"{ROOT}?belum=ya").context["count"] == 3


def test_verdict_on_foreign_applications_is_refused(codes: list[str], country: Country) -> None:
    data = {"jenis": "none", "alasan": "Beda."}
    for actor in (country.stranger, country.manager):
        answer = client_of(actor).post(f"{pair_path(codes, 1, 2)}putusan/", data)
        assert answer.status_code == 404
    assert client_of(country.national).post(f"{pair_path(codes, 1, 2)}putusan/", data).status_code == 302
    assert Verdict.objects.count() == 1


def test_pair_that_was_not_found_can_be_compared_and_judged(codes: list[str], country: Country) -> None:
    path = pair_path(codes, 0, 3)

    text = client_of(country.national).get(path).content.decode()

    assert "does not hold this pair" in text and "Keep my verdict" in text
    for unknown in (f"{ROOT}pasangan/{codes[0]}/{codes[0]}/", f"{ROOT}pasangan/{codes[0]}/APL-999999/"):
        assert client_of(None).get(unknown).status_code == 404


def test_downloads_carry_report_versions_and_guard_formulas(codes: list[str]) -> None:
    client = client_of(None)

    def text(path: str) -> str:
        answer = client.get(f"{ROOT}unduh/{path}")
        return answer.getvalue().decode("utf-8-sig")

    found, families = json.loads(text("temuan.json")), json.loads(text("keluarga.json"))
    assert found["report"]["found"] == len(found["temuan"]) == 3
    assert sorted(families["keluarga"][0]["members"]) == sorted(codes[:3])
    assert text("temuan.csv").startswith("left,right,kind,score,verdict")
    assert len(text("keluarga.csv").splitlines()) == 2
    assert client.get(f"{ROOT}unduh/temuan.exe").status_code == 404


def test_report_is_asked_for_by_the_national_team_alone(codes: list[str], country: Country) -> None:
    overlap_verdict_record(codes[0], codes[1], kind=OverlapKind.NONE, reason="Beda.", by=country.manager)
    client = client_of(country.national)
    assert "Learn first from 1 verdict that is new" in client.get(ROOT).content.decode()
    assert "Make a new report" not in client_of(country.manager).get(ROOT).content.decode()
    assert client_of(country.manager).post(f"{ROOT}laporan/").status_code == 404

    assert client.post(f"{ROOT}laporan/", {"belajar": "ya"}).status_code == 302

    assert Timer.objects.get(kind=OVERLAP_TIMER).payload == {"learn": True}
    assert "A new report will be made within a minute" in client.get(ROOT).content.decode()


@pytest.mark.django_db
def test_page_before_the_first_report_tells_how_far_it_is(country: Country, actor_from_header: None) -> None:
    client = Client(headers={"Accept-Language": "en"})
    assert "There is no report yet" in client.get(ROOT).content.decode()
    overlap_report_due()
    assert "It begins within a minute" in client.get(ROOT).content.decode()
    run = OverlapRun.objects.create(step=OverlapStep.COMPARING)
    assert "Step 2 of 3: Comparing them" in client.get(ROOT).content.decode()
    OverlapRun.objects.filter(pk=run.pk).update(step=OverlapStep.FAILED)
    Timer.objects.all().delete()
    assert "could not be finished" in client.get(ROOT).content.decode()
    assert client.get(f"{ROOT}unduh/temuan.csv").status_code == 404


@pytest.mark.django_db
def test_report_follows_single_changes_within_an_hour_and_a_list_at_once(country: Country) -> None:
    def waits() -> timedelta | None:
        while outbox.deliver_due():
            pass
        due_at = timer_due_at(OVERLAP_TIMER, key="all")
        return due_at and due_at - now()

    register_all()
    assert overlap_asking.WAIT < (waits() or overlap_asking.WAIT) <= overlap_asking.CALM
    overlap_report_due()
    assert (waits() or overlap_asking.CALM) <= overlap_asking.WAIT
    Timer.objects.all().delete()
    row = Application.objects.all()[0]
    application_update(row.id, values={"server": "Rak 8"}, by=SYSTEM)
    assert waits() is None
    application_update(row.id, values={"function": "Menagih iuran sampah"}, by=SYSTEM)
    assert waits() is not None


@pytest.mark.django_db
def test_program_is_started_once_and_the_next_report_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Mock(return_value=Mock(returncode=0))
    monkeypatch.setattr(f"{overlap_asking.__name__}.subprocess.run", started)
    overlap_report_ask(learn=True, by=SYSTEM)
    overlap_report_due()
    timer = Timer.objects.get(kind=OVERLAP_TIMER)
    OverlapRun.objects.create()
    Timer.objects.update(due_at=timer.due_at - overlap_asking.WAIT * 2)

    fire_due()

    again = Timer.objects.get(kind=OVERLAP_TIMER)
    assert (again.fired_at, again.payload) == (None, {"learn": True})
    assert not started.called
    OverlapRun.objects.update(step=OverlapStep.DONE)
    assert overlap_program_start()


@pytest.mark.django_db
def test_run_that_breaks_is_marked_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_reports, "find_overlaps", Mock(side_effect=MemoryError))

    with pytest.raises(MemoryError):
        overlap_run(by=SYSTEM)

    assert OverlapRun.objects.get().step == OverlapStep.FAILED


@pytest.mark.parametrize(
    ("text", "words", "acts", "marked"),
    [
        ("Mencatat kehadiran, pegawai.", {"presensi"}, set(), ["kehadiran"]),
        ("tanpa kata sama", {"presensi"}, set(), []),
        ("", {"presensi"}, set(), []),
    ],
)
def test_pieces_mark_stems_and_synonyms(
    text: str, words: set[str], acts: set[str], marked: list[str]
) -> None:
    found = pieces(text, words=words, acts=acts, vocabulary=vocabulary())

    assert "".join(part for part, _ in found) == text
    assert [part for part, is_shared in found if is_shared] == marked


@pytest.fixture
def site(address: str, country: Country) -> str:
    """Serve four records and a report to a manager who signs in."""
    person_of_the_story("yoga", kind=MANAGER, agency=CITY)
    register_all()
    overlap_run(by=SYSTEM)
    return address


@pytest.mark.e2e
def test_manager_contests_a_finding_and_takes_it_back(browser: Browser, site: str) -> None:
    manager = Walker(browser, site, name="Yoga")
    manager.goto(ROOT)
    manager.look("overlap-findings")
    with manager.page.expect_navigation():
        manager.page.locator(".pairrow a", has_text="SIPRESENSI (").first.click()
    manager.look("overlap-pair")
    manager.page.get_by_label("Not related").check()
    manager.page.get_by_label("Why?").fill("Alat dan pengguna berbeda.")
    manager.tap("Keep my verdict")
    manager.sees("Your verdict is kept")
    manager.look("overlap-judged")
    manager.tap("Take it back")
    manager.sees("The verdict is taken back")
    assert Verdict.objects.get().withdrawn_at is not None

    reader = Walker(browser, site, lang="id", width=1280)
    for name, path in (
        ("overlap-families", f"{ROOT}keluarga/"),
        ("overlap-family", f"{ROOT}keluarga/{OverlapFamily.objects.get().key}/"),
        ("overlap-method", f"{ROOT}cara/"),
    ):
        reader.goto(path)
        reader.look(name)
