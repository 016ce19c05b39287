"""`terpadu portfolio import` from the command line: the same steps and words as on the page."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner, Result

from terpadu.kernel.models import OutboxEvent
from terpadu.portfolio.cli import app
from terpadu.portfolio.events import ImportQueued
from terpadu.portfolio.models import Application
from terpadu.portfolio.services import imports
from tests.portfolio.conftest import CITY, Country, csv_bytes

ROWS = [["A1", "Pajak Daring", "", "Aktif", "", "", ""], ["A2", "Rusak", "", "entah", "", "", ""]]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments])


@pytest.fixture
def daftar(country: Country, tmp_path: Path) -> Path:
    file = tmp_path / "daftar.csv"
    file.write_bytes(csv_bytes(ROWS))
    return file


def test_import_with_a_rejected_row_writes_nothing_and_says_why(daftar: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "tolakan.csv"

    done = run(str(daftar), "--agency", CITY, "--rejects", str(rejects), "--lang", "en")

    assert done.exit_code == 2
    assert "3: rejected Rusak  Status: “entah” is not one of the known words." in done.output
    assert "portfolio.choice_unknown" in rejects.read_text(encoding="utf-8-sig")
    assert not Application.objects.exists()


def test_import_skipping_rejects_writes_the_rest(daftar: Path) -> None:
    done = run(str(daftar), "--agency", CITY, "--skip-rejected", "--json")

    said = json.loads(done.stdout)
    assert (done.exit_code, said["created"], said["rejected"]) == (0, 1, 1)
    assert Application.objects.get().name == "Pajak Daring"


@pytest.mark.parametrize("option", ["--dry-run", "--skip-rejected"])
def test_large_list_is_left_to_no_worker_beside_the_command(
    daftar: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(imports, "SMALL_FILE_BYTES", 0)

    run(str(daftar), "--agency", CITY, option)

    assert not OutboxEvent.objects.filter(name=ImportQueued.name).exists()


@pytest.mark.parametrize(("said", "records"), [("y\n", 1), ("n\n", 0)])
def test_guessed_columns_are_confirmed_at_the_terminal_once(
    country: Country, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, records: int
) -> None:
    monkeypatch.setattr("terpadu.portfolio.cli.sys", Mock(stdin=Mock(isatty=lambda: True)))
    file = tmp_path / "daftar.csv"
    file.write_bytes(csv_bytes(ROWS[:1]))

    done = CliRunner().invoke(app, ["import", str(file), "--agency", CITY, "--lang", "en"], input=said)

    assert "Nama Aplikasi: Name" in done.output and "Are these columns right?" in done.output
    assert Application.objects.count() == records
    assert ("Are these columns right?" in run(str(file), "--agency", CITY, "--lang", "en").output) == (
        not records
    )


def test_dry_run_tells_rows_and_writes_nothing(daftar: Path) -> None:
    done = run(str(daftar), "--agency", CITY, "--dry-run")

    assert done.exit_code == 0
    assert "2: created Pajak Daring" in done.output
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--agency", "nirwana"], "agency"),
        (["--agency", CITY, "--columns", "{rejects}"], "cannot be read"),
        (["--agency", CITY, "--rejects", "/nirwana/tolakan.csv"], "cannot be written"),
    ],
)
def test_option_that_cannot_be_used_is_refused_in_words(daftar: Path, options: list[str], said: str) -> None:
    done = run(str(daftar), *(one.format(rejects=daftar) for one in options), "--lang", "en")

    assert done.exit_code == 2
    assert said in done.output and not Application.objects.exists()


def test_file_that_is_no_list_is_refused_in_words(country: Country, tmp_path: Path) -> None:
    file = tmp_path / "kosong.csv"
    file.write_bytes(b"")

    done = run(str(file), "--agency", CITY)

    assert done.exit_code == 2
    assert "Berkas kosong." in done.output
