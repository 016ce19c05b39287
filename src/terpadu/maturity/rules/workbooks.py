"""The offline sheet as an Excel workbook (Office Open XML), out and in.

What comes in is hostile until checked: the archive's claimed sizes first, then every part by a parser that takes no
document type, then merged cells; only then is the workbook opened, row by row, and no formula is ever computed. Texts go
out as texts, also when they begin like a formula.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any
from zipfile import BadZipFile, ZipFile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from terpadu.maturity.faults import Fault
from terpadu.maturity.rules.instrument import Instrument
from terpadu.maturity.rules.sheets import (
    COLUMNS,
    SheetHead,
    SheetRead,
    SheetRow,
    column_letter,
    column_places,
    read_rows,
    sheet_cells,
)

ANSWERS, CRITERIA = "Jawaban", "Kriteria"
OPEN_COLUMNS = ("level", "explanation", "service_name")
WIDTHS = (22, 7, 16, 10, 48, 8, 70, 32, 9)
MOST_PARTS = 200
MOST_BYTES = 10_000_000
MOST_ROWS = 1_000
MOST_COLUMNS = 50
GREY = PatternFill("solid", fgColor="E7EDEC")
TEXT_FORMAT = "@"
UNREADABLE = (
    AttributeError,
    BadZipFile,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,  # a compression that Python does not know
    OSError,
    OverflowError,
    RuntimeError,  # encrypted parts
    SyntaxError,  # every XML parser's word for broken XML
    TypeError,
    ValueError,
    zlib.error,
)
"""What the libraries raise for a file that is no sound workbook."""

_UNWRITABLE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def write_workbook(head: SheetHead, rows: Sequence[SheetRow], *, instrument: Instrument) -> bytes:
    """Write the sheet as a workbook: answers to fill in, and beside them the criteria of every level.

    Only the columns to fill in are open for typing; nothing is lost from any text, whatever characters it has.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = ANSWERS
    sheet.append(COLUMNS)
    for row in rows:
        _append(sheet, sheet_cells(head, row, instrument=instrument))
    _dress(sheet, widths=WIDTHS)
    _offer_levels(sheet, rows, instrument=instrument)
    _open_for_typing(sheet, rows=len(rows))
    _add_criteria(book, rows, instrument=instrument)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read_workbook(content: bytes, *, head: SheetHead, instrument: Instrument) -> SheetRead:
    """Read a sheet back from a workbook; name by row and column whatever cannot be read."""
    try:
        if faults := _archive_faults(content):
            return SheetRead([], faults)
        lines, faults = _lines(content)
    except DefusedXmlException:
        return SheetRead([], [Fault(code="workbook_hostile")])
    except UNREADABLE:
        return SheetRead([], [Fault(code="workbook_unreadable")])
    if faults:
        return SheetRead([], faults)
    return read_rows(lines, head=head, instrument=instrument)


def _append(sheet: Any, cells: Sequence[str]) -> None:
    at = sheet.max_row + 1
    for column, text in enumerate(cells, 1):
        cell = sheet.cell(row=at, column=column)
        if COLUMNS[column - 1] in ("year", "level", "version") and text.isascii() and text.isdigit():
            cell.value = int(text)
            continue
        cell.value = _escaped(text)
        cell.data_type = "s"
        cell.number_format = TEXT_FORMAT
        cell.quotePrefix = True


def _dress(sheet: Any, *, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[column_letter(column)].width = width
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = GREY
    sheet.freeze_panes = "A2"


def _offer_levels(sheet: Any, rows: Sequence[SheetRow], *, instrument: Instrument) -> None:
    """Offer the levels of the scale as a list, except where another institution's index may have decimals."""
    levels = range(instrument.scale_min, instrument.scale_max + 1)
    offered = DataValidation(type="list", formula1=f'"{",".join(map(str, levels))}"', allow_blank=True)
    letter = column_letter(COLUMNS.index("level") + 1)
    for at, row in enumerate(rows, 2):
        if instrument.indicators[row.indicator].outside is None:
            offered.add(f"{letter}{at}")
    sheet.add_data_validation(offered)


def _open_for_typing(sheet: Any, *, rows: int) -> None:
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    for column, name in enumerate(COLUMNS, 1):
        for at in range(2, rows + 2):
            cell = sheet.cell(row=at, column=column)
            if name in OPEN_COLUMNS:
                cell.protection = Protection(locked=False)
            else:
                cell.fill = GREY


def _add_criteria(book: Any, rows: Sequence[SheetRow], *, instrument: Instrument) -> None:
    sheet = book.create_sheet(CRITERIA)
    sheet.append(["indicator", "name", "level", "level_name", "criterion"])
    for row in rows:
        one = instrument.indicators[row.indicator]
        texts = {criterion.level: criterion.text for criterion in one.criteria}
        for level in one.levels:
            name = one.name.id
            sheet.append([one.number, name, level.number, level.name.id, texts.get(level.number, "")])
    _dress(sheet, widths=(10, 48, 8, 22, 110))
    sheet.protection.sheet = True


def _archive_faults(content: bytes) -> list[Fault]:
    """Return why an archive is not opened as a workbook. Raises what `UNREADABLE` names, or DefusedXmlException."""
    with ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            return [Fault(code="workbook_bomb", values={"megabytes": str(MOST_BYTES // 1_000_000)})]
        found = []
        for part in parts:
            if part.filename.endswith((".xml", ".rels", ".vml")):
                with archive.open(part) as file:
                    found += list(_merged(file))
        return found


def _merged(file: Any) -> Iterator[Fault]:
    """Read a part without keeping it, and return its merged cells as faults."""
    for _event, element in iterparse(file, forbid_dtd=True):
        if element.tag.endswith("}mergeCell"):
            area = str(element.get("ref", ""))[:30]
            corner = _RANGE.match(area)
            column, line = (corner[1], int(corner[2])) if corner else ("", 0)
            yield Fault(code="workbook_merged", line=line, place=area, column=column, values={"range": area})
        element.clear()


def _lines(content: bytes) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """Return the rows of the sheet of answers that are not blank, and every cell that is no plain text or number."""
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    sheet = next((one for one in book.worksheets if one.title == ANSWERS), book.worksheets[0])
    sheet.reset_dimensions()
    lines: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    names: list[str] = []
    for line, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS), 1):
        read = [_text(cell) for cell in cells]
        if not any(text.strip() or code for text, code in read):
            continue
        if line > MOST_ROWS:
            return [], [Fault(code="workbook_rows", line=line, values={"rows": str(MOST_ROWS)})]
        names = names or [text.strip().lower() for text, _code in read]
        faults += _cell_faults(read, line=line, names=names)
        lines.append((line, [text for text, _code in read]))
    return lines, faults


def _cell_faults(read: Sequence[tuple[str, str]], *, line: int, names: Sequence[str]) -> list[Fault]:
    columns = column_places(names)
    return [
        Fault(code=code, line=line, place=f"{column_letter(at)}{line}", column=columns[name])
        for at, (name, (_text, code)) in enumerate(zip(names, read, strict=False), 1)
        if code and name in columns
    ]


def _text(cell: Any) -> tuple[str, str]:
    """Return the text of a cell, and the code of what is wrong with it or ""."""
    kinds = {"f": "cell_formula", "d": "cell_date", "e": "cell_error"}
    value = cell.value
    if code := kinds.get(cell.data_type, ""):
        return "", code
    if value is None:
        return "", ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), ""
    return (_unescaped(value) if isinstance(value, str) else str(value)), ""


def _escaped(text: str) -> str:
    """Write what XML cannot hold the way the format prescribes (ECMA-376 part 1, 22.9.2.19, ST_Xstring)."""
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
