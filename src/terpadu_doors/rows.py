"""Chosen rows and columns of tables as operations: lookups by key, and pages by keyset where the rules allow it."""

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

import orjson
import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.engine import Connection, Engine

from terpadu_doors.config import Column, Resource, RowRule
from terpadu_doors.desk import Handler, JsonObject
from terpadu_doors.documents import Offer, closed_object
from terpadu_doors.engines import reading
from terpadu_doors.problems import DoorProblem

_Condition: TypeAlias = sa.ColumnElement[bool]
_INTEGER: JsonObject = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
_ASKED: dict[str, JsonObject] = {
    "string": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^\u0000-\u001f]+$"},
    "integer": _INTEGER,
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {
        "type": "string",
        "pattern": "^(19|20)[0-9]{2}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-9])"
        "|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)$",
    },
    "date-time": {
        "type": "string",
        "pattern": r"^(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$",
    },
    "time": {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"},
}
_ANSWERED: dict[str, JsonObject] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    # Most databases keep moments without an offset, which the format date-time rules out.
    "date-time": {"type": "string"},
    "time": {"type": "string"},
}
_NO_DAY = "0000-00-00"
"""What MySQL and MariaDB keep where no day is known, also in columns that are NOT NULL."""
_CURSOR: JsonObject = {"type": "string", "maxLength": 2000, "pattern": "^[A-Za-z0-9_-]*$"}


class RowSource:
    """The operations of some resources on one database.

    Args:
        engine: read-only engine.
        resources: what may be read.
        row_limit: rows of one answer at most.
        seconds: time of one statement.
        stamp: members that go with every answer, such as how old a table is.
    """

    def __init__(
        self,
        engine: Engine,
        resources: Iterable[Resource],
        *,
        row_limit: int,
        seconds: float,
        stamp: Mapping[str, JsonValue],
    ) -> None:
        self._engine, self._limit, self._seconds, self._stamp = engine, row_limit, seconds, stamp
        self._resources = tuple(resources)

    def handlers(self) -> dict[str, Handler]:
        """Return what answers each operation, by operationId."""
        found: dict[str, Handler] = {}
        for resource in self._resources:
            if resource.lookup:
                found[f"lookup_{resource.name}"] = partial(self.lookup, resource)
            if resource.listable:
                found[f"page_{resource.name}"] = partial(self.page, resource)
        return found

    def lookup(self, resource: Resource, asked: JsonObject) -> JsonValue:
        """Return the rows whose lookup columns have the values asked for.

        Raises:
            DoorProblem: ``door.not_found`` when there is none, ``door.answer_too_large`` when there are too many.
        """
        conditions = [
            _column(resource.field(name))
            == _bound(resource.field(name), asked[name], self._engine.dialect.name)
            for name in resource.lookup
        ]
        rows = self._select(resource, conditions, limit=self._limit + 1)
        if not rows:
            raise DoorProblem("door.not_found")
        if len(rows) > self._limit:
            raise DoorProblem(
                "door.answer_too_large", f"more than {self._limit} rows fit; choose a narrower lookup"
            )
        return {"items": rows, **self._stamp}

    def page(self, resource: Resource, asked: JsonObject) -> JsonValue:
        """Return the next rows in the order of the key, and the cursor to go on with (None at the end).

        Raises:
            DoorProblem: ``door.cursor_invalid``.
        """
        wanted = asked.get("limit", self._limit)
        limit = wanted if isinstance(wanted, int) else self._limit
        cursor = asked.get("after")
        after = [_beyond(resource, str(cursor), self._engine.dialect.name)] if cursor else []
        rows = self._select(resource, after, limit=limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        return {"items": rows, "next": _cursor(resource, rows[-1]) if more else None, **self._stamp}

    def _select(self, resource: Resource, conditions: list[_Condition], *, limit: int) -> list[JsonValue]:
        table = sa.table(
            resource.table,
            *(sa.column(column.column) for column in resource.columns),
            schema=resource.schema_name,
        )
        chosen = [table.c[column.column].label(column.name) for column in resource.columns]
        keys = [_column(resource.field(name)) for name in resource.key]
        rules = [row_condition(rule) for rule in resource.rows]
        query = (
            sa.select(*chosen)
            .select_from(table)
            .where(*conditions, *rules, *(key.is_not(None) for key in keys))
            .order_by(*keys)
            .limit(limit)
        )
        with reading(self._engine, seconds=self._seconds) as connection:
            return [_item(resource, row) for row in _fetch(connection, query)]


def row_offers(
    resources: Iterable[Resource], *, row_limit: int, stamp: JsonObject | None = None
) -> list[Offer]:
    """Return the operations of resources for an OpenAPI document.

    Args:
        resources: what may be read.
        row_limit: rows of one answer at most.
        stamp: schemas of the members that go with every answer.
    """
    offers: list[Offer] = []
    for resource in resources:
        item = closed_object(
            {column.name: _answered_schema(column) for column in resource.columns},
            required=[column.name for column in resource.columns],
        )
        items: JsonObject = {"type": "array", "items": item, "maxItems": row_limit}
        if resource.lookup:
            offers.append(_lookup_offer(resource, items, stamp or {}))
        if resource.listable:
            offers.append(_page_offer(resource, items, stamp or {}, row_limit))
    return offers


def _lookup_offer(resource: Resource, items: JsonObject, stamp: JsonObject) -> Offer:
    asked: JsonObject = {name: _ASKED[resource.field(name).type] for name in resource.lookup}
    answer = closed_object({"items": items, **stamp}, required=["items", *stamp])
    return Offer(
        f"lookup_{resource.name}",
        f"/{resource.name}/lookup",
        f"Baris {resource.name} menurut {', '.join(resource.lookup)}",
        closed_object(asked, required=resource.lookup),
        answer,
    )


def _page_offer(resource: Resource, items: JsonObject, stamp: JsonObject, row_limit: int) -> Offer:
    asked: JsonObject = {
        "after": _CURSOR,
        "limit": {"type": "integer", "minimum": 1, "maximum": row_limit},
    }
    answer: JsonObject = {"items": items, "next": {"type": "string", "nullable": True}, **stamp}
    return Offer(
        f"page_{resource.name}",
        f"/{resource.name}/page",
        f"Semua baris {resource.name}, halaman demi halaman menurut urutan {', '.join(resource.key)}",
        closed_object(asked, required=[]),
        closed_object(answer, required=["items", "next", *stamp]),
    )


def _answered_schema(column: Column) -> JsonObject:
    schema = dict(_ANSWERED[column.type])
    return schema | ({"nullable": True} if column.nullable else {})


def _column(column: Column) -> sa.ColumnElement[Any]:
    return sa.column(column.column)


def row_condition(rule: RowRule) -> sa.ColumnElement[bool]:
    """Return a row rule as a condition with bound values."""
    column: sa.ColumnElement[Any] = sa.column(rule.column)
    match rule.op:
        case "is_null":
            return column.is_(None)
        case "not_null":
            return column.is_not(None)
        case "in":
            return column.in_(list(rule.value) if isinstance(rule.value, tuple) else [])
    # The value's own type decides how it is bound, whatever the database calls the column.
    value = sa.literal(rule.value)
    comparison: _Condition = getattr(column, f"__{rule.op}__")(value)
    return comparison


def _bound(column: Column, value: JsonValue, make: str) -> sa.ColumnElement[Any]:
    """Return a value from outside as a bound parameter, of the type that the column has."""
    plain: Any = value
    if make != "sqlite" and isinstance(value, str):
        plain = _temporal(column, value)
    return sa.literal(plain)


def _temporal(column: Column, value: str) -> Any:
    readers = {"date": date.fromisoformat, "date-time": datetime.fromisoformat, "time": time.fromisoformat}
    reader = readers.get(column.type)
    try:
        return reader(value) if reader else value
    except ValueError as error:
        raise DoorProblem("door.not_found", f"{column.name} is no {column.type}") from error


def _beyond(resource: Resource, cursor: str, make: str) -> _Condition:
    """Return the condition "after this key", written out so that every make of database understands it."""
    values = _read_cursor(resource, cursor)
    columns = [resource.field(name) for name in resource.key]
    steps: list[_Condition] = []
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        same = [_column(columns[i]) == _bound(columns[i], values[i], make) for i in range(place)]
        steps.append(sa.and_(*same, _column(column) > _bound(column, value, make)))
    return sa.or_(*steps)


def _cursor(resource: Resource, row: JsonValue) -> str:
    values = [row[name] for name in resource.key] if isinstance(row, dict) else []
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode("ascii").rstrip("=")


def _read_cursor(resource: Resource, cursor: str) -> list[JsonValue]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, ValueError) as error:
        raise DoorProblem("door.cursor_invalid", status=404) from error
    columns = [resource.field(name) for name in resource.key]
    fits = isinstance(values, list) and len(values) == len(columns)
    if not fits or not all(_fits(column, value) for column, value in zip(columns, values, strict=True)):
        raise DoorProblem("door.cursor_invalid", status=404)
    checked: list[JsonValue] = values
    return checked


def _fits(column: Column, value: JsonValue) -> bool:
    if column.type == "integer":
        return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    if column.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if column.type == "boolean":
        return isinstance(value, bool)
    return isinstance(value, str) and "\x00" not in value


def _fetch(connection: Connection, query: sa.Select[Any]) -> Iterable[sa.RowMapping]:
    return connection.execute(query).mappings().all()


def _item(resource: Resource, row: sa.RowMapping) -> JsonValue:
    return {column.name: _value(column, row[column.name]) for column in resource.columns}


def _value(column: Column, value: Any) -> JsonValue:
    """Return a database's value as JSON of the promised type."""
    if value is None:
        if not column.nullable:
            raise DoorProblem(
                "door.answer_garbled", f"{column.name} is empty in a row, which the interface rules out"
            )
        return None
    try:
        return _READERS[column.type](value)
    except (ValueError, TypeError, OverflowError) as error:
        raise DoorProblem(
            "door.answer_garbled", f"{column.name} holds a value that is no {column.type}"
        ) from error


def _text(value: Any) -> JsonValue:
    if isinstance(value, bytes | bytearray | memoryview):
        raise TypeError
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value).rstrip()


def _time(value: Any) -> JsonValue:
    if isinstance(value, timedelta):  # MySQL's times are spans; those beyond a day are no time of one
        if not timedelta() <= value < timedelta(days=1):
            raise ValueError
        value = (datetime.min + value).time()
    return _text(value)


def _integer(value: Any) -> JsonValue:
    number = int(value)
    if isinstance(value, float | Decimal) and number != value:
        raise ValueError
    if not -(2**63) <= number < 2**63:
        raise ValueError
    return number


def _number(value: Any) -> JsonValue:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _boolean(value: Any) -> JsonValue:
    if isinstance(value, bytes):
        value = int.from_bytes(value)
    if value not in (0, 1):
        raise ValueError
    return bool(value)


def _day(value: Any) -> JsonValue:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return None if str(value).startswith(_NO_DAY) else date.fromisoformat(str(value)[:10]).isoformat()


def _moment(value: Any) -> JsonValue:
    if str(value).startswith(_NO_DAY):
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.isoformat()


_READERS: dict[str, Callable[[Any], JsonValue]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _day,
    "date-time": _moment,
    "time": _time,
}
