"""What a table door would offer."""

from collections.abc import Iterable
from typing import Any

from terpadu_doors.config import Column, TableDoor
from terpadu_doors.describe.asked import AskedTable, ChosenColumn, Described, head, resource_of
from terpadu_doors.problems import DescribeError
from terpadu_doors.sheets import read_sheet
from terpadu_doors.tables import convert, guess_type, read_table, table_document


def describe_table(asked: AskedTable) -> Described:
    """Return what a table door would offer. Raises DescribeError."""
    sheet = read_sheet(asked.file, sheet=asked.sheet, encoding=asked.encoding, delimiter=asked.delimiter)
    chosen = asked.chosen
    if not chosen.columns:
        raise DescribeError("table.choose", f"choose columns: {', '.join(sheet.headings)[:1000]}")
    missing = next((one.column for one in chosen.columns if one.column not in sheet.headings), None)
    if missing is not None:
        raise DescribeError(
            "table.column", f"there is no column {missing[:60]}; there are {', '.join(sheet.headings)[:1000]}"
        )
    columns = tuple(_table_column(one, sheet.headings, sheet.rows, chosen.key) for one in chosen.columns)
    door = TableDoor(
        **head(asked),
        file=asked.file,
        sheet=asked.sheet,
        encoding=asked.encoding,  # type: ignore[arg-type]  # the model checks it
        delimiter=asked.delimiter,
        refresh_hours=asked.refresh_hours,
        resource=resource_of(chosen.model_copy(update={"table": "rows"}), columns, chosen.key),
    )
    convert(read_table(door), door.resource.columns, key=door.resource.key)
    return door, table_document(door), [f"{len(sheet.rows):,} rows"]


def _table_column(
    one: ChosenColumn,
    headings: tuple[str, ...],
    rows: Iterable[tuple[int, tuple[Any, ...]]],
    key: tuple[str, ...],
) -> Column:
    place = headings.index(one.column)
    kind = guess_type(cells[place] for _, cells in rows)
    return Column(column=one.column, name=one.name, type=kind, nullable=one.name not in key)
