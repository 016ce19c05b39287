"""The list of agencies of a round as a table: one row for each, out and in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from terpadu.kernel.spreadsheets import bare, guarded
from terpadu.kernel.unseen import without_unseen
from terpadu.maturity.faults import Fault
from terpadu.maturity.rules.tables import csv_rows

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("kode", "code"),
    "name": ("nama", "name"),
    "group": ("kelompok", "group"),
    "kind": ("jenis", "kind"),
    "region_code": ("wilayah", "region"),
}
GROUPS = {
    "kementerian": "ministry",
    "lembaga": "body",
    "provinsi": "province",
    "kabupaten": "regency",
    "kota": "city",
}
KINDS = {"pemantauan": "monitoring", "evaluasi": "evaluation"}
LONGEST_NAME = 200
MOST_ROWS = 2000
_CODE = re.compile(r"[a-z0-9][a-z0-9.-]{1,59}")
_REGION = re.compile(r"(\d{2}(\.\d{2})?)?")


@dataclass(frozen=True)
class AgencyRow:
    """One agency to be measured. group, kind: as in `enums`. region_code: Kemendagri's, "" for a national one."""

    code: str
    name: str
    group: str
    kind: str
    region_code: str


def write_agencies(rows: Iterable[AgencyRow]) -> str:
    """Write the list as CSV, in the words of the regulation."""
    groups = {key: word for word, key in GROUPS.items()}
    kinds = {key: word for word, key in KINDS.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([names[0] for names in COLUMNS.values()])
    for row in rows:
        cells = (row.code, row.name, groups[row.group], kinds[row.kind], row.region_code)
        writer.writerow([guarded(cell) for cell in cells])
    return text.getvalue()


def read_agencies(text: str) -> tuple[list[AgencyRow], list[Fault]]:
    """Read a list, and name everything that is wrong with it at once."""
    try:
        lines = list(csv_rows(text))
    except csv.Error:
        return [], [Fault(code="table_unreadable")]
    places = _places(lines[0][1]) if lines else {}
    if missing := [names[0] for key, names in COLUMNS.items() if key not in places]:
        return [], [Fault(code="agencies_columns", line=1, values={"names": ", ".join(missing)})]
    if len(lines) > MOST_ROWS:
        return [], [Fault(code="agencies_many", values={"rows": str(MOST_ROWS)})]
    rows: list[AgencyRow] = []
    faults: list[Fault] = []
    known: set[str] = set()
    for line, cells in lines[1:]:
        row = AgencyRow(**{key: bare(without_unseen(cells[at]).strip()) for key, at in places.items()})
        row = AgencyRow(
            row.code.lower(), row.name, _key(row.group, GROUPS), _key(row.kind, KINDS), row.region_code
        )
        if code := _fault(row, known=known):
            faults.append(Fault(code=code, line=line, values={"code": row.code[:60], "name": row.name[:60]}))
        else:
            rows.append(row)
        known.add(row.code)
    return rows, faults


def _places(header: list[str]) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header]
    found = {key: [names.index(word) for word in words if word in names] for key, words in COLUMNS.items()}
    return {key: at[0] for key, at in found.items() if at}


def _key(said: str, words: dict[str, str]) -> str:
    """Return what a word means; a key stands for itself, anything else for nothing."""
    word = said.strip().lower()
    return words.get(word, word if word in words.values() else "")


def _fault(row: AgencyRow, *, known: set[str]) -> str:
    if not _CODE.fullmatch(row.code):
        return "agencies_code"
    if row.code in known:
        return "agencies_double"
    if not row.name or len(row.name) > LONGEST_NAME:
        return "agencies_name"
    if not row.group:
        return "agencies_group"
    if not row.kind:
        return "agencies_kind"
    return "" if _REGION.fullmatch(row.region_code) else "agencies_region"
