"""Any list of applications, read as the inventory's import reads it: the records that follow, with or without their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from terpadu.portfolio.rules.cells import is_blank, plain
from terpadu.portfolio.rules.headings import Header, Synonyms, find_header, guess
from terpadu.portfolio.rules.overlap.records import OverlapRecord, function_text
from terpadu.portfolio.rules.tables import Row, Table, TableRefused, open_table

RUNNING_NUMBER = ("no", "nomor", "kode")
"""Headings that tell the rows of one list apart, though they are no identifiers of the applications."""
TEXTS = ("function", "description", "services", "data_used")


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list as read. columns: what was taken for what. skipped: numbers of rows (from 1) without a name."""

    records: tuple[OverlapRecord, ...]
    columns: dict[str, str]
    skipped: tuple[int, ...]


def read_list(
    file: IO[bytes], *, name: str, synonyms: Synonyms, named: Mapping[str, str] | None = None
) -> ReadList:
    """Return the records of a list in any form and with any headings that the inventory's import takes.

    file: seekable. name: as its owner calls it. named: columns that the caller names (field → heading). Raises TableRefused:
    what the import refuses, no columns for name and function, two rows with one identifier, or no row with a name.
    """
    table = open_table(file, name=name)
    sheet, header, columns = _columns(table, synonyms, named or {})
    places = {field: header.names.index(heading) for field, heading in columns.items()}
    records: list[OverlapRecord] = []
    skipped: list[int] = []
    for number, cells in table.rows(sheet):
        if number >= header.first_data:
            record = _record(number, cells, places)
            if record.name:
                records.append(record)
            else:
                skipped.append(number)
    _check(records)
    return ReadList(tuple(records), columns, tuple(skipped))


def _columns(
    table: Table, synonyms: Synonyms, named: Mapping[str, str]
) -> tuple[str, Header, dict[str, str]]:
    """Return the first sheet with a name and a text of each application, its headings, and the heading of each field."""
    seen: Sequence[str] = ()
    for sheet in table.sheets:
        sample = table.sample(sheet)
        for header in _headers(sample, synonyms, named):
            guessed = guess(header.names, synonyms=synonyms)
            columns = {**guessed, **_running(header, but=set(guessed.values())), **named}
            known = {field: heading for field, heading in columns.items() if heading in header.names}
            if "name" in known and any(field in known for field in TEXTS):
                return sheet, header, known
        seen = seen or (sample[0][1] if sample else ())
    if not seen:
        raise TableRefused("file_empty")
    raise TableRefused("list_columns", given=", ".join(filter(None, seen))[:300])


def _headers(sample: Sequence[Row], synonyms: Synonyms, named: Mapping[str, str]) -> list[Header]:
    """Return where the headings may stand: in the row with those that the caller names, else where they are known."""
    found = [
        Header(tuple(" ".join(cell.split()) for cell in cells), number + 1)
        for number, cells in sample
        if named and set(named.values()) <= {" ".join(cell.split()) for cell in cells}
    ]
    known = find_header(sample, synonyms=synonyms)
    return found or ([known] if known else [])


def _running(header: Header, *, but: set[str]) -> dict[str, str]:
    """Return the column of a running number, as what tells the rows apart; a title above may stand before its heading."""
    free = [one for one in header.names if one not in but]
    return next(
        (
            {"number": one}
            for one in free
            if plain(one).split()[-1:] and plain(one).split()[-1] in RUNNING_NUMBER
        ),
        {},
    )


def _record(number: int, cells: Sequence[str], places: Mapping[str, int]) -> OverlapRecord:
    def cell(field: str) -> str:
        at = places.get(field, len(cells))
        return "" if at >= len(cells) or is_blank(cells[at]) else cells[at].strip()

    def parts(field: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in cell(field).replace(",", ";").split(";") if part.strip())

    short, name = cell("short_name"), cell("name")
    return OverlapRecord(
        id=cell("code") or cell("local_id") or cell("number") or f"row-{number:06}",
        name=f"{short} ({name})" if short and name and short not in name else name,
        function=function_text(
            cell("function"),
            description=cell("description"),
            services=parts("services"),
            data_used=parts("data_used"),
        ),
        agency_code=cell("agency") or cell("developer_unit"),
        rab=parts("rab_codes"),
        ral=parts("ral_codes"),
        host=cell("url") or None,
        users=parts("user_groups"),
        data_topics=parts("rad_codes"),
        klass=cell("application_class").lower(),
    )


def _check(records: Sequence[OverlapRecord]) -> None:
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            raise TableRefused("list_id_double", given=record.id[:80])
        seen.add(record.id)
    if not records:
        raise TableRefused("list_nameless")
