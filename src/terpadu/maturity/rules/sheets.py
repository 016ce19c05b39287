"""The offline spreadsheet of an agency: written as CSV, read back without loss.

A cell that a spreadsheet program would take for a formula gets an apostrophe in front, and loses it when read back.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

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


@dataclass(frozen=True)
class SheetRow:
    """One answer in the sheet. level: as typed, "" when there is none yet. version: of the answer it was made from."""

    indicator: str
    level: str
    explanation: str
    service_name: str
    version: int


@dataclass(frozen=True)
class SheetHead:
    """What a sheet belongs to: an instrument, a year and an agency."""

    instrument: str
    year: int
    agency: str


def write_sheet(head: SheetHead, rows: list[SheetRow], *, instrument: Instrument) -> str:
    """Write the sheet as CSV text with one row for each answer, in the order given."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        name = instrument.indicators[row.indicator].name.id
        cells = [head.instrument, str(head.year), head.agency, row.indicator, name, row.level]
        cells += [row.explanation, row.service_name, str(row.version)]
        writer.writerow([guarded(cell) for cell in cells])
    return buffer.getvalue()


def read_sheet(text: str, *, head: SheetHead, instrument: Instrument) -> tuple[list[SheetRow], list[Fault]]:
    """Read a sheet back; return its rows in order, and everything that is wrong with it.

    Rows of another agency, year or instrument, unknown or double indicators are faults; levels are judged when saved.
    """
    try:
        lines = list(_lines(text))
    except csv.Error:
        return [], [Fault(code="table_unreadable")]
    names = [name.strip().lower() for name in lines[0][1]] if lines else []
    if missing := [name for name in COLUMNS if name not in names and name != "name"]:
        return [], [Fault(code="sheet_columns", line=1, values={"names": ", ".join(missing)})]
    rows: list[SheetRow] = []
    faults: list[Fault] = []
    for line, cells in lines[1:]:
        by_name = {name: bare(cell) for name, cell in zip(names, cells, strict=False)}
        fault = _row_fault(by_name, line=line, head=head, instrument=instrument, seen=rows)
        if fault:
            faults.append(fault)
        else:
            rows.append(_row(by_name))
    return rows, faults


def _lines(text: str) -> list[tuple[int, list[str]]]:
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]


def _row(cells: dict[str, str]) -> SheetRow:
    return SheetRow(
        indicator=cells["indicator"].strip(),
        level=cells["level"].strip(),
        explanation=cells["explanation"],
        service_name=cells["service_name"],
        version=int(cells["version"]),
    )


def _row_fault(
    cells: dict[str, str], *, line: int, head: SheetHead, instrument: Instrument, seen: list[SheetRow]
) -> Fault | None:
    number = cells.get("indicator", "").strip()
    values = {"kind": "indicator", "number": number[:20], "code": instrument.code}
    place = f"indicator {number[:20]}"
    claimed = (cells.get("instrument"), cells.get("year"), cells.get("agency"))
    if len(cells) < len(COLUMNS) - 1 or not cells.get("version", "").isdecimal():
        return Fault(code="sheet_row", line=line, place=place)
    if claimed != (head.instrument, str(head.year), head.agency):
        return Fault(
            code="sheet_other", line=line, place=place, values={"agency": head.agency, "year": str(head.year)}
        )
    if number not in instrument.indicators:
        return Fault(code="number_unknown", line=line, place=place, values=values)
    if number in {row.indicator for row in seen}:
        return Fault(code="number_double", line=line, place=place, values=values)
    return None
