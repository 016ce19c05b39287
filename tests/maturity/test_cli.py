"""`terpadu maturity` from the command line, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from typer.testing import CliRunner, Result

from terpadu.maturity.cli import app
from terpadu.maturity.instruments import loader

KEMENKO = Path(loader.__file__).parent / "examples" / "kemenko-perekonomian-2021.csv"
SPBE = ("--instrument", "permenpanrb-59-2020", "--lang", "en")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_score_prints_index_band_domains_and_aspects() -> None:
    result = run("score", KEMENKO, *SPBE)

    assert result.exit_code == 0
    assert "Index: 2.95 (2.9475)" in result.output
    assert "Predicate: Good" in result.output
    assert "Domain  4  3.61  Services" in result.output
    assert "Aspect  8  3.17  Electronic public services" in result.output


def test_score_as_json_gives_exact_and_published_values() -> None:
    answer = json.loads(run("score", KEMENKO, *SPBE, "--json").output)

    assert answer["index"] == {"published": "2.95", "exact": "2.9475"}
    assert answer["band"]["key"] == "baik"
    assert answer["aspects"]["8"] == {"published": "3.17", "exact": "19/6"}


def test_score_of_published_domains_needs_no_indicators(tmp_path: Path) -> None:
    file = tmp_path / "domains.csv"
    file.write_text("domain,value\n1,3.70\n2,3.40\n3,3.00\n4,3.20\n")

    result = run("score", file, *SPBE)

    assert "Index: 3.28 (3.282)" in result.output
    assert "Aspect" not in result.output


def test_steps_to_a_target_prints_the_fewest() -> None:
    answer = json.loads(run("steps", KEMENKO, *SPBE, "--target", "3,00", "--json").output)

    assert [(step["indicator"], step["from"], step["to"]) for step in answer] == [("42", 4, 5), ("20", 2, 3)]
    assert answer[-1]["index"] == "3.00"


def test_steps_without_a_target_ranks_single_steps() -> None:
    result = run("steps", KEMENKO, *SPBE)

    assert result.output.splitlines()[0].split()[:5] == ["42", "4", ">", "5", "+0.03"]


@pytest.mark.parametrize(
    ("target", "message"),
    [("empat", "not a number"), ("5.01", "out of reach; the highest is 5.00")],
)
def test_steps_with_a_bad_target_says_why(target: str, message: str) -> None:
    result = run("steps", KEMENKO, *SPBE, "--target", target)

    assert result.exit_code == 2
    assert message in result.output


def test_score_with_bad_rows_names_file_line_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(KEMENKO.read_text().replace("2021,7,3", "2021,7,tiga"))

    result = run("score", file, *SPBE)

    assert result.exit_code == 2
    assert (
        "bad.csv:8: indicator 7: The level of indicator 7 is “tiga”, which is not a number." in result.output
    )
    assert "Write the level as a digit from 1 to 5." in result.output


def test_score_with_bad_rows_as_json_gives_stable_codes(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(KEMENKO.read_text().replace("2021,7,3", "2019,7,3"))

    result = run("score", file, *SPBE, "--json")

    assert json.loads(result.stdout.splitlines()[0])["faults"][0]["code"] == "maturity.year_outside"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe\x00", "not a CSV file in UTF-8"), (b"a" * 1_000_001, "larger than one megabyte")],
)
def test_score_with_a_file_that_is_no_table_says_so(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)

    result = run("score", file, *SPBE)

    assert result.exit_code == 2
    assert message in result.output


def test_score_with_a_missing_file_says_so(tmp_path: Path) -> None:
    result = run("score", tmp_path / "none.csv", *SPBE)

    assert (result.exit_code, "none.csv cannot be read" in result.output) == (2, True)


def test_score_with_an_unknown_instrument_lists_the_known_ones() -> None:
    result = run("score", KEMENKO, "--instrument", "x", "--lang", "en")

    assert result.exit_code == 2
    assert "permenpanrb-59-2020" in result.output


def test_instruments_lists_codes_and_years() -> None:
    assert "permenpanrb-59-2020\tPermenPANRB 59/2020\t2021-2025" in run("instruments").output


def test_check_of_a_broken_file_names_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    text = (Path(loader.__file__).parent / "permenpanrb-8-2026.yaml").read_text()
    file.write_text(text.replace('total_weight: "100"', 'total_weight: "101"'))

    result = run("check", file, "--lang", "en")

    assert result.exit_code == 2
    assert "new.yaml:11: total_weight: The parts add up to 100, not to 101." in result.output


def test_check_of_a_shipped_file_passes() -> None:
    assert run("check", Path(loader.__file__).parent / "permenpanrb-59-2020.yaml").exit_code == 0


def test_load_of_a_new_instrument_makes_it_usable_and_cannot_replace_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path / "data")
    file = tmp_path / "new.yaml"
    text = (Path(loader.__file__).parent / "permenpanrb-8-2026.yaml").read_text()
    file.write_text(text.replace("code: permenpanrb-8-2026", "code: latihan-2027"))

    assert run("load", file, "--lang", "en").exit_code == 0

    assert "latihan-2027" in run("instruments").output
    again = run("load", file, "--lang", "en")
    assert again.exit_code == 2
    assert "An instrument with this code is there already." in again.output


def test_load_of_a_broken_instrument_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path / "data")
    file = tmp_path / "new.yaml"
    file.write_text("code: latihan-2027\n")

    result = run("load", file, "--lang", "en")

    assert result.exit_code == 2
    assert "“years” is missing." in result.output
    assert "latihan-2027" not in run("instruments").output
