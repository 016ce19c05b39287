"""Read a table of values from CSV text: indicators with levels, or published values of aspects or domains.

Takes what spreadsheets write: comma or semicolon, a byte order mark, decimal commas, the official column names.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from terpadu.kernel.numbers import exact
from terpadu.maturity.faults import Fault
from terpadu.maturity.rules.instrument import Instrument
from terpadu.maturity.rules.levels import read_level

TableKind = Literal["indicator", "aspect", "domain"]
KEYS: dict[str, TableKind] = {
    "indicator": "indicator",
    "indikator": "indicator",
    "indikator_no": "indicator",
    "aspect": "aspect",
    "aspek": "aspect",
    "aspek_no": "aspect",
    "domain": "domain",
    "domain_no": "domain",
}
VALUES = ("level", "tingkat", "value", "nilai")


@dataclass(frozen=True)
class Table:
    """What a file says. values: exact, by number, complete unless there are faults. instruments, years: as it claims."""

    kind: TableKind
    values: dict[str, Fraction]
    faults: list[Fault]


@dataclass(frozen=True)
class _Columns:
    kind: TableKind
    key: int
    value: int
    year: int | None


def read_table(text: str, *, instrument: Instrument) -> Table:
    """Read a whole file and name everything that is wrong with it at once.

    text: decoded CSV with a header. Faults: not CSV, no header, unknown or double number, bad level, missing rows, wrong year.
    """
    try:
        rows = list(csv_rows(text))
    except csv.Error:
        return Table("indicator", {}, [Fault(code="table_unreadable")])
    columns = _columns(rows[0][1]) if rows else None
    if columns is None:
        return Table("indicator", {}, [Fault(code="header_unknown", line=rows[0][0] if rows else 1)])
    expected = _expected(instrument, columns.kind)
    if not expected:
        return Table(columns.kind, {}, [Fault(code="no_domains", line=1, values={"code": instrument.code})])
    values: dict[str, Fraction] = {}
    faults: list[Fault] = []
    for line, cells in rows[1:]:
        outcome = _read_row(cells, line=line, columns=columns, instrument=instrument, seen=values)
        if isinstance(outcome, Fault):
            faults.append(outcome)
        else:
            values[outcome[0]] = outcome[1]
    faults += _missing(expected, {cells[columns.key].strip() for _, cells in rows[1:]}, kind=columns.kind)
    return Table(columns.kind, values, faults)


def csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of a CSV file that are not empty, each with its line, filled up to the first one's width. Raises csv.Error."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ","
    )
    width = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            width = width or len(cells)
            yield reader.line_num, cells + [""] * (width - len(cells))


def _columns(header: list[str]) -> _Columns | None:
    names = [name.strip().lower() for name in header]
    keys = [at for at, name in enumerate(names) if name in KEYS]
    values = [at for at, name in enumerate(names) if name in VALUES]
    if not keys or not values:
        return None
    year = next((at for at, name in enumerate(names) if name in ("year", "tahun")), None)
    return _Columns(kind=KEYS[names[keys[0]]], key=keys[0], value=values[0], year=year)


def _expected(instrument: Instrument, kind: TableKind) -> list[str]:
    numbers: dict[TableKind, Callable[[], list[str]]] = {
        "indicator": lambda: list(instrument.indicators),
        "aspect": lambda: [one.number for one in instrument.aspects],
        "domain": lambda: [one.number for one in instrument.domains],
    }
    return numbers[kind]()


def _read_row(
    cells: list[str], *, line: int, columns: _Columns, instrument: Instrument, seen: dict[str, Fraction]
) -> tuple[str, Fraction] | Fault:
    number, given = cells[columns.key].strip(), cells[columns.value]
    place = f"{columns.kind} {number}"
    names = {"kind": columns.kind, "number": number[:20], "code": instrument.code}
    if number not in _expected(instrument, columns.kind):
        return Fault(code="number_unknown", line=line, place=place, values=names)
    if number in seen:
        return Fault(code="number_double", line=line, place=place, values=names)
    if columns.year is not None and not _is_year_covered(cells[columns.year], instrument):
        values = {"year": cells[columns.year].strip()[:20], "code": instrument.code}
        return Fault(code="year_outside", line=line, place=place, values=values)
    if columns.kind == "indicator":
        level = read_level(given, instrument=instrument, indicator=instrument.indicators[number], line=line)
        return level if isinstance(level, Fault) else (number, level)
    value = exact(given)
    if value is None or not instrument.scale_min <= value <= instrument.scale_max:
        limits = {"lowest": str(instrument.scale_min), "highest": str(instrument.scale_max)}
        return Fault(
            code="value_wrong",
            line=line,
            place=place,
            values={**names, **limits, "given": given.strip()[:20]},
        )
    return number, value


def _is_year_covered(text: str, instrument: Instrument) -> bool:
    return text.strip().isdigit() and instrument.covers_year(int(text))


def _missing(expected: list[str], found: set[str], *, kind: TableKind) -> list[Fault]:
    missing = [number for number in expected if number not in found]
    if not missing:
        return []
    return [Fault(code="rows_missing", values={"kind": kind, "numbers": ", ".join(missing)})]
