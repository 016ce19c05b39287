"""Any list of applications as CSV: which column is the name, which the function, and the records that follow."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from terpadu.portfolio.rules.overlap.records import OverlapRecord

LARGEST_FIELD = 200_000
COLUMN_NAMES = {
    "name": ("nama aplikasi", "nama_aplikasi", "nama", "name", "aplikasi", "nama sistem", "judul"),
    "function": (
        "fungsi",
        "function",
        "fungsi aplikasi",
        "uraian",
        "deskripsi",
        "description",
        "keterangan",
        "kegunaan",
    ),
    "id": ("id", "kode", "no", "nomor"),
    "agency": ("agency_code", "instansi", "pemilik", "unit_pengembang", "opd", "perangkat daerah", "agency"),
    "host": ("host", "url", "alamat", "alamat url", "domain"),
    "klass": ("klass", "klasifikasi", "kelas", "class"),
    "rab": ("rab", "kode rab", "proses bisnis"),
    "ral": ("ral", "kode ral", "layanan"),
}
NEEDED = ("name", "function")
SEPARATORS = ",;\t|"
HEAD_ROWS = 10


class ListUnreadable(Exception):
    """The list cannot be read. fault: one of "empty", "columns", "encoding", "duplicate_id", "broken"; detail: what was seen."""

    def __init__(self, fault: str, detail: str = "") -> None:
        """Take the kind of fault and what was seen."""
        super().__init__(fault, detail)
        self.fault, self.detail = fault, detail


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list as read. columns: what was taken for what. skipped: numbers of rows (from 1) without a name."""

    records: tuple[OverlapRecord, ...]
    columns: dict[str, str]
    skipped: tuple[int, ...]


def read_list(content: bytes, *, named: dict[str, str] | None = None) -> ReadList:
    """Return the records of a CSV file; the separator, the encoding, the header's row and its columns are guessed.

    named: columns that the caller names (role → title in the file). Raises ListUnreadable.
    """
    rows = _rows(_decoded(content))
    head, columns = _head(rows, named or {})
    titles = [cell.strip() for cell in rows[head]]
    places = {role: titles.index(title) for role, title in columns.items()}
    records: list[OverlapRecord] = []
    skipped: list[int] = []
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        if not any(cell.strip() for cell in row):
            continue
        record = _record(row, places, number=number)
        if record.name:
            records.append(record)
        else:
            skipped.append(number)
    _refuse_doubles(records)
    if not records:
        raise ListUnreadable("empty")
    return ReadList(tuple(records), columns, tuple(skipped))


def _decoded(content: bytes) -> str:
    if b"\x00" in content[:1000]:
        raise ListUnreadable("encoding")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(text: str) -> list[list[str]]:
    csv.field_size_limit(LARGEST_FIELD)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise ListUnreadable("broken", str(error)) from error


def _head(rows: Sequence[Sequence[str]], named: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Return the header's row and the columns by role; rows above it, such as a title, are passed over."""
    for at, row in enumerate(rows[:HEAD_ROWS]):
        titles = [cell.strip() for cell in row]
        columns = {role: title for role in COLUMN_NAMES if (title := named.get(role) or _guess(role, titles))}
        if all(columns.get(role) in titles for role in NEEDED):
            return at, {role: title for role, title in columns.items() if title in titles}
    seen = next((row for row in rows if any(cell.strip() for cell in row)), None)
    if seen is None:
        raise ListUnreadable("empty")
    raise ListUnreadable("columns", ", ".join(cell.strip() for cell in seen if cell.strip()))


def _guess(role: str, titles: Sequence[str]) -> str | None:
    plain = {title.lower().replace("_", " "): title for title in titles}
    return next(
        (plain[name] for name in (n.replace("_", " ") for n in COLUMN_NAMES[role]) if name in plain), None
    )


def _record(row: Sequence[str], places: dict[str, int], *, number: int) -> OverlapRecord:
    def cell(role: str) -> str:
        at = places.get(role, len(row))
        return row[at].strip() if at < len(row) else ""

    return OverlapRecord(
        id=cell("id") or f"row-{number:06}",
        name=cell("name"),
        function=cell("function"),
        agency_code=cell("agency"),
        rab=tuple(cell("rab").replace(";", " ").split()),
        ral=tuple(cell("ral").replace(";", " ").split()),
        host=cell("host") or None,
        klass=cell("klass").lower(),
    )


def _refuse_doubles(records: Sequence[OverlapRecord]) -> None:
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            raise ListUnreadable("duplicate_id", record.id)
        seen.add(record.id)
