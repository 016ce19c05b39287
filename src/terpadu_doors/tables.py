"""The table door: a file that an office keeps, held as rows and read again when a new one is put in its place."""

import re
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import structlog
from pydantic import JsonValue
from sqlalchemy.engine import Engine

from terpadu_doors.config import Column, ColumnType, Resource, TableDoor
from terpadu_doors.desk import JsonDesk, JsonObject, Question, Reply
from terpadu_doors.documents import make_document
from terpadu_doors.engines import make_engine, read_url
from terpadu_doors.problems import DescribeError, DoorProblem
from terpadu_doors.rows import RowSource, row_offers
from terpadu_doors.sheets import Cell, Sheet, read_sheet

log = structlog.get_logger()
TABLE = "rows"
STAMP: JsonObject = {
    "as_of": {"type": "string", "format": "date-time"},
    "is_stale": {"type": "boolean"},
}
"""When the file was last written, and whether a newer one is overdue by its owner's own promise."""
_SECONDS = 3.0
_DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_NUMBER = re.compile(r"-?(0([.,][0-9]{1,6})?|[1-9][0-9]{0,8}([.,]([0-9]{1,2}|[0-9]{4,6}))?)")
"""Never three digits behind the mark: 12.500 is twelve and a half to some, and twelve thousand five hundred to most here."""
_STORED = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


@dataclass(frozen=True, slots=True)
class _Held:
    """One version of the file, as rows."""

    source: RowSource
    mark: tuple[int, int]
    engine: Engine
    path: Path


class TableProgram:
    """One table door at work.

    Args:
        door: its configuration.
        folder: where it keeps the rows.
    """

    def __init__(self, door: TableDoor, *, folder: Path) -> None:
        self._door, self._folder = door, folder
        self._held: _Held | None = None
        self._refused: tuple[int, int] | None = None
        self._lock = threading.Lock()
        operations = [offer.id for offer in row_offers([door.resource], row_limit=door.row_limit)]
        handlers = {operation: partial(self._answer, operation) for operation in operations}
        self._desk = JsonDesk(table_document(door), handlers)

    def answer(self, question: Question) -> Reply:
        """Return the rows asked for. Raises DoorProblem."""
        return self._desk.answer(question)

    def close(self) -> None:
        """Remove the rows that were kept."""
        self._let_go()

    def _answer(self, operation: str, asked: JsonObject) -> JsonValue:
        with self._lock:
            held = self._fresh()
        value = held.source.handlers()[operation](asked)
        return value | _stamp(self._door, held.mark) if isinstance(value, dict) else value

    def _fresh(self) -> _Held:
        """Return the rows of the newest file that could be read."""
        try:
            stat = self._door.file.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            mark = None
        if mark is not None and mark != self._refused and (self._held is None or self._held.mark != mark):
            self._take(mark)
        if self._held is None:
            raise DoorProblem("door.table_broken" if self._refused else "door.unavailable")
        return self._held

    def _take(self, mark: tuple[int, int]) -> None:
        door = self._door
        try:
            rows = convert(read_table(door), door.resource.columns, key=door.resource.key)
        except DescribeError as error:
            # The last good version goes on being answered; its age shows in every answer.
            self._refused = mark
            log.error("door.table_refused", door=door.address, code=error.code, detail=error.text)
            return
        path = self._folder / f"{door.address}.{uuid4().hex}.sqlite3"
        _store(path, door, rows)
        engine = make_engine(read_url(f"sqlite:///{path}"), seconds=_SECONDS, connections=4)
        source = RowSource(
            engine, [_as_stored(door.resource)], row_limit=door.row_limit, seconds=_SECONDS, stamp={}
        )
        self._let_go()
        self._held, self._refused = _Held(source, mark, engine, path), None
        log.info("door.table_taken", door=door.address, rows=len(rows))

    def _let_go(self) -> None:
        """Remove the rows of the version before; who reads them still may finish."""
        if self._held is not None:
            self._held.engine.dispose()
            self._held.path.unlink(missing_ok=True)


def table_document(door: TableDoor) -> JsonObject:
    """Return the OpenAPI document of a table door."""
    offers = row_offers([door.resource], row_limit=door.row_limit, stamp=STAMP)
    return make_document(door.title or door.name, version="1", offers=offers)


def read_table(door: TableDoor) -> Sheet:
    """Return the file of a door as a sheet. Raises DescribeError."""
    return read_sheet(door.file, sheet=door.sheet, encoding=door.encoding, delimiter=door.delimiter)


def guess_type(cells: Iterable[Cell]) -> ColumnType:
    """Return the narrowest type that all cells of a column have; long numbers such as a NIK are texts."""
    found = [cell for cell in cells if cell is not None]
    if not found:
        return "string"
    tests: tuple[tuple[ColumnType, type | tuple[type, ...], re.Pattern[str] | None], ...] = (
        ("boolean", bool, None),
        ("integer", int, _INTEGER),
        ("number", (int, float), _NUMBER),
    )
    for kind, types, pattern in tests:
        if all(_is(cell, types, pattern) for cell in found):
            return kind
    if day_format(found) is not None:
        return "date"
    return "string"


def _is(cell: Cell, types: type | tuple[type, ...], pattern: re.Pattern[str] | None) -> bool:
    if isinstance(cell, bool):
        return types is bool
    if isinstance(cell, str):
        return pattern is not None and pattern.fullmatch(cell) is not None
    return isinstance(cell, types)


def day_format(cells: Iterable[Cell]) -> str | None:
    """Return the one form in which all cells are days, "" for real dates of a spreadsheet, None when there is none."""
    found = [cell for cell in cells if cell is not None]
    if found and all(isinstance(cell, date) for cell in found):
        return "" if all(_is_day(cell) for cell in found) else None
    texts = [cell for cell in found if isinstance(cell, str)]
    if not texts or len(texts) < len(found):
        return None
    return next((form for form in _DAY_FORMATS if all(_parses(text, form) for text in texts)), None)


def convert(sheet: Sheet, columns: Iterable[Column], *, key: Iterable[str]) -> list[tuple[object, ...]]:
    """Return the chosen columns of a sheet as rows of the promised types.

    Raises:
        DescribeError: a heading is missing, a cell has another type, is empty, or a key stands twice.
    """
    chosen = tuple(columns)
    places = {name: place for place, name in enumerate(sheet.headings)}
    missing = next((column.column for column in chosen if column.column not in places), None)
    if missing is not None:
        raise DescribeError(
            "table.heading_missing", f"the column {missing} is gone; put it back or connect again"
        )
    forms = {
        column.name: day_format(cells[places[column.column]] for _, cells in sheet.rows)
        for column in chosen
        if column.type == "date"
    }
    keys = [place for place, column in enumerate(chosen) if column.name in set(key)]
    rows: list[tuple[object, ...]] = []
    seen: dict[tuple[object, ...], int] = {}
    for number, cells in sheet.rows:
        row = tuple(_stored(column, cells[places[column.column]], number, forms) for column in chosen)
        first = seen.setdefault(tuple(row[place] for place in keys), number)
        if first != number:
            raise DescribeError("table.duplicate_key", f"rows {first} and {number} have the same key")
        rows.append(row)
    return rows


def _stored(column: Column, cell: Cell, row: int, forms: Mapping[str, str | None]) -> object:
    if cell is None:
        if not column.nullable:
            raise DescribeError("table.cell", f"row {row} has nothing under {column.column}")
        return None
    try:
        return _plain(column, cell, forms.get(column.name))
    except ValueError as error:
        raise DescribeError("table.cell", f"row {row} has no {column.type} under {column.column}") from error


def _plain(column: Column, cell: Cell, form: str | None) -> object:
    match column.type:
        case "date":
            return _day(cell, form)
        case "integer":
            return int(_matching(cell, _INTEGER))
        case "number":
            return float(_matching(cell, _NUMBER).replace(",", "."))
        case "boolean":
            if isinstance(cell, bool):
                return cell
            raise ValueError
    if isinstance(cell, datetime) and _is_day(cell):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _matching(cell: Cell, pattern: re.Pattern[str]) -> str:
    """Return a cell as the text of a number. Raises ValueError for a text that is none, or that may mean two."""
    if isinstance(cell, str) and not pattern.fullmatch(cell):
        raise ValueError("no number, or one that may mean two")
    return str(cell)


def _is_day(cell: Cell) -> bool:
    """Tell whether a date of a spreadsheet is a day without a time, which would be lost."""
    return isinstance(cell, date) and (not isinstance(cell, datetime) or cell.time() == time())


def _day(cell: Cell, form: str | None) -> str:
    if isinstance(cell, datetime) and _is_day(cell):
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        raise ValueError("a time would be lost")
    if isinstance(cell, date):
        return cell.isoformat()
    if not form:
        raise ValueError("the column mixes forms of dates")
    return datetime.strptime(str(cell), form).date().isoformat()


def _parses(text: str, form: str) -> bool:
    try:
        day = datetime.strptime(text, form)
    except ValueError:
        return False
    return 1900 <= day.year < 2100


def _as_stored(resource: Resource) -> Resource:
    """Return a resource as it stands in our own file, where a column has the name that is answered."""
    names = {column.column: column.name for column in resource.columns}
    columns = tuple(column.model_copy(update={"column": column.name}) for column in resource.columns)
    rules = tuple(rule.model_copy(update={"column": names[rule.column]}) for rule in resource.rows)
    update = {"table": TABLE, "schema_name": None, "columns": columns, "rows": rules}
    return resource.model_copy(update=update)


def _store(path: Path, door: TableDoor, rows: list[tuple[object, ...]]) -> None:
    """Write the rows of one version into a file of their own; the names in it are ours, not the sheet's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    names = [column.name for column in door.resource.columns]
    fields = ", ".join(
        f'"{column.name}" {_STORED.get(column.type, "TEXT")}' for column in door.resource.columns
    )
    marks = ", ".join("?" for _ in names)
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE {TABLE} ({fields})")
        connection.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", rows)  # noqa: S608 - only question marks
        for index in {door.resource.key, door.resource.lookup} - {()}:
            listed = ", ".join(f'"{name}"' for name in index)
            connection.execute(f"CREATE INDEX {TABLE}_{'_'.join(index)} ON {TABLE} ({listed})")
    connection.close()


def _stamp(door: TableDoor, mark: tuple[int, int]) -> JsonObject:
    written = datetime.fromtimestamp(mark[0] / 1e9, UTC)
    age = datetime.now(UTC) - written
    return {
        "as_of": written.replace(microsecond=0).isoformat(),
        "is_stale": age > timedelta(hours=door.refresh_hours),
    }
