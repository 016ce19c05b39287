"""Lists as they really come: encodings, separators, merged headings, bombs; each is read, or refused with a reason."""

from __future__ import annotations

import io
import itertools
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from terpadu.portfolio.enums import CHOICES
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.reference import synonyms, vocabulary
from terpadu.portfolio.rules.cells import Unreadable, read_cell, read_day, read_rupiah
from terpadu.portfolio.rules.fields import FIELDS, Kind
from terpadu.portfolio.rules.headings import find_header, guess
from terpadu.portfolio.rules.tables import MOST_ROWS, TableRefused, open_table
from terpadu.portfolio.wording import _WORDS, explain, said_again
from tests.portfolio.conftest import HEAD, csv_bytes, xlsx_bytes

ROW = ["A1", "Aplikasi Kelurahan “Melati”", "Surat keterangan – daring", "Aktif", "", "", ""]


def read(content: bytes, *, name: str = "daftar.csv") -> list[tuple[int, list[str]]]:
    return list(open_table(io.BytesIO(content), name=name).rows())


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_in_any_usual_encoding_and_separator_is_read(separator: str, encoding: str) -> None:
    rows = read(csv_bytes([ROW], separator=separator, encoding=encoding))

    assert rows == [(1, HEAD), (2, ROW)]


def test_quoted_separators_and_line_breaks_stay_in_their_cell() -> None:
    rows = read(b'Nama;Fungsi\r\nA;"satu; dua\r\ntiga"\r\n\r\nB;empat\r\n')

    assert rows == [(1, ["Nama", "Fungsi"]), (2, ["A", "satu; dua\r\ntiga"]), (4, ["B", "empat"])]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "file_empty"),
        (b"\x00\x01\x02", "a.csv", "file_binary"),
        (b"%PDF-1.7", "a.pdf", "format_unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "format_unknown"),
        (b"Nama\n\x81\x8d\n", "a.csv", "encoding_unknown"),
        (b"PK\x03\x04rusak", "a.xlsx", "xlsx_broken"),
        (b"{", "a.json", "json_broken"),
        (b"[" * 100_000, "a.json", "json_broken"),
        (b'{"a": 1}', "a.json", "json_form"),
        (b'[{"nama": {"id": "x"}}]', "a.json", "json_form"),
        (b"nama: x", "publiccode.yml", "yaml_broken"),
        (b"a: &a [*a, *a]\nb: !!python/object:os.system x", "publiccode.yml", "yaml_broken"),
        (b"Nama\n" + b"x" * 30_000, "a.csv", "cell_long"),
        (b"Nama\n" + b'"' + b"x" * 200_000, "a.csv", "csv_broken"),
        (b",".join(b"k%d" % n for n in range(400)), "a.csv", "columns_many"),
    ],
)
def test_file_that_is_no_table_is_refused_with_a_reason(content: bytes, name: str, code: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(content, name=name)

    assert refused.value.code == code


def test_merged_headings_in_two_rows_are_joined() -> None:
    rows = [
        ["Daftar Aplikasi Kota Contoh 2024"],
        [],
        ["Identitas", None, "Fungsi", "Biaya", None],
        ["ID Aplikasi", "Nama Aplikasi", None, 2023, 2024],
        ["A1", "Pajak", "Memungut", 1_000_000, "Rp2 jt"],
    ]
    content = xlsx_bytes(rows, merged=["A1:E1", "A3:B3", "C3:C4", "D3:E3"])
    header = find_header(read(content, name="a.xlsx"), synonyms=synonyms())

    assert header is not None
    assert header.names[:5] == ("ID Aplikasi", "Nama Aplikasi", "Fungsi", "Biaya 2023", "Biaya 2024")
    assert header.first_data == 5
    found = guess(header.names, synonyms=synonyms())
    assert found == {
        "local_id": "ID Aplikasi",
        "name": "Nama Aplikasi",
        "function": "Fungsi",
        "cost:2023:other": "Biaya 2023",
        "cost:2024:other": "Biaya 2024",
    }


def test_two_hundred_columns_are_read_and_the_unknown_ones_left_alone() -> None:
    head = ["Nama Aplikasi", "Fungsii Aplikasi", *(f"Kolom {n}" for n in range(198))]
    header = find_header(read(csv_bytes([["x"] * 200], head=head)), synonyms=synonyms())

    assert header is not None
    assert guess(header.names, synonyms=synonyms()) == {
        "name": "Nama Aplikasi",
        "function": "Fungsii Aplikasi",
    }


def test_workbook_gives_days_numbers_and_shown_values_never_formulas() -> None:
    content = xlsx_bytes(
        [["Nama", "Tahun", "Pengguna"], ["A", date(2020, 3, 1), 1200.0], ['=HYPERLINK("x")', 2021, 0.5]]
    )

    rows = read(content, name="a.xlsx")

    assert [cells[:3] for _, cells in rows] == [
        ["Nama", "Tahun", "Pengguna"],
        ["A", "2020-03-01", "1200"],
        ["", "2021", "0,5"],
    ]


def test_zip_bomb_in_a_workbook_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 1024 * 1024))
    tracemalloc.start()

    with pytest.raises(TableRefused) as refused:
        read(file.getvalue(), name="a.xlsx")

    assert refused.value.code == "zip_bomb"
    assert tracemalloc.get_traced_memory()[1] < 5 * 1024 * 1024
    tracemalloc.stop()


def workbook_with(part: str, old: bytes, new: bytes) -> bytes:
    """Return a small workbook with other bytes in one of its parts."""
    original = zipfile.ZipFile(io.BytesIO(xlsx_bytes([["Nama", "Fungsi"], ["A", "satu"]])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for one in original.infolist():
            content = original.read(one)
            if one.filename == part:
                assert old in content
                content = content.replace(old, new, 1)
            archive.writestr(one, content)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("part", "old", "new", "code"),
    [
        pytest.param("xl/workbook.xml", b"<workbook", b'<!DOCTYPE x [<!ENTITY a "aa">]><workbook', "xlsx_broken", id="entities"),
        pytest.param(SHEET, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>', "xlsx_heavy", id="cell-in-the-last-corner"),
        pytest.param(SHEET, b"</sheetData>", b'<row r="150000"><c r="A150000"><v>1</v></c></row></sheetData>', "rows_many", id="cell-far-below"),
        pytest.param(SHEET, b'<c r="B1"', b'<c r="ZZ1"', "columns_many", id="cell-far-beside"),
        pytest.param(SHEET, b"</sheetData>", b"", "xlsx_broken", id="rows-without-end"),
    ],
)  # fmt: skip
def test_hostile_workbook_is_refused_with_a_reason(part: str, old: bytes, new: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(workbook_with(part, old, new), name="a.xlsx")

    assert refused.value.code == code


def test_workbook_that_only_says_it_is_huge_is_read() -> None:
    content = workbook_with(SHEET, b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"')

    assert read(content, name="a.xlsx") == [(1, ["Nama", "Fungsi"]), (2, ["A", "satu"])]


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_workbook_with_a_broken_or_rare_packing_is_refused(packing: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>" * 100)
    content = bytearray(file.getvalue())
    content[45:60] = b"\xff" * 15  # inside the packed bytes

    with pytest.raises(TableRefused) as refused:
        read(bytes(content), name="a.xlsx")

    assert refused.value.code == "xlsx_broken"


def test_hidden_sheets_are_left_out_and_each_other_one_is_read_from_its_own_first_cell() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Catatan"
    book.create_sheet("Rahasia").sheet_state = "hidden"
    sheet = book.create_sheet("Daftar")
    sheet["B3"], sheet["C5"] = "Nama", "=1+1"
    file = io.BytesIO()
    book.save(file)

    table = open_table(io.BytesIO(file.getvalue()), name="a.xlsx")

    assert table.sheets == ("Catatan", "Daftar")
    assert [list(table.rows(one)) for one in table.sheets] == [[], [(3, ["", "Nama"])]]


class Endless(io.RawIOBase):
    """A file of a million rows that is never held anywhere."""

    line = b"A%07d;Aplikasi nomor %07d;Fungsi yang cukup panjang;Aktif\n"
    rows = 1_000_000

    def __init__(self) -> None:
        self.at = 0
        self.size = len(self.line % (0, 0)) * self.rows

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = self.size if whence == io.SEEK_END else offset
        return self.at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what io.BufferedReader asks
        width = len(self.line % (0, 0))
        first = self.at // width
        lines = itertools.islice(self._lines(first), len(buffer) // width + 2)
        piece = b"".join(lines)[self.at % width :][: len(buffer)][: max(self.size - self.at, 0)]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)

    def _lines(self, first: int) -> Iterator[bytes]:
        return (self.line % (n, n) for n in range(first, self.rows))


def test_million_rows_are_refused_at_the_first_too_many_in_the_memory_of_one() -> None:
    table = open_table(io.BufferedReader(Endless(), 65_536), name="a.csv")
    tracemalloc.start()

    with pytest.raises(TableRefused) as refused:
        for _ in table.rows():
            pass

    assert (refused.value.code, refused.value.row) == ("rows_many", MOST_ROWS + 1)
    assert tracemalloc.get_traced_memory()[1] < 5 * 1024 * 1024
    tracemalloc.stop()


def test_json_list_of_objects_is_read_with_its_keys_as_headings() -> None:
    content = json.dumps(
        {"applications": [{"nama": "A", "rab": ["RAB.01"]}, {"nama": "B", "aktif": True}]}
    ).encode()

    assert read(content, name="a.json") == [
        (1, ["nama", "rab", "aktif"]),
        (2, ["A", "RAB.01", ""]),
        (3, ["B", "", "ya"]),
    ]


@pytest.mark.parametrize(
    ("text", "rupiah"),
    [
        ("Rp1,2 M", 1_200_000_000),
        ("Rp. 1.250.000,00", 1_250_000),
        ("47.135.000", 47_135_000),
        ("47135000", 47_135_000),
        ("1.5 juta", 1_500_000),
        ("Rp 20.000.000,-", 20_000_000),
        ("2 T", 2_000_000_000_000),
        ("1,250,000.50", 1_250_001),
        ("750 rb", 750_000),
        ("0", 0),
    ],
)
def test_amount_as_people_write_it_is_whole_rupiah(text: str, rupiah: int) -> None:
    assert read_rupiah(text) == rupiah


@pytest.mark.parametrize("text", ["banyak", "-5", "Rp", "1 2 3", "99999999999999999", "12 kg", "1..2"])
def test_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_rupiah(text)


@given(st.integers(0, 10**14))
def test_amount_written_with_dots_comes_back(rupiah: int) -> None:
    assert read_rupiah(f"Rp{rupiah:,}".replace(",", ".")) == rupiah


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-12-31", date(2024, 12, 31)),
        ("31/12/2024", date(2024, 12, 31)),
        ("31 Desember 2024", date(2024, 12, 31)),
        ("Des 2024", date(2024, 12, 1)),
        ("tahun 2019", date(2019, 1, 1)),
        ("45000", date(2023, 3, 15)),
        ("31/02/2024", None),
        ("kemarin", None),
        ("1066", None),
    ],
)
def test_day_as_text_is_read_or_refused(text: str, day: date | None) -> None:
    assert read_day(text) == day


@given(st.text(max_size=60), st.sampled_from(sorted(FIELDS)))
def test_any_text_in_any_cell_is_a_value_or_a_fault_with_words(text: str, name: str) -> None:
    try:
        read_cell(text, field=FIELDS[name], words=vocabulary())
    except Unreadable as error:
        assert error.code in _WORDS


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("field", sorted(CHOICES))
def test_label_that_a_page_shows_is_read_as_what_it_stands_for(field: str, language: str) -> None:
    kind = FIELDS[field].kind
    with translation.override(language):
        for one in CHOICES[field]:
            expected = (one.value,) if kind is Kind.CHOICES else one.value
            for text in (str(one.label), str(one.value)):
                assert read_cell(text, field=FIELDS[field], words=vocabulary()) == expected
            assert said_again(field, one.value) == one.label


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("platforms", "web; mobile", "Web, Seluler"),
        ("state", "sesuatu", "sesuatu"),
        ("live_on", "2019-01-31", "31 Januari 2019"),
        ("live_on", "2019", "2019"),
        ("users_actual", "12000", "12.000"),
        ("cost:2024:build", "1200000000", "Rp1.200.000.000"),
        ("name", "Antrean", "Antrean"),
        ("", "Antrean", "Antrean"),
        ("state", "", ""),
    ],
)
def test_kept_value_is_said_as_people_read_it(field: str, text: str, said: str) -> None:
    with translation.override("id"):
        assert said_again(field, text) == said


def test_every_fault_has_words_in_both_languages() -> None:
    names = [
        "given",
        "known",
        "most",
        "row",
        "first",
        "second",
        "prefix",
        "example",
        "ending",
        "length",
        "longest",
    ]
    values = {name: name for name in names}
    for code in _WORDS:
        said = []
        for language in ("en", "id"):
            with translation.override(language):
                said.append(explain(Fault(code, values=values)).message)
        assert said[0] != said[1], code
