"""Reading CSV files and spreadsheets as offices make them: semicolons, Windows letters, Excel's own accidents.

Everything that would silently change a value is refused with the place where it stands: formulas, numbers that Excel
has rounded, duplicate headings.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeAlias

from terpadu_doors.problems import DescribeError

MAX_FILE = 20 << 20
MAX_UNPACKED = 200 << 20
MAX_PARTS = 2_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
_EXACT = 10**15  # Excel keeps 15 digits of a number
_ROUNDED = re.compile(r"[0-9],[0-9]+E\+1[0-9]|[0-9]\.[0-9]+E\+1[0-9]")
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged spreadsheet ends with: openpyxl believes every attribute and number that it meets."""
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9 .,()-]*$)")
_DELIMITERS = ";,\t|"

Cell: TypeAlias = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read: headings, and rows with the number that each has in the file."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_sheet(path: Path, *, sheet: str = "", encoding: str = "", delimiter: str = "") -> Sheet:
    """Return the table in a file.

    Args:
        path: a ``.csv``, ``.txt`` or ``.xlsx`` file.
        sheet: name of the sheet, "" for the first.
        encoding: of a CSV file, "" to find out.
        delimiter: of a CSV file, "" to find out.

    Raises:
        DescribeError: the file is not one, too large, or has cells that cannot be trusted.
    """
    try:
        raw = _read_bytes(path)
    except OSError as error:
        raise DescribeError("table.unreadable", f"the file cannot be read: {error.strerror}") from error
    is_workbook = raw[:4] == b"PK\x03\x04"
    if is_workbook != (path.suffix.lower() == ".xlsx"):
        raise DescribeError(
            "table.kind", "the file's name and content differ; save it as .xlsx or .csv again"
        )
    lines = _workbook_lines(raw, sheet) if is_workbook else _csv_lines(raw, encoding, delimiter)
    return _sheet(lines)


def _read_bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise DescribeError(
            "table.too_large", "the file is larger than 20 MB; split it or use the database door"
        )
    return path.read_bytes()


def _sheet(lines: Iterator[tuple[int, tuple[Cell, ...]]]) -> Sheet:
    first = next(lines, None)
    if first is None:
        raise DescribeError("table.empty", "the file has no rows; put the headings into its first row")
    headings = _headings(first[1])
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    for number, cells in lines:
        if all(cell is None for cell in cells):
            continue
        if len(cells) > len(headings) and any(cell is not None for cell in cells[len(headings) :]):
            raise DescribeError(
                "table.ragged",
                f"row {number} has more cells than row 1 has headings; put the headings into row 1, without a title above",
            )
        padded = (*cells, *(None for _ in headings))[: len(headings)]
        rows.append((number, padded))
        if len(rows) > MAX_ROWS:
            raise DescribeError(
                "table.too_large", f"the file has more than {MAX_ROWS:,} rows; use the database door"
            )
    return Sheet(headings, tuple(rows))


def _headings(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names or not all(names):
        raise DescribeError("table.headings", "a heading in the first row is empty; name every column")
    if len(names) > MAX_COLUMNS:
        raise DescribeError("table.too_large", f"the table has more than {MAX_COLUMNS} columns")
    folded = [name.casefold() for name in names]
    repeated = next((name for name in names if folded.count(name.casefold()) > 1), None)
    if repeated is not None:
        raise DescribeError(
            "table.headings", f"the heading {repeated[:60]} stands twice; name each column differently"
        )
    return tuple(names)


def _csv_lines(raw: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    text = _decode(raw, encoding)
    if "\x00" in text:
        raise DescribeError(
            "table.encoding", "the file holds NUL characters, so it is no text; save it as CSV again"
        )
    separator = delimiter or _sniffed(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, tuple(_csv_cell(cell, reader.line_num) for cell in cells)
    except csv.Error as error:
        raise DescribeError("table.csv", f"row {reader.line_num} is no CSV: {error}") from error


def _decode(raw: bytes, encoding: str) -> str:
    """Return the text of a CSV file; without a stated encoding: by its mark, else UTF-8, else Windows' own."""
    if not encoding:
        encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else _guessed(raw)
    try:
        return raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise DescribeError(
            "table.encoding", f"row {row} is not {encoding}; state the encoding or save as UTF-8"
        ) from error


def _guessed(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _sniffed(text: str) -> str:
    heading = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=heading.count)


def _csv_cell(cell: str, row: int) -> Cell:
    if len(cell) > MAX_CELL:
        raise DescribeError("table.cell", f"row {row} has a cell of more than {MAX_CELL:,} characters")
    text = cell.strip()
    if _FORMULA.match(cell) or _FORMULA.match(text):
        raise DescribeError(
            "table.formula", f"row {row} has a cell that a spreadsheet would run as a formula"
        )
    if _ROUNDED.fullmatch(text):
        raise DescribeError(
            "table.rounded", f"row {row} has a number that Excel has rounded; format the column as text"
        )
    return text or None


def _workbook_lines(raw: bytes, sheet: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    from openpyxl.utils.exceptions import InvalidFileException

    _check_archive(raw)
    try:
        yield from _book_lines(raw, sheet)
    except (InvalidFileException, *_DAMAGED) as error:
        raise DescribeError(
            "table.workbook", "the file is no spreadsheet that can be read; save it again"
        ) from error


def _book_lines(raw: bytes, sheet: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    # Loaded only for spreadsheets: it brings a numeric library along.
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
    try:
        if sheet and sheet not in book.sheetnames:
            raise DescribeError(
                "table.sheet", f"there is no such sheet; there are {', '.join(book.sheetnames)[:200]}"
            )
        page = book[sheet] if sheet else book.worksheets[0]  # a chart's sheet is none of them
        for number, cells in enumerate(page.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
            yield number, tuple(_book_cell(cell, number) for cell in cells)
    finally:
        book.close()


def _check_archive(raw: bytes) -> None:
    """Refuse an archive that would unpack to more than a table needs, before anything is unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise DescribeError("table.workbook", "the file is a damaged spreadsheet; save it again") from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise DescribeError(
            "table.too_large", "the spreadsheet unpacks to more than 200 MB; save only the one table"
        )


def _book_cell(cell: object, row: int) -> Cell:
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "") == "f":
        raise DescribeError("table.formula", f"row {row} has a formula; paste the values instead")
    if getattr(cell, "data_type", "") == "e":
        raise DescribeError("table.formula", f"row {row} has a cell with an error such as #REF!")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT:
        raise DescribeError(
            "table.rounded", f"row {row} has a number that Excel has rounded; format the column as text"
        )
    if isinstance(value, str):
        return _csv_cell(value, row)
    plain: Cell = value if isinstance(value, int | float | bool | date | time) else None
    return plain
