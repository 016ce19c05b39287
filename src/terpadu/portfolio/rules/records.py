"""A row of a list as values of a record, what is wrong with it, and what it would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from terpadu.kernel.spreadsheets import bare
from terpadu.kernel.unseen import without_unseen
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.rules.cells import (
    Unreadable,
    Vocabulary,
    host_of,
    is_blank,
    plain,
    read_cell,
    read_rupiah,
    read_said,
)
from terpadu.portfolio.rules.fields import AGENCY, CODE, FIELDS, Value, cost_of, written

Costs = dict[tuple[int, str], int]
DATE_ORDER = (
    ("planned_on", "building_on"),
    ("building_on", "live_on"),
    ("planned_on", "live_on"),
    ("live_on", "ended_on"),
    ("live_on", "ending_on"),
)


@dataclass
class RowRead:
    """What a row says. values: only of cells that say something. agency, code: as written, "" without such a column."""

    row: int
    agency: str = ""
    code: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    costs: Costs = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def name_key(self) -> str:
        """The name as names are compared; "" without one."""
        return plain(str(self.values.get("name") or ""))


@dataclass(frozen=True)
class FieldChange:
    """One field that would be written. field: name of the field, or "cost:2024:build"; "" for the birth of a record."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Column:
    """A column that is read. target: what into. at: its position, from 0. heading: as it stands in the file."""

    target: str
    at: int
    heading: str

    @cached_property
    def cost(self) -> tuple[int, str] | None:
        """Year and kind when it holds costs."""
        return cost_of(self.target)


def read_row(number: int, cells: Sequence[str], *, columns: Sequence[Column], words: Vocabulary) -> RowRead:
    """Read the cells of one row; columns: those that are read."""
    found = RowRead(row=number)
    width = len(cells)
    for column in columns:
        text = without_unseen(cells[column.at]) if column.at < width else ""
        if not text or is_blank(text):
            continue
        text = bare(text) if text[0] == "'" else text
        try:
            _take(found, column, text, words=words)
        except Unreadable as error:
            found.faults.append(Fault(error.code, row=number, column=column.heading, values=error.values))
    return found


def _take(found: RowRead, column: Column, text: str, *, words: Vocabulary) -> None:
    if column.cost:
        found.costs[column.cost] = read_rupiah(text)
    elif column.target == AGENCY:
        found.agency = " ".join(text.split())[:200]
    elif column.target == CODE:
        found.code = text.strip()[:20].upper()
    else:
        found.values[column.target] = read_said(text, field=FIELDS[column.target], words=words)


def read_texts(texts: Mapping[str, str], *, words: Vocabulary) -> tuple[dict[str, Value], list[Fault]]:
    """Read what a person typed into a form; a blank text empties its field. Returns values and faults by field."""
    values: dict[str, Value] = {}
    faults = []
    for name, text in texts.items():
        try:
            values[name] = read_cell(text, field=FIELDS[name], words=words)
        except Unreadable as error:
            faults.append(Fault(error.code, column=name, values=error.values))
    return values, faults


def record_faults(record: Mapping[str, object], *, row: int = 0) -> list[Fault]:
    """Return what is wrong with a record as a whole: no name, days in the wrong order."""
    faults = [] if plain(str(record.get("name") or "")) else [Fault("name_missing", row=row, column="name")]
    for first, second in DATE_ORDER:
        earlier, later = record.get(first), record.get(second)
        if isinstance(earlier, date) and isinstance(later, date) and later < earlier:
            values = {"first": earlier.isoformat(), "second": later.isoformat()}
            faults.append(Fault("dates_order", row=row, column=second, values=values))
    return faults


def changes_between(before: Mapping[str, object], values: Mapping[str, Value]) -> list[FieldChange]:
    """Return each field whose new value differs, in the order of the fields."""
    return [
        FieldChange(name, written(stored), written(values[name]))
        for name in FIELDS
        if name in values and (stored := as_value(before.get(name))) != values[name]
    ]


def cost_changes(before: Costs, costs: Costs) -> list[FieldChange]:
    """Return each cost that is new or differs, by year and kind."""
    return [
        FieldChange(f"cost:{year}:{kind}", str(before.get((year, kind), "")), str(rupiah))
        for (year, kind), rupiah in sorted(costs.items())
        if before.get((year, kind)) != rupiah
    ]


def as_value(stored: object) -> Value:
    """Return a stored value as records hold it: lists as tuples."""
    if isinstance(stored, list):
        return tuple(str(part) for part in stored)
    if stored is None or isinstance(stored, str | int | date | tuple):
        return stored
    return str(stored)


def hosts_of(record: Mapping[str, object]) -> tuple[str, ...]:
    """Return the public hosts of a record, from its address."""
    host = host_of(str(record.get("url") or ""))
    return (host,) if host else ()


def code_paths(record: Mapping[str, object]) -> tuple[str, ...]:
    """Return the reference codes of a record with all above them: RAB.09.06 gives RAB.09.06, RAB.09 and RAB."""
    codes = [code for name in ("rab_codes", "ral_codes", "rad_codes") for code in as_list(record.get(name))]
    codes += [str(record.get("raa_code") or "")]
    return tuple(dict.fromkeys(above for code in codes if code for above in _upwards(code)))


def as_list(value: object) -> tuple[str, ...]:
    """Return a value that holds texts as a tuple, empty for anything else."""
    return tuple(map(str, value)) if isinstance(value, tuple | list) else ()


@lru_cache(maxsize=4_000)
def _upwards(code: str) -> tuple[str, ...]:
    parts = code.split(".")
    return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))
