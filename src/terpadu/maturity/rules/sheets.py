"""The offline spreadsheet of an agency: its rows, and the sheet as CSV. `workbooks` has it as a workbook.

In CSV a cell that a spreadsheet program would take for a formula gets an apostrophe in front, and loses it when read back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from terpadu.kernel.spreadsheets import bare, guarded
from terpadu.maturity.faults import Fault
from terpadu.maturity.rules.instrument import Instrument

COLUMNS = (
    "instrument",
    "year",
    "agency",
    "indicator",
    "name",
    "level",
    "explanation",
    "service_name",
    "version",
)
ALPHABET = 26


@dataclass(frozen=True)
class SheetRow:
    """One answer in the sheet.

    level: as typed, "" when there is none yet. version: of the answer it was made from. line: where it stood in the file, 1-based.
    """

    indicator: str
    level: str
    explanation: str
    service_name: str
    version: int
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class SheetHead:
    """What a sheet belongs to: an instrument, a year and an agency."""

    instrument: str
    year: int
    agency: str


@dataclass(frozen=True)
class SheetRead:
    """What a sheet says. faults: everything that is wrong with it. columns: by name, as a person finds them: "F (level)"."""

    rows: list[SheetRow]
    faults: list[Fault]
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Claim:
    """One row as it stands in the file. cells: by column name."""

    line: int
    cells: Mapping[str, str]
    columns: Mapping[str, str]

    def fault(self, code: str, column: str, values: Mapping[str, str] | None = None) -> Fault:
        """Return what is wrong with a cell of this row."""
        number = self.cells.get("indicator", "").strip()[:20]
        return Fault(
            code=code,
            line=self.line,
            place=f"indicator {number}",
            column=self.columns.get(column, ""),
            values=values or {},
        )


def sheet_cells(head: SheetHead, row: SheetRow, *, instrument: Instrument) -> list[str]:
    """Return the cells of one answer, in the order of `COLUMNS`."""
    name = instrument.indicators[row.indicator].name.id
    place = [head.instrument, str(head.year), head.agency, row.indicator, name]
    return [*place, row.level, row.explanation, row.service_name, str(row.version)]


def write_csv(head: SheetHead, rows: Sequence[SheetRow], *, instrument: Instrument) -> str:
    """Write the sheet as CSV text with one row for each answer, in the order given."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([guarded(cell) for cell in sheet_cells(head, row, instrument=instrument)])
    return buffer.getvalue()


def read_csv(text: str, *, head: SheetHead, instrument: Instrument) -> SheetRead:
    """Read a sheet back from CSV text; takes semicolons and a byte order mark too."""
    try:
        lines = list(_lines(text))
    except csv.Error:
        return SheetRead([], [Fault(code="table_unreadable")])
    return read_rows(lines, head=head, instrument=instrument)


def read_rows(
    lines: Sequence[tuple[int, list[str]]], *, head: SheetHead, instrument: Instrument
) -> SheetRead:
    """Read the rows of a sheet, in order.

    lines: number and cells of each row that is not blank, the names of the columns first. Rows of another agency, year or
    instrument, unknown or double indicators are faults; levels are judged when saved.
    """
    names = [name.strip().lower() for name in lines[0][1]] if lines else []
    if missing := [name for name in COLUMNS if name not in names and name != "name"]:
        return SheetRead([], [Fault(code="sheet_columns", line=1, values={"names": ", ".join(missing)})])
    columns = column_places(names)
    rows: list[SheetRow] = []
    faults: list[Fault] = []
    for line, cells in lines[1:]:
        claim = _Claim(line, dict(zip(names, cells, strict=False)), columns)
        if fault := _row_fault(claim, head=head, instrument=instrument, seen=rows):
            faults.append(fault)
        else:
            rows.append(_row(claim))
    return SheetRead(rows, faults, columns)


def column_places(names: Sequence[str]) -> dict[str, str]:
    """Return how a person finds each column of the sheet: its letter and its name."""
    return {name: f"{column_letter(at)} ({name})" for at, name in enumerate(names, 1) if name in COLUMNS}


def column_letter(number: int) -> str:
    """Return the letters that spreadsheet programs give a column. number: 1-based."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, ALPHABET)
        letters = chr(ord("A") + rest) + letters
    return letters


def _lines(text: str) -> list[tuple[int, list[str]]]:
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    return [
        (reader.line_num, [bare(cell) for cell in cells])
        for cells in reader
        if any(cell.strip() for cell in cells)
    ]


def _row(claim: _Claim) -> SheetRow:
    cells = claim.cells
    return SheetRow(
        indicator=cells["indicator"].strip(),
        level=cells["level"].strip(),
        explanation=cells["explanation"],
        service_name=cells["service_name"],
        version=int(cells["version"]),
        line=claim.line,
    )


def _row_fault(
    claim: _Claim, *, head: SheetHead, instrument: Instrument, seen: Sequence[SheetRow]
) -> Fault | None:
    cells = claim.cells
    number = cells.get("indicator", "").strip()
    wanted = {"instrument": head.instrument, "year": str(head.year), "agency": head.agency}
    if missing := [name for name in COLUMNS if name not in cells and name != "name"]:
        return claim.fault("sheet_row", missing[0])
    if not (cells["version"].isascii() and cells["version"].isdecimal()):
        return claim.fault("sheet_row", "version")
    if broken := [name for name in COLUMNS if not _is_storable(cells.get(name, ""))]:
        return claim.fault("sheet_character", broken[0])
    if other := [name for name, value in wanted.items() if cells[name] != value]:
        return claim.fault("sheet_other", other[0], {"agency": head.agency, "year": str(head.year)})
    values = {"kind": "indicator", "number": number[:20], "code": instrument.code}
    if number not in instrument.indicators:
        return claim.fault("number_unknown", "indicator", values)
    if number in {row.indicator for row in seen}:
        return claim.fault("number_double", "indicator", values)
    return None


def _is_storable(text: str) -> bool:
    """Tell whether the database can keep a text: no NUL, no half of a character."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
