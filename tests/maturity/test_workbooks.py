"""The offline sheet as an Excel workbook: out and in without loss, and everything hostile refused with its place."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Assessment
from terpadu.maturity.rules.score import score_indicators
from terpadu.maturity.rules.sheets import COLUMNS, SheetHead, SheetRow
from terpadu.maturity.rules.workbooks import ANSWERS, read_workbook, write_workbook
from terpadu.maturity.services.sheets import sheet_in, workbook_out
from tests.actors import client_of
from tests.maturity.conftest import Scene

SPBE = instrument_get("permenpanrb-59-2020")
HEAD = SheetHead(instrument=SPBE.code, year=2025, agency="kota.99.01")
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
ROWS = st.lists(
    st.builds(
        SheetRow,
        indicator=st.sampled_from(list(SPBE.indicators)),
        level=st.sampled_from(["", "1", "2", "3", "4", "5"]),
        explanation=TEXTS,
        service_name=TEXTS,
        version=st.integers(0, 99),
    ),
    max_size=3,
    unique_by=lambda row: row.indicator,
)
ROW = SheetRow("45", "3", "Ada", "Perizinan", 0)


def filled(change: Callable[[Any], None] = lambda book: None, *rows: SheetRow) -> bytes:
    """Return a workbook that somebody has changed in their spreadsheet program."""
    book = load_workbook(io.BytesIO(write_workbook(HEAD, rows or [ROW], instrument=SPBE)))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def faults(content: bytes) -> list[tuple[str, int, str]]:
    found = read_workbook(content, head=HEAD, instrument=SPBE).faults
    return [(fault.code, fault.line, fault.column) for fault in found]


def repacked(content: bytes, changed: dict[str, bytes]) -> bytes:
    """Return an archive with parts replaced or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changed.pop(name, None) or old.read(name))
        for name, part in changed.items():
            new.writestr(name, part)
    return buffer.getvalue()


@given(ROWS)
@example([SheetRow("1", "3", "=1+1", "_x0041_ \r\n\t\ufffe", 1)])
@settings(max_examples=40)
def test_workbook_written_and_read_again_is_the_same(rows: list[SheetRow]) -> None:
    read = read_workbook(write_workbook(HEAD, rows, instrument=SPBE), head=HEAD, instrument=SPBE)

    assert (read.rows, read.faults) == (rows, [])


@given(st.lists(st.integers(1, 5), min_size=47, max_size=47))
@settings(max_examples=10)
def test_sums_survive_a_round_trip_through_the_workbook(levels: list[int]) -> None:
    given_ = dict(zip(SPBE.indicators, levels, strict=True))
    rows = [SheetRow(number, str(level), "x", "y", 1) for number, level in given_.items()]

    read = read_workbook(write_workbook(HEAD, rows, instrument=SPBE), head=HEAD, instrument=SPBE)

    assert score_indicators(SPBE, {row.indicator: int(row.level) for row in read.rows}) == score_indicators(
        SPBE, given_
    )


def test_workbook_holds_no_formula_offers_the_levels_and_opens_only_what_is_asked() -> None:
    row = SheetRow("1", "3", '=HYPERLINK("https://x")', "@SUM(A1)", 1)
    book = load_workbook(io.BytesIO(write_workbook(HEAD, [row], instrument=SPBE)))
    sheet = book[ANSWERS]

    cells = {name: sheet.cell(row=2, column=at) for at, name in enumerate(COLUMNS, 1)}
    assert {cell.data_type for cell in cells.values()} == {"s", "n"}
    assert cells["explanation"].value == row.explanation
    assert cells["explanation"].quotePrefix
    assert [name for name, cell in cells.items() if not cell.protection.locked] == [
        "level",
        "explanation",
        "service_name",
    ]
    assert sheet.protection.sheet
    assert [one.formula1 for one in sheet.data_validations.dataValidation] == ['"1,2,3,4,5"']
    assert book["Kriteria"].max_row == 1 + 5


def put(cell: str, value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[ANSWERS][cell] = value

    return change


@pytest.mark.parametrize(
    ("change", "code", "line", "column"),
    [
        (put("F2", "=1+2"), "cell_formula", 2, "F (level)"),
        (put("G2", "=HYPERLINK(1)"), "cell_formula", 2, "G (explanation)"),
        (put("F2", date(2025, 5, 3)), "cell_date", 2, "F (level)"),
        (put("F2", "#REF!"), "cell_error", 2, "F (level)"),
        (put("D2", "48"), "number_unknown", 2, "D (indicator)"),
        (put("A2", "permenpanrb-8-2026"), "sheet_other", 2, "A (instrument)"),
        (put("B2", 2024), "sheet_other", 2, "B (year)"),
        (put("I2", "satu"), "sheet_row", 2, "I (version)"),
        (put("G2", "a_x0000_b"), "sheet_character", 2, "G (explanation)"),
        (put("G2", "_xD800_"), "sheet_character", 2, "G (explanation)"),
        (put("F1", "tingkat"), "sheet_columns", 1, ""),
        (put("A1001", "x"), "sheet_row", 1001, ""),
    ],
)
def test_workbook_with_a_bad_cell_names_row_and_column(
    change: Callable[[Any], None], code: str, line: int, column: str
) -> None:
    limit = [("workbook_rows", 1001, "")] if line > 1000 else [(code, line, column)]

    assert faults(filled(change)) == limit


def test_workbook_with_an_indicator_twice_names_the_second() -> None:
    content = filled(lambda book: book[ANSWERS].append([cell.value for cell in book[ANSWERS][2]]))

    assert faults(content) == [("number_double", 3, "D (indicator)")]


def test_workbook_with_merged_rows_names_them() -> None:
    content = filled(lambda book: book[ANSWERS].merge_cells("G2:G3"), ROW, SheetRow("46", "3", "x", "y", 0))

    assert faults(content) == [("workbook_merged", 2, "G")]


def test_workbook_whose_merge_covers_every_cell_there_is_costs_nothing() -> None:
    content = filled(lambda book: book[ANSWERS].merge_cells("G2:G3"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    hostile = repacked(content, {"xl/worksheets/sheet1.xml": part.replace(b"G2:G3", b"A1:XFD1048576")})

    assert faults(hostile) == [("workbook_merged", 1, "A")]


def test_workbook_that_is_a_zip_bomb_is_refused_unopened() -> None:
    bomb = repacked(filled(), {"xl/media/image1.png": b"0" * 10_000_001})
    many = repacked(filled(), {f"xl/media/{number}": b"" for number in range(201)})

    assert len(bomb) < 100_000
    assert [faults(bomb), faults(many)] == [[("workbook_bomb", 0, "")]] * 2


@pytest.mark.parametrize(
    "part",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_workbook_with_a_document_type_is_refused(part: bytes) -> None:
    assert faults(repacked(filled(), {"xl/sharedStrings.xml": part})) == [("workbook_hostile", 0, "")]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500, b""])
def test_workbook_that_is_none_is_refused(content: bytes) -> None:
    assert faults(content) == [("workbook_unreadable", 0, "")]


def test_workbook_without_a_sheet_of_answers_is_read_from_its_first_sheet() -> None:
    def rename(book: Any) -> None:
        book[ANSWERS].title = "Sheet1"

    assert read_workbook(filled(rename), head=HEAD, instrument=SPBE).rows == [ROW]


def test_workbook_with_other_archives_inside_is_refused() -> None:
    empty = Workbook()
    buffer = io.BytesIO()
    empty.save(buffer)

    assert faults(buffer.getvalue()) == [("sheet_columns", 1, "")]


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl warns of parts it does not know
def test_workbook_with_damaged_bytes_never_fails_otherwise_than_with_a_fault() -> None:
    dice, content = random.Random(6), filled()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(150):
        name = dice.choice(list(parts))
        damaged = bytearray(parts[name])
        for _ in range(dice.randint(1, 5)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)

        read = read_workbook(repacked(content, {name: bytes(damaged)}), head=HEAD, instrument=SPBE)

        assert read.rows or read.faults


def test_workbook_filled_in_offline_is_saved_with_every_answer(scene: Scene) -> None:
    book = load_workbook(io.BytesIO(workbook_out(scene.locus, by=scene.operator)))
    sheet = book[ANSWERS]
    for at in range(2, 49):
        sheet[f"F{at}"], sheet[f"G{at}"], sheet[f"H{at}"] = 4, "Ada\nbaris kedua", "Layanan"
    buffer = io.BytesIO()
    book.save(buffer)

    assert sheet_in(scene.locus.id, content=buffer.getvalue(), by=scene.operator) == 47
    assert {str(row.level) for row in Assessment.objects.all()} == {"4.00"}
    again = workbook_out(scene.locus, by=scene.operator)
    assert sheet_in(scene.locus.id, content=again, by=scene.operator) == 0


@pytest.mark.usefixtures("actor_from_header")
def test_workbook_page_gives_and_takes_and_shows_the_cell_to_mend(scene: Scene) -> None:
    client = client_of(scene.operator)
    address = f"/maturitas/{scene.locus.id}/lembar"
    given_ = client.get(f"{address}.xlsx")
    book = load_workbook(io.BytesIO(given_.content))
    book[ANSWERS]["F2"] = "=2+1"
    buffer = io.BytesIO()
    book.save(buffer)

    answer = client.post(f"{address}/", {"file": SimpleUploadedFile("a.xlsx", buffer.getvalue())})

    assert given_["Content-Disposition"].endswith('maturitas-2025-kota.99.01.xlsx"')
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "F (level)" in text
    assert "This cell holds a formula." in text
