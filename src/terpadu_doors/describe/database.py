"""What a database door would offer."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import BIT, YEAR
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import SQLAlchemyError

from terpadu_doors.config import Column, ColumnType, DatabaseDoor, Resource
from terpadu_doors.database import database_document
from terpadu_doors.describe.asked import (
    SECONDS,
    AskedDatabase,
    ChosenColumn,
    ChosenTable,
    Described,
    head,
    resource_of,
)
from terpadu_doors.engines import check_place, make_engine, read_url, reading
from terpadu_doors.problems import DescribeError
from terpadu_doors.secrets import read_secret

_SHOWN = 40


def describe_database(asked: AskedDatabase) -> Described:
    """Return what a database door would offer. Raises DescribeError, DoorProblem."""
    url = read_url(read_secret(asked.url_file))
    check_place(url, allowed=asked.allow_targets)
    engine = make_engine(url, seconds=SECONDS, connections=1)
    try:
        with reading(engine, seconds=SECONDS) as connection:
            inspector = sa.inspect(connection)
            if not asked.tables:
                raise DescribeError("database.choose", f"choose tables or views: {_tables_of(inspector)}")
            resources = [_resource(one, inspector) for one in asked.tables]
    except SQLAlchemyError as error:
        raise DescribeError(
            "database.unreadable", f"the database cannot be read ({type(error).__name__})"
        ) from error
    finally:
        engine.dispose()
    door = DatabaseDoor(
        **head(asked),
        url_file=asked.url_file,
        resources=tuple(resources),
        statement_seconds=asked.statement_seconds,
    )
    notes = [] if url.get_backend_name() != "mssql" else [
        "SQL Server knows no read-only transactions: give the door a user that may only read."
    ]  # fmt: skip
    return door, database_document(door), notes


def _tables_of(inspector: sa.Inspector) -> str:
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    return ", ".join(names[:_SHOWN]) or "there are none"


def _resource(chosen: ChosenTable, inspector: sa.Inspector) -> Resource:
    known = {*inspector.get_table_names(chosen.schema_name), *inspector.get_view_names(chosen.schema_name)}
    if chosen.table not in known:
        raise DescribeError(
            "database.table", f"there is no table {chosen.table[:60]}; there are {_tables_of(inspector)}"
        )
    types = {one["name"]: one for one in inspector.get_columns(chosen.table, chosen.schema_name)}
    if not chosen.columns:
        raise DescribeError("database.choose", f"choose columns of {chosen.table}: {', '.join(types)[:1000]}")
    missing = next((one.column for one in chosen.columns if one.column not in types), None)
    if missing is not None:
        raise DescribeError(
            "database.column",
            f"{chosen.table} has no column {missing[:60]}; it has {', '.join(types)[:1000]}",
        )
    primary = inspector.get_pk_constraint(chosen.table, chosen.schema_name).get("constrained_columns") or []
    names = {one.column: one.name for one in chosen.columns}
    key = chosen.key or tuple(names[column] for column in primary if column in names)
    if not key or len(chosen.key or primary) != len(key):
        raise DescribeError("database.key", f"name fields that are unique in {chosen.table} as its key")
    columns = tuple(_column(one, types[one.column], inspector, key) for one in chosen.columns)
    return resource_of(chosen, columns, key)


def _column(
    one: ChosenColumn, found: ReflectedColumn, inspector: sa.Inspector, key: tuple[str, ...]
) -> Column:
    kind = _type_of(found["type"], one.column)
    # MySQL and MariaDB keep "no day" in columns that are NOT NULL.
    has_no_day = inspector.dialect.name in ("mysql", "mariadb") and kind in ("date", "date-time")
    is_nullable = (bool(found["nullable"]) or has_no_day) and one.name not in key
    return Column(column=one.column, name=one.name, type=kind, nullable=is_nullable)


_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], ColumnType], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (YEAR, "integer"),
    (sa.Numeric, "number"),
    (sa.DateTime, "date-time"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.String, "string"),
    (sa.Enum, "string"),
    (sa.Uuid, "string"),
)


def _type_of(column_type: sa.types.TypeEngine[Any], column: str) -> ColumnType:
    if isinstance(column_type, DOMAIN):
        column_type = column_type.data_type
    if isinstance(column_type, BIT) and column_type.length in (None, 1):
        return "boolean"
    if isinstance(column_type, sa.Numeric) and column_type.scale == 0:
        return "integer"
    for known, plain in _TYPES:
        if isinstance(column_type, known):
            return plain
    raise DescribeError(
        "database.column", f"the column {column} is of a type that JSON has no place for; leave it out"
    )
