"""The table door: a new file takes effect, a broken one does not, and its age shows."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terpadu_doors.config import Column, Resource, RowRule, TableDoor
from terpadu_doors.problems import DoorProblem
from terpadu_doors.tables import TableProgram, table_document
from tests.doors.fakes import ask

COLUMNS = (
    Column(column="N I K", name="nik", type="string", nullable=False),
    Column(column="Jenis", name="jenis", type="string"),
    Column(column="Tgl.", name="tanggal", type="date"),
)
LETTERS = Resource(name="surat", table="rows", key=("nik",), lookup=("nik",), listable=True, columns=COLUMNS)
HEAD = "N I K;Jenis;Tgl.;Rahasia\n"
NIK = "3671015406920003"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The office's file."""
    path = tmp_path / "register.csv"
    path.write_text(f"{HEAD}{NIK};Domisili;01/03/2026;x\n")
    return path


Make = Callable[..., TableProgram]


@pytest.fixture
def make(file: Path, key_file: Path) -> Iterator[Make]:
    """Make a door to the office's file."""
    made: list[TableProgram] = []

    def door(**settings: object) -> TableProgram:
        members = {
            "name": "register",
            "peer_id": "36710101",
            "key_file": key_file,
            "file": file,
            "resource": LETTERS,
        }
        made.append(TableProgram(TableDoor.model_validate(members | settings), folder=file.parent / "data"))
        return made[-1]

    yield door
    for program in made:
        program.close()


def test_lookup_gives_chosen_columns_and_the_age_of_the_file(file: Path, make: Make) -> None:
    answer = ask(make(), "/surat/lookup", {"nik": NIK})

    assert answer["items"] == [{"nik": NIK, "jenis": "Domisili", "tanggal": "2026-03-01"}]
    assert answer["is_stale"] is False


def test_document_speaks_to_officers_in_their_language(file: Path, key_file: Path) -> None:
    door = TableDoor(name="register", peer_id="36710101", key_file=key_file, file=file, resource=LETTERS)

    paths = table_document(door)["paths"]
    assert isinstance(paths, dict)
    said = [one["post"]["summary"] for one in paths.values()]  # type: ignore[index,call-overload]  # as documents are made

    assert said == ["Baris surat menurut nik", "Semua baris surat, halaman demi halaman menurut urutan nik"]


def test_new_file_takes_effect_with_the_next_call(file: Path, make: Make) -> None:
    program = make()
    ask(program, "/surat/lookup", {"nik": NIK})
    file.write_text(f"{HEAD}{NIK};Usaha;02/03/2026;x\n3671010403220001;Domisili;02/03/2026;\n")

    assert ask(program, "/surat/lookup", {"nik": NIK})["items"][0]["jenis"] == "Usaha"
    assert len(ask(program, "/surat/page", {})["items"]) == 2
    assert len(list((file.parent / "data").glob("*.sqlite3"))) == 1


@pytest.mark.parametrize(
    "broken",
    [
        f"{HEAD}{NIK};Domisili;01/03/2026;x\n{NIK};Usaha;02/03/2026;\n",
        f"{HEAD}{NIK};Domisili;31/02/2026;\n",
        f"{HEAD};Domisili;01/03/2026;\n",
        f"N I K;Jenis\n{NIK};Domisili\n",
        f"{HEAD}{NIK};=cmd|x;01/03/2026;\n",
        "",
    ],
    ids=["duplicate key", "no day", "empty key", "column gone", "formula", "empty"],
)
def test_broken_new_file_leaves_the_last_good_one(file: Path, make: Make, broken: str) -> None:
    program = make()
    ask(program, "/surat/lookup", {"nik": NIK})
    file.write_text(broken)

    assert ask(program, "/surat/lookup", {"nik": NIK})["items"][0]["jenis"] == "Domisili"


def test_file_that_was_never_good_gives_a_problem_of_its_own(file: Path, make: Make) -> None:
    file.write_text("")
    program = make()

    with pytest.raises(DoorProblem, match=r"door\.table_broken"):
        ask(program, "/surat/lookup", {"nik": NIK})
    file.unlink()
    with pytest.raises(DoorProblem, match=r"door\.unavailable"):
        ask(make(), "/surat/lookup", {"nik": NIK})


def test_file_older_than_its_owner_promised_is_marked_stale(file: Path, make: Make) -> None:
    two_days_ago = time.time() - 2 * 86_400
    os.utime(file, (two_days_ago, two_days_ago))

    answer = ask(make(refresh_hours=24), "/surat/lookup", {"nik": NIK})

    assert answer["is_stale"] is True


def test_row_rules_name_headings_of_the_file(file: Path, make: Make) -> None:
    only = LETTERS.model_copy(update={"rows": (RowRule(column="Jenis", op="eq", value="Usaha"),)})

    with pytest.raises(DoorProblem, match=r"door\.not_found"):
        ask(make(resource=only), "/surat/lookup", {"nik": NIK})


@pytest.mark.parametrize("attack", ["' OR 1=1 --", "x'; DROP TABLE rows; --", "%"])
def test_sql_in_a_lookup_is_only_a_value(file: Path, make: Make, attack: str) -> None:
    program = make()

    with pytest.raises(DoorProblem, match=r"door\.not_found"):
        ask(program, "/surat/lookup", {"nik": attack})
    assert ask(program, "/surat/lookup", {"nik": NIK})["items"]
