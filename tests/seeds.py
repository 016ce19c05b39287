"""Rows that many modules begin with: made once by each worker, and put back from then on, which is much faster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection

Made = TypeVar("Made")
Rows = dict[str, frozenset[str]]
"""Which rows there are: a hash of each, by table."""


@dataclass(frozen=True)
class Seeds:
    """What was made. copies: its rows as PostgreSQL copies them, by table and columns. made: what its maker gave back."""

    copies: dict[str, bytes]
    made: Any


_kept: dict[str, Seeds] = {}


def seeded(name: str, make: Callable[[], Made]) -> Made:
    """Make something in the database, or put it back as this worker has made it before; return what `make` returned.

    name: of what is made. Must be called in a transaction, where the database holds little else. Raises ValueError when
    rows changed that were there before.
    """
    if name in _kept:
        _put_back(_kept[name].copies)
    else:
        before = _rows()
        made = make()
        _kept[name] = Seeds(_copies(_rows(), before), made)
    kept: Made = _kept[name].made
    return kept


def _rows() -> Rows:
    with connection.cursor() as cursor:
        tables = [connection.ops.quote_name(one) for one in connection.introspection.table_names(cursor)]
        each = (f"select '{one}', array_agg(md5(t::text)) from {one} as t" for one in tables)  # noqa: S608 - our own tables
        cursor.execute(" union all ".join(each))
        return {table: frozenset(hashes) for table, hashes in cursor.fetchall() if hashes}


def _copies(rows: Rows, before: Rows) -> dict[str, bytes]:
    copies = {}
    for table, hashes in rows.items():
        if before.get(table, frozenset()) - hashes:
            raise ValueError(f"{table} is not as it was before")
        if new := hashes - before.get(table, frozenset()):
            columns = _columns(table)
            copies[f"{table} ({columns})"] = _copy(table, columns, new)
    return copies


def _columns(table: str) -> str:
    """Return the columns of a table that can be written, quoted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
            [table],
        )
        return str(cursor.fetchone()[0])


def _copy(table: str, columns: str, hashes: frozenset[str]) -> bytes:
    listed = ", ".join(f"'{one}'" for one in hashes)
    chosen = f"select {columns} from {table} as t where md5(t::text) in ({listed})"  # noqa: S608 - our own tables and hashes
    with connection.cursor() as cursor, cursor.copy(f"copy ({chosen}) to stdout (format binary)") as rows:
        return b"".join(rows)


def _put_back(copies: dict[str, bytes]) -> None:
    with connection.cursor() as cursor:
        # The rows fit together: neither their order nor what watches over new ones matters.
        cursor.execute("set local session_replication_role = replica")
        for place, content in copies.items():
            with cursor.copy(f"copy {place} from stdin (format binary)") as rows:
                rows.write(content)
        cursor.execute("set local session_replication_role = origin")
