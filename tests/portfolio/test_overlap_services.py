"""Reports are frozen, verdicts are kept with who and why, models learn from them, lists are read from any CSV."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from demo.applications import portfolio
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.cli import app
from terpadu.portfolio.enums import ChangeSource, OverlapKind
from terpadu.portfolio.errors import OverlapsUnknown, VerdictInvalid
from terpadu.portfolio.models import ModelVersion, OverlapFamily, OverlapFinding, Verdict
from terpadu.portfolio.reference import synonyms
from terpadu.portfolio.rules.overlap.lists import ReadList, read_list
from terpadu.portfolio.rules.overlap.model import current_model
from terpadu.portfolio.rules.tables import TableRefused
from terpadu.portfolio.selectors.overlap import (
    finding_of,
    model_in_use,
    newest_report,
    verdict_on,
    verdicts_not_learned,
)
from terpadu.portfolio.services.applications import Gate, application_register
from terpadu.portfolio.services.overlap_reports import overlap_run
from terpadu.portfolio.services.overlap_verdicts import overlap_verdict_record, overlap_verdict_withdraw
from tests.portfolio.conftest import CITY, MINISTRY, SYSTEM, Country

LIST = "no;nama aplikasi;fungsi\n1;SIMPEG;Mengelola data kepegawaian ASN\n2;SIMPEG;mengelola data pegawai negeri sipil\n3;e-Parkir;retribusi parkir\n"


def listed(content: bytes, *, named: dict[str, str] | None = None) -> ReadList:
    return read_list(io.BytesIO(content), name="daftar.csv", synonyms=synonyms(), named=named)


def register(agency: str, name: str, function: str) -> str:
    values = {"name": name, "function": function}
    return application_register(
        agency_code=agency, values=values, gate=Gate(ChangeSource.PAGE), by=SYSTEM
    ).code


@pytest.fixture
def twins(country: Country) -> tuple[str, str]:
    """Two records of one application, and one that is something else."""
    left = register(
        CITY, "SIPRESENSI (Sistem Presensi Pegawai)", "Mencatat kehadiran pegawai dengan sidik jari"
    )
    right = register(MINISTRY, "Sipresensi", "Mencatat presensi ASN dengan sidik jari")
    register(CITY, "e-Parkir", "Menagih retribusi parkir tepi jalan")
    return left, right


@pytest.mark.django_db
def test_run_freezes_the_pairs_with_versions_and_reasons(twins: tuple[str, str]) -> None:
    report = overlap_run(by=SYSTEM)

    found = finding_of(newest_report(), *reversed(twins))
    assert (found.left, found.right) == tuple(sorted(twins))
    assert "presensi" in found.why["words"]
    assert report.model_id == model_in_use().version
    assert OverlapFinding.objects.filter(report=report).count() == 1
    family = OverlapFamily.objects.get(report=report)
    assert (sorted(family.members), found.family) == (sorted(twins), family.key)
    assert (report.found, family.agencies) == (1, sorted([CITY, MINISTRY]))


@pytest.mark.django_db
def test_newest_report_before_the_first_run_is_unknown() -> None:
    with pytest.raises(OverlapsUnknown):
        newest_report()


@pytest.mark.django_db
def test_verdict_newest_counts_and_withdrawn_gives_way(twins: tuple[str, str]) -> None:
    left, right = twins
    overlap_verdict_record(left, right, kind=OverlapKind.DUPLICATE, reason="Satu aplikasi.", by=SYSTEM)
    newer = overlap_verdict_record(right, left, kind=OverlapKind.NONE, reason="Berbeda.", by=SYSTEM)
    low, high = sorted(twins)
    assert getattr(verdict_on(low, high), "kind", "") == OverlapKind.NONE

    for _ in range(2):
        overlap_verdict_withdraw(newer.id, by=SYSTEM)

    assert getattr(verdict_on(low, high), "kind", "") == OverlapKind.DUPLICATE
    assert Verdict.objects.count() == 2


@pytest.mark.django_db
def test_verdict_of_the_national_team_counts_before_a_newer_one(
    twins: tuple[str, str], country: Country
) -> None:
    team = overlap_verdict_record(
        *twins, kind=OverlapKind.PRODUCT, reason="Satu produk.", by=country.national
    )
    own = overlap_verdict_record(*twins, kind=OverlapKind.NONE, reason="Beda.", by=country.manager)

    assert verdict_on(*sorted(twins)) == team
    with pytest.raises(NotAllowed):
        overlap_verdict_withdraw(team.id, by=country.manager)
    overlap_verdict_withdraw(team.id, by=country.national)
    assert verdict_on(*sorted(twins)) == own


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_verdict_without_a_proper_reason_is_refused(twins: tuple[str, str], reason: str) -> None:
    with pytest.raises(VerdictInvalid):
        overlap_verdict_record(*twins, kind=OverlapKind.NONE, reason=reason, by=SYSTEM)


@pytest.mark.django_db
def test_outsider_neither_judges_nor_runs(twins: tuple[str, str], country: Country) -> None:
    outsider = country.stranger
    with pytest.raises(NotAllowed):
        overlap_verdict_record(*twins, kind=OverlapKind.NONE, reason="Beda.", by=outsider)
    with pytest.raises(NotAllowed):
        overlap_run(by=outsider)


@pytest.mark.django_db
def test_model_learns_from_verdicts_and_old_report_keeps_its_own(twins: tuple[str, str]) -> None:
    before = overlap_run(by=SYSTEM)
    for _ in range(3):
        overlap_verdict_record(*twins, kind=OverlapKind.NONE, reason="Berbeda.", by=SYSTEM)

    assert verdicts_not_learned() == 3

    after = overlap_run(learn=True, by=SYSTEM)

    score = finding_of(before, *twins).score
    assert after.model_id != before.model_id
    assert not OverlapFinding.objects.filter(report=after, score__gte=score).exists()
    assert verdicts_not_learned() == 0
    assert overlap_run(learn=True, by=SYSTEM).model_id == after.model_id
    assert overlap_run(by=SYSTEM).model_id == after.model_id


@pytest.mark.django_db
def test_report_without_verdicts_to_learn_from_keeps_the_model(twins: tuple[str, str]) -> None:
    assert overlap_run(learn=True, by=SYSTEM).model_id == current_model().version


@pytest.mark.django_db
def test_model_that_grew_from_an_older_version_gives_way_to_the_one_that_ships(
    twins: tuple[str, str],
) -> None:
    overlap_verdict_record(*twins, kind=OverlapKind.NONE, reason="Berbeda.", by=SYSTEM)
    learned = overlap_run(learn=True, by=SYSTEM).model
    older = learned.content.replace(current_model().version, "0" * 16)
    ModelVersion.objects.filter(pk=learned.pk).update(content=older)

    assert model_in_use().version == current_model().version
    assert verdicts_not_learned() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_list_with_title_rows_and_semicolons_is_read(encoding: str) -> None:
    found = listed(("Daftar Aplikasi é;;\n" + LIST).encode(encoding))

    assert [one.id for one in found.records] == ["1", "2", "3"]
    assert found.columns["name"] == "nama aplikasi"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "file_empty"),
        (b"nama,fungsi\n", "list_nameless"),
        (b"a,b\n1,2\n", "list_columns"),
        (b"PK\x03\x04\x00\x00", "xlsx_broken"),
        (b"id,nama,fungsi\n1,A,b\n1,C,d\n", "list_id_double"),
    ],
)
def test_list_that_cannot_be_read_says_why(content: bytes, fault: str) -> None:
    with pytest.raises(TableRefused) as refused:
        listed(content)

    assert refused.value.code == fault


def test_list_with_named_columns_and_no_known_heading_is_read() -> None:
    found = listed(b"a;b\nSIMPEG;mengelola pegawai\n", named={"name": "a", "function": "b"})

    assert [(one.id, one.name, one.function) for one in found.records] == [
        ("row-000002", "SIMPEG", "mengelola pegawai")
    ]


def test_list_without_functions_takes_description_then_services_and_data() -> None:
    found = listed(
        b"nama,fungsi,deskripsi,layanan,data\nA,,mencatat aset,,\nB,-,,Antrean,data pasien; jadwal\n"
    )

    assert [one.function for one in found.records] == ["mencatat aset", "Antrean; data pasien; jadwal"]


def test_cli_overlaps_and_check_work_on_a_list_without_a_database(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    run = CliRunner().invoke

    written = run(
        app, ["overlaps", "--input", str(tmp_path / "list.csv"), "--json", str(tmp_path / "out.json")]
    )
    checked = run(
        app,
        [
            "check",
            "--input",
            str(tmp_path / "list.csv"),
            "--name",
            "SIMPEG",
            "--function",
            "data kepegawaian",
            "--json",
        ],
    )

    assert written.exit_code == 0
    assert [
        (one["left"], one["right"]) for one in json.loads((tmp_path / "out.json").read_text())["findings"]
    ] == [("1", "2")]
    assert {one["right"] for one in json.loads(checked.stdout)["findings"]} >= {"1"}


def test_cli_list_without_columns_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")

    done = CliRunner().invoke(
        app, ["overlaps", "--input", str(tmp_path / "list.csv"), "--json", str(tmp_path / "o")]
    )

    assert done.exit_code == 2
    assert "--name-column" in done.output


def test_generator_repeats_and_keeps_its_promises() -> None:
    one, again = portfolio(size=500), portfolio(size=500)

    assert one.applications == again.applications
    assert len(one.owners) == 600
    assert {record.agency_code for record in one.applications} <= {owner.code for owner in one.owners}
    assert set(one.truth) == {record.id for record in one.applications}
    assert all(2017 <= cost.year <= 2026 for record in one.applications for cost in record.costs)
