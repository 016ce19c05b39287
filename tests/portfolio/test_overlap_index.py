"""A stored index answers as the one it was written from; old reports go, unless something frozen refers to them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from django.conf import LazySettings
from typer.testing import CliRunner

from demo.applications import portfolio
from terpadu.kernel.clock import now
from terpadu.portfolio.cli import app
from terpadu.portfolio.enums import OverlapKind
from terpadu.portfolio.models import (
    ModelVersion,
    OverlapFamily,
    OverlapFinding,
    OverlapReport,
    RequestReport,
    Verdict,
)
from terpadu.portfolio.overlap_desk import Finding as DeskFinding
from terpadu.portfolio.rules.overlap.corpus import corpus_of, number_of
from terpadu.portfolio.rules.overlap.engine import find_overlaps
from terpadu.portfolio.rules.overlap.model import current_model
from terpadu.portfolio.rules.overlap.proposal import Index, index_of
from terpadu.portfolio.rules.overlap.records import OverlapRecord, function_text
from terpadu.portfolio.rules.overlap.stored import WORDS, IndexStale, read_index, write_index
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.services.overlap_engine_desk import EngineDesk
from terpadu.portfolio.services.overlap_index import stored_index
from terpadu.portfolio.services.overlap_reports import overlap_run
from terpadu.portfolio.services.overlap_retention import overlap_reports_prune
from tests.portfolio.clearance import draft, make_people
from tests.portfolio.conftest import CITY, MINISTRY, SYSTEM, Country
from tests.portfolio.test_overlap_services import register
from tools.train_overlap import record_of

PROPOSALS = (
    OverlapRecord(id="", name="SIPRESENSI", function="mencatat kehadiran pegawai dengan sidik jari"),
    OverlapRecord(id="", name="e-Pajak", function="pembayaran pajk daerah secara nontunai"),
    OverlapRecord(id="", name="Qzxw", function="vvvkk wwwjj"),
)


NAMED = (
    OverlapRecord(
        id="staff",
        name="SIMPEG (Sistem Informasi Manajemen Kepegawaian)",
        function="Mencatat pengangkatan, kenaikan pangkat dan pensiun aparatur di seluruh unit kerja",
    ),
    OverlapRecord(id="public", name="Sistem Informasi Layanan Publik", function="Loket izin gangguan"),
)


@pytest.fixture(scope="module")
def index() -> Index:
    """An index of a made-up list long enough for neighbours to tell, and of two that go by common names."""
    made_up = [record_of(one) for one in portfolio(size=1200, seed=7).applications]
    corpus = corpus_of([*made_up, *NAMED], vocabulary())
    return index_of(corpus, find_overlaps(corpus, current_model()).sure, model=current_model())


def test_stored_index_answers_as_the_one_it_was_written_from(index: Index, tmp_path: Path) -> None:
    write_index(index, tmp_path / "index")

    read = read_index(tmp_path / "index", vocabulary())

    answers = [read.check(one) for one in PROPOSALS]
    assert answers == [index.check(one) for one in PROPOSALS]
    assert any(answers)
    assert (read.sha256, read.model.version) == (index.sha256, index.model.version)


@pytest.mark.parametrize(
    ("name", "function", "found"),
    [
        pytest.param("Sistem Informasi Kepegawaian", "", "staff", id="common-words"),
        pytest.param("Aplikasi Pegawai", "Mendukung pelayanan publik", "staff", id="function-of-set-phrases"),
        pytest.param("Sistem Informasi Manajemen Pegawaai", "", "staff", id="typing-error"),
        pytest.param("SIMPEG", "", "staff", id="short-name"),
        pytest.param("SIMPEGG", "", "staff", id="short-name-slip"),
        pytest.param("Sistem Informasi Layanan Publik", "", "public", id="set-phrases-alone"),
        pytest.param("Qzxwvvk", "", "", id="unknown"),
        pytest.param("", "", "", id="blank"),
    ],
)
def test_check_of_a_name_alone_finds_what_is_named_so(
    index: Index, name: str, function: str, found: str
) -> None:
    answers = index.check(OverlapRecord(id="", name=name, function=function), most=500)

    assert [one.right for one in answers if one.right in ("staff", "public")] == [found] * bool(found)
    assert [one.score for one in answers] == sorted((one.score for one in answers), reverse=True)
    assert all(one.why.shares for one in answers)


def test_check_of_a_name_alone_leaves_the_record_itself_out(index: Index) -> None:
    assert "staff" not in [one.right for one in index.check(replace(NAMED[0], function=""), most=500)]


def test_stored_index_arrays_stay_in_the_files(index: Index, tmp_path: Path) -> None:
    write_index(index, tmp_path / "index")

    read = read_index(tmp_path / "index", vocabulary())

    assert not read.rows.words.data.flags.writeable
    assert not read.rows.words.data.flags.owndata


def test_stored_index_of_another_vocabulary_is_stale(index: Index, tmp_path: Path) -> None:
    write_index(index, tmp_path / "index")
    words = tmp_path / "index" / WORDS
    words.write_text(json.dumps({**json.loads(words.read_text()), "vocabulary": "older"}))

    with pytest.raises(IndexStale):
        read_index(tmp_path / "index", vocabulary())


def test_number_of_a_value_is_the_same_in_every_process() -> None:
    assert number_of("") == -1
    assert number_of("simpeg.contoh.go.id") == 6993088274945838800


@pytest.mark.parametrize(
    ("function", "description", "services", "data", "text"),
    [
        ("mencatat aset", "lain", ("x",), ("y",), "mencatat aset"),
        ("-", "mencatat aset", ("x",), ("y",), "mencatat aset"),
        ("", " ", ("Antrean",), ("data pasien",), "Antrean; data pasien"),
        ("", "", (), (), ""),
    ],
)
def test_function_text_takes_the_first_attribute_that_says_something(
    function: str, description: str, services: tuple[str, ...], data: tuple[str, ...], text: str
) -> None:
    assert function_text(function, description=description, services=services, data_used=data) == text


@pytest.fixture
def own_data(settings: LazySettings, tmp_path: Path) -> Path:
    """A data directory of this test alone."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def three(country: Country) -> tuple[str, ...]:
    """Two records of one application, and one that is something else."""
    said = "Mencatat kehadiran pegawai dengan sidik jari"
    return (
        register(CITY, "SIPRESENSI (Sistem Presensi Pegawai)", said),
        register(MINISTRY, "Sipresensi", "Mencatat presensi ASN dengan sidik jari"),
        register(CITY, "e-Parkir", "Menagih retribusi parkir tepi jalan"),
    )


@pytest.mark.django_db
def test_report_leaves_an_index_that_another_process_reads(own_data: Path, three: tuple[str, ...]) -> None:
    report = overlap_run(by=SYSTEM)

    found: DeskFinding = EngineDesk().look(PROPOSALS[0], most=5)

    assert found.engine == "terpadu-overlap"
    assert {one.code for one in found.candidates} == set(three[:2])
    assert found.versions["records_sha256"] == report.records_sha256


@pytest.mark.django_db
@pytest.mark.parametrize("is_reported", [True, False])
def test_cli_checks_against_the_inventory_with_and_without_a_report(
    own_data: Path, three: tuple[str, ...], is_reported: bool
) -> None:
    if is_reported:
        overlap_run(by=SYSTEM)

    done = CliRunner().invoke(app, ["check", "--name", "SIPRESENSI", "--lang", "en"])

    assert done.exit_code == 0
    assert {line.split()[2] for line in done.output.splitlines()} == set(three[:2])


@pytest.mark.django_db
def test_indexes_before_the_one_before_are_taken_away(own_data: Path, three: tuple[str, ...]) -> None:
    reports = [overlap_run(by=SYSTEM).id for _ in range(3)]

    assert stored_index(reports[0]) is None
    assert all(stored_index(one) for one in reports[1:])


def _report(days_old: int, *, sha: str = "") -> UUID:
    model, _ = ModelVersion.objects.get_or_create(version="m", defaults={"content": "{}"})
    report = OverlapReport.objects.create(
        engine="2",
        vocabulary="v",
        model=model,
        records=2,
        records_sha256=sha or f"{days_old:064}",
        threshold=0.5,
        made_at=now() - timedelta(days=days_old),
    )
    OverlapFinding.objects.create(
        report=report, left="APL-1", right="APL-2", kind=OverlapKind.FUNCTION, score=0.9, why={}
    )
    OverlapFamily.objects.create(
        report=report, key="k", name="n", kind=OverlapKind.FUNCTION, score=0.9, centre="APL-1", applications=2
    )
    return report.id


@pytest.mark.django_db
def test_prune_keeps_the_newest_and_what_a_verdict_was_given_on() -> None:
    old, judged, *newest = (_report(days) for days in (9, 8, 3, 2, 1))
    Verdict.objects.create(
        left="APL-1",
        right="APL-2",
        kind=OverlapKind.NONE,
        reason="Beda.",
        said_by="x",
        said_at=now() - timedelta(days=7),
    )

    assert overlap_reports_prune(by=SYSTEM) == 1

    assert set(OverlapReport.objects.values_list("id", flat=True)) == {judged, *newest}
    assert not OverlapFinding.objects.filter(report=old).exists()
    assert not OverlapFamily.objects.filter(report=old).exists()
    assert overlap_reports_prune(by=SYSTEM) == 0


@pytest.mark.django_db
def test_prune_keeps_what_a_clearance_was_decided_on(country: Country) -> None:
    row = draft(make_people().proposer)
    kept, *newest = (_report(days) for days in (9, 3, 2, 1))
    digest = OverlapReport.objects.get(id=kept).records_sha256
    content = {"engine": "terpadu-overlap", "records": 2, "proposal": {}, "candidates": [], "dependents": []}
    RequestReport.objects.create(request=row, sha256="x", versions={"records_sha256": digest}, **content)

    assert overlap_reports_prune(by=SYSTEM) == 0
    assert set(OverlapReport.objects.values_list("id", flat=True)) == {kept, *newest}


def test_families_and_index_take_an_empty_list() -> None:
    corpus = corpus_of([], vocabulary())

    found = index_of(corpus, find_overlaps(corpus, current_model()).sure, model=current_model())

    assert found.check(PROPOSALS[0]) == []
    assert np.asarray(found.ids).size == 0
