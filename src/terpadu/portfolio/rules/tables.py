"""Reading somebody's table: CSV in any usual encoding and separator, XLSX, JSON, row by row and within limits.

Rows are counted as a spreadsheet counts them, from 1. Nothing is held in memory but the row in hand, so that a file of a
million rows is refused at the first row too many, with the memory of one.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import weakref
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from terpadu.portfolio.rules.cells import from_spreadsheet
from terpadu.portfolio.rules.publiccode import NotPubliccode, from_publiccode

MOST_ROWS = 100_000
MOST_COLUMNS = 300
MOST_SHEETS = 30
LONGEST_CELL = 20_000
MOST_BYTES = 256 * 1024 * 1024
MOST_JSON_BYTES = 64 * 1024 * 1024
MOST_YAML_BYTES = 1024 * 1024
MOST_UNPACKED_BYTES = 512 * 1024 * 1024
MOST_RATIO = 200  # a spreadsheet packs about ten to one; a bomb packs a thousand to one
SMALL_BYTES = 10 * 1024 * 1024  # a part that is small unpacked may pack well without harm
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
SEPARATORS = (",", ";", "\t", "|")
SAMPLE_ROWS = 20
WORKBOOK_PROGRAM = "terpadu.portfolio.rules.workbook_program"

Row = tuple[int, list[str]]


class TableRefused(Exception):
    """A file that cannot be read as a table; `code` says why, `values` what the sentence names."""

    def __init__(self, code: str, *, row: int = 0, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.row = row
        self.values = values


class Table:
    """A table in an open file. sheets: names of its sheets, one without a name when the format has none."""

    sheets: tuple[str, ...] = ("",)

    def rows(self, sheet: str = "") -> Iterator[Row]:
        """Yield the number and the cells of each row that is not blank. Raises TableRefused."""
        for number, cells in self._cells(sheet):
            if number > MOST_ROWS:
                raise TableRefused("rows_many", row=number, most=str(MOST_ROWS))
            if len(cells) > MOST_COLUMNS and any(cell.strip() for cell in cells[MOST_COLUMNS:]):
                raise TableRefused("columns_many", row=number, most=str(MOST_COLUMNS))
            if max(map(len, cells), default=0) > LONGEST_CELL:
                raise TableRefused("cell_long", row=number, most=str(LONGEST_CELL))
            if "".join(cells).strip():
                yield number, cells

    def sample(self, sheet: str = "") -> list[Row]:
        """Return the first rows, in which the headings are searched. Raises TableRefused."""
        return list(islice(self.rows(sheet), SAMPLE_ROWS))

    def _cells(self, sheet: str) -> Iterator[Row]:
        raise NotImplementedError


def open_table(file: IO[bytes], *, name: str) -> Table:
    """Return the table in a file, by its content first and its ending second. Raises TableRefused.

    file: seekable, at its beginning. name: as its owner calls it.
    """
    size = file.seek(0, io.SEEK_END)
    head = file.read(8) if file.seek(0) == 0 else b""
    file.seek(0)
    if not size:
        raise TableRefused("file_empty")
    if size > MOST_BYTES:
        raise TableRefused("file_large", most=str(MOST_BYTES // 1024**2))
    if head.startswith(b"PK"):
        return Workbook(file)
    if head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        raise TableRefused("format_unknown", ending=name.rpartition(".")[2][:10])
    if name.lower().endswith(".json"):
        return Objects.read_json(file, size=size)
    if name.lower().endswith((".yml", ".yaml")):
        return Objects.read_publiccode(file, size=size)
    return Lines(file)


class Lines(Table):
    """A CSV file."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.encoding = _encoding(file)
        self.separator = self._separator()

    def _cells(self, sheet: str) -> Iterator[Row]:
        yield from self._parsed(self.separator)

    def _parsed(self, separator: str) -> Iterator[Row]:
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding=self.encoding, newline="")
        number = 0
        try:
            for number, cells in enumerate(csv.reader(text, delimiter=separator), start=1):
                yield number, cells
        except UnicodeDecodeError:
            raise TableRefused("encoding_unknown", row=number + 1) from None
        except csv.Error:
            raise TableRefused("csv_broken", row=number + 1) from None
        finally:
            text.detach()  # the file stays open for the next reading

    def _separator(self) -> str:
        """Return the separator that parts the first lines into the most columns, in most lines alike."""

        def columns(separator: str) -> tuple[int, int]:
            widths = Counter(
                len(cells) for _, cells in islice(self._parsed(separator), SAMPLE_ROWS) if len(cells) > 1
            )
            width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
            return times, width

        return max(SEPARATORS, key=columns)


def _encoding(file: IO[bytes]) -> str:
    """Return the encoding by its mark, else UTF-8 when every byte fits, else Windows-1252, as Excel saves here."""
    head = file.read(4)
    file.seek(0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    while chunk := file.read(1024 * 1024):
        if b"\x00" in chunk:
            raise TableRefused("file_binary")
        if is_utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf8 = False
    return "utf-8-sig" if is_utf8 else "cp1252"


class Workbook(Table):
    """An XLSX file, read as values; what a formula last showed is taken, never the formula."""

    def __init__(self, file: IO[bytes]) -> None:
        _check_archive(file)
        self.lines = _lines_of(file)
        weakref.finalize(self, self.lines.close)
        self.sheets = tuple(json.loads(self.lines.readline()))
        if not self.sheets:
            raise TableRefused("xlsx_broken")

    def _cells(self, sheet: str) -> Iterator[Row]:
        self.lines.seek(0)
        self.lines.readline()
        mark = b"[%d," % (self.sheets.index(sheet) if sheet else 0)
        for line in self.lines:
            if line.startswith(mark):
                _, number, cells = json.loads(line)
                yield number, cells


def _lines_of(file: IO[bytes]) -> IO[bytes]:
    """Return what `workbook_program` writes of a workbook, as an open file without a name. Raises TableRefused."""
    lines = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the table
    with tempfile.TemporaryFile() as source:
        shutil.copyfileobj(file, source)
        source.seek(0)
        done = subprocess.run(  # noqa: S603 - our own program, with this interpreter
            [sys.executable, "-m", WORKBOOK_PROGRAM, str(MOST_SHEETS), str(MOST_ROWS + 1)],
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=source,
            stdout=lines,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode:
        lines.close()
        raise TableRefused("xlsx_heavy" if done.returncode < 0 else "xlsx_broken")
    lines.seek(0)
    return lines


def _check_archive(file: IO[bytes]) -> None:
    """Refuse an archive that is no workbook, or unpacks to more than a workbook ever would. Raises TableRefused."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, EOFError):
        raise TableRefused("xlsx_broken") from None
    entries = archive.infolist()
    if not any(one.filename == "xl/workbook.xml" for one in entries):
        raise TableRefused("format_unknown", ending="zip")
    if any(one.compress_type not in PACKINGS for one in entries):
        raise TableRefused("xlsx_broken")
    unpacked = sum(one.file_size for one in entries)
    swollen = any(
        one.file_size > SMALL_BYTES and one.file_size > MOST_RATIO * max(one.compress_size, 1)
        for one in entries
    )
    if unpacked > MOST_UNPACKED_BYTES or swollen or any(one.flag_bits & 1 for one in entries):
        raise TableRefused("zip_bomb", most=str(MOST_UNPACKED_BYTES // 1024**2))
    _check_parts(archive)
    file.seek(0)


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook whose parts declare entities, which no program writes, or hide them in another encoding."""
    for one in archive.infolist():
        if not one.filename.endswith((".xml", ".rels")):
            continue
        before = b""
        try:
            with archive.open(one) as part:
                while chunk := part.read(1024 * 1024):
                    if b"\x00" in chunk or any(word in before + chunk for word in DECLARATIONS):
                        raise TableRefused("xlsx_broken")
                    before = chunk[-16:]
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
            raise TableRefused("xlsx_broken") from None


class Objects(Table):
    """A list of objects; their keys are the first row."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = records
        self.keys = list(dict.fromkeys(key for record in records for key in record))

    @classmethod
    def read_json(cls, file: IO[bytes], *, size: int) -> Objects:
        """Read a JSON file: a list of objects, or an object with one such list. Raises TableRefused."""
        if size > MOST_JSON_BYTES:
            raise TableRefused("file_large", most=str(MOST_JSON_BYTES // 1024**2))
        try:
            document = json.loads(file.read().decode("utf-8-sig"))
        except (UnicodeDecodeError, ValueError, RecursionError):
            raise TableRefused("json_broken") from None
        return cls(_records(document))

    @classmethod
    def read_publiccode(cls, file: IO[bytes], *, size: int) -> Objects:
        """Read a publiccode.yml as a list of one. Raises TableRefused."""
        if size > MOST_YAML_BYTES:
            raise TableRefused("file_large", most="1")
        try:
            return cls([dict(from_publiccode(YAML(typ="safe", pure=True).load(file.read())))])
        except (YAMLError, UnicodeDecodeError, ValueError, RecursionError, NotPubliccode):
            raise TableRefused("yaml_broken") from None

    def _cells(self, sheet: str) -> Iterator[Row]:
        yield 1, self.keys
        for number, record in enumerate(self.records, start=2):
            yield number, [from_spreadsheet(record.get(key)) for key in self.keys]


def _records(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        document = lists[0] if len(lists) == 1 else None
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise TableRefused("json_form")
    flat = [_flat(one) for one in document]
    if any(isinstance(value, dict) for one in flat for value in one.values()):
        raise TableRefused("json_form")
    return flat


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """Turn the costs that our own JSON export nests, {"costs": [{"year", "kind", "rupiah"}]}, into one key each."""
    costs = record.get("costs")
    if not isinstance(costs, list):
        return record
    rest = {key: value for key, value in record.items() if key != "costs"}
    for one in costs:
        if not isinstance(one, dict) or not {"year", "kind", "rupiah"} <= set(one):
            raise TableRefused("json_form")
        rest[f"cost:{one['year']}:{one['kind']}"] = one["rupiah"]
    return rest
