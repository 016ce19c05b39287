"""Files as offices make them, and as attackers do: read exactly, or refused with the place."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from demo.kelurahan.intake import build
from demo.population.cast import story_households
from terpadu_doors.config import Column
from terpadu_doors.problems import DescribeError
from terpadu_doors.sheets import Cell, Sheet, read_sheet
from terpadu_doors.tables import convert, day_format, guess_type

HEAD = "N I K;Nama\r\n"


def _csv(folder: Path, raw: bytes, *, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    "raw",
    [
        (HEAD + "3671015406920003;Réza – Šarif\r\n").encode("cp1252"),
        (HEAD + "3671015406920003;Réza – Šarif\r\n").encode(),
        (HEAD + "3671015406920003;Réza – Šarif\r\n").encode("utf-8-sig"),
        (HEAD + "3671015406920003;Réza – Šarif\r\n").encode("utf-16"),
        (HEAD.replace(";", "\t") + "3671015406920003\tRéza – Šarif\r\n").encode(),
        (HEAD.replace(";", ",") + '3671015406920003,"Réza – Šarif"\n\n').encode(),
    ],
)
def test_csv_in_every_usual_form_reads_the_same(tmp_path: Path, raw: bytes) -> None:
    sheet = read_sheet(_csv(tmp_path, raw))

    assert sheet.headings == ("N I K", "Nama")
    assert sheet.rows == ((2, ("3671015406920003", "Réza – Šarif")),)


def test_register_of_the_kelurahan_reads_with_its_semicolons_and_windows_letters(tmp_path: Path) -> None:
    path = tmp_path / "Register Surat 2026.csv"
    build(path, story_households())

    sheet = read_sheet(path)

    assert sheet.headings[:3] == ("No. Urut", "N I K", "Nama Lengkap")
    assert any("–" in str(cells[3]) for _, cells in sheet.rows)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table.empty"),
        ("a;;c\n1;2;3\n", "table.headings"),
        ("a;A\n1;2\n", "table.headings"),
        ("a;b\n1;2;3\n", "table.ragged"),
        ("a;b\n=1+1;2\n", "table.formula"),
        ("a;b\n =cmd|' /C calc'!A0;2\n", "table.formula"),
        ("a;b\n@SUM(A1);2\n", "table.formula"),
        ("a;b\n-2+3+cmd|x;2\n", "table.formula"),
        ("a;b\n3,67102E+15;2\n", "table.rounded"),
        ("a;b\n3.67102E+15;2\n", "table.rounded"),
        ("a;b\n\x00;2\n", "table.encoding"),
        ('a;b\n"x;2\n', "table.csv"),
        (f"a;b\n{'x' * 10_001};2\n", "table.cell"),
        (";".join(f"k{number}" for number in range(201)) + "\n", "table.too_large"),
    ],
)
def test_csv_that_cannot_be_trusted_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(DescribeError) as refused:
        read_sheet(_csv(tmp_path, text.encode()))

    assert refused.value.code == code


@pytest.mark.parametrize("text", ["a;b\n-;2\n", "a;b\n-12,5;+62 812 00\n", "a;b\n12-01-2026;2\n"])
def test_dashes_and_signed_numbers_are_no_formulas(tmp_path: Path, text: str) -> None:
    assert len(read_sheet(_csv(tmp_path, text.encode())).rows) == 1


def test_bytes_outside_the_stated_encoding_are_refused_with_their_row(tmp_path: Path) -> None:
    path = _csv(tmp_path, b"a;b\n1;2\n\xff\xfe;3\n")

    with pytest.raises(DescribeError, match="row 3") as refused:
        read_sheet(path, encoding="utf-8")

    assert refused.value.code == "table.encoding"


def test_a_name_that_hides_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    for raw, name in ((b"a;b\n", "t.xlsx"), (_workbook([["a"]]), "t.csv")):
        with pytest.raises(DescribeError) as refused:
            read_sheet(_csv(tmp_path, raw, name=name))
        assert refused.value.code == "table.kind"


def test_spreadsheet_reads_texts_days_and_numbers(tmp_path: Path) -> None:
    raw = _workbook([["NIK", "Tanggal", "Anak"], ["3671015406920003", date(2026, 3, 1), 2]])

    sheet = read_sheet(_csv(tmp_path, raw, name="t.xlsx"))

    assert [guess_type([cell]) for cell in sheet.rows[0][1]] == ["string", "date", "integer"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [(3671015406920003, "table.rounded"), ("=A1", "table.formula"), ("=HYPERLINK(1)", "table.formula")],
)
def test_spreadsheet_cells_that_lie_are_refused(tmp_path: Path, cell: object, code: str) -> None:
    raw = _workbook([["a"], [cell]])

    with pytest.raises(DescribeError) as refused:
        read_sheet(_csv(tmp_path, raw, name="t.xlsx"))

    assert refused.value.code == code


def test_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (210 << 20))

    assert len(bomb.getvalue()) < 1 << 20
    with pytest.raises(DescribeError) as refused:
        read_sheet(_csv(tmp_path, bomb.getvalue(), name="t.xlsx"))

    assert refused.value.code == "table.too_large"


def test_spreadsheet_with_entities_in_its_xml_is_refused(tmp_path: Path) -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook([["a"], ["b"]]))) as old, zipfile.ZipFile(raw, "w") as new:
        for part in old.infolist():
            content = old.read(part.filename)
            if part.filename.startswith("xl/worksheets/"):
                content = content.replace(b"<worksheet", entities + b"<worksheet", 1)
            new.writestr(part, content)

    with pytest.raises(DescribeError):
        read_sheet(_csv(tmp_path, raw.getvalue(), name="t.xlsx"))


@pytest.mark.parametrize("raw", [b"PK\x03\x04", b"PK\x03\x04" + b"\x00" * 100])
def test_damaged_spreadsheet_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(DescribeError) as refused:
        read_sheet(_csv(tmp_path, raw, name="t.xlsx"))

    assert refused.value.code == "table.workbook"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"</row>", b""),
        ("xl/worksheets/sheet1.xml", b"<v>1</v>", b"<v>1x1</v>"),
        ("xl/worksheets/sheet1.xml", b'r="A2"', b'r="99999999A"'),
        ("xl/worksheets/sheet1.xml", b't="n"', b't="s"'),
        ("xl/styles.xml", b"<fill", b"<fell"),
        ("xl/workbook.xml", b"<sheet ", b"<sheet x='1' "),
    ],
)
def test_spreadsheet_that_is_damaged_inside_is_refused(
    tmp_path: Path, part: str, old: bytes, new: bytes
) -> None:
    with zipfile.ZipFile(io.BytesIO(_workbook([["a"], [1], ["x"]]))) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)

    with pytest.raises(DescribeError) as refused:
        read_sheet(_csv(tmp_path, damaged.getvalue(), name="t.xlsx"))

    assert refused.value.code == "table.workbook"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "22", None], "integer"),
        (["1,5", "2"], "number"),
        (["01/02/2026", "28/02/2026"], "date"),
        (["01/02/2026", "31/02/2026"], "string"),
        (["01/02/26"], "string"),
        (["3671015406920003"], "string"),
        (["007", "014"], "string"),
        ([None], "string"),
        (["12.500", "1,5"], "string"),
        (["1.500.000"], "string"),
        (["0,125", "0.5", "1,2500"], "number"),
        ([datetime(2026, 3, 1), datetime(2026, 3, 2)], "date"),
        ([datetime(2026, 3, 1), datetime(2026, 3, 2, 14, 30)], "string"),
    ],
)
def test_type_of_a_column_is_the_narrowest_that_fits_all(cells: list[Cell], kind: str) -> None:
    assert guess_type(cells) == kind


@pytest.mark.parametrize(
    ("kind", "cell"),
    [("number", "12.500"), ("integer", "1_000"), ("date", datetime(2026, 3, 2, 14, 30))],
)
def test_cell_that_would_change_in_silence_is_refused_with_its_row(kind: str, cell: Cell) -> None:
    column = Column.model_validate({"column": "a", "name": "a", "type": kind})
    first: Cell = datetime(2026, 3, 1) if kind == "date" else "1"

    with pytest.raises(DescribeError, match="row 3"):
        convert(Sheet(("a",), ((2, (first,)), (3, (cell,)))), [column], key=("a",))


def test_day_of_a_spreadsheet_among_texts_is_written_without_a_time() -> None:
    column = Column(column="a", name="a", type="string")

    rows = convert(Sheet(("a",), ((2, (datetime(2026, 3, 1),)), (3, ("x",)))), [column], key=("a",))

    assert rows == [("2026-03-01",), ("x",)]


def test_days_written_in_two_ways_are_no_days() -> None:
    assert day_format(["01/02/2026", "2026-02-01"]) is None


def _workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()
