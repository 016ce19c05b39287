"""Records out: CSV, XLSX, JSON and publiccode.yml, with confidential fields only for whom they are meant.

Every text is guarded against being run as a formula by the program that opens the file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from ruamel.yaml import YAML

from terpadu.kernel.spreadsheets import guarded
from terpadu.portfolio.models import Application, ApplicationQuerySet, Cost
from terpadu.portfolio.policies import Access
from terpadu.portfolio.rules.fields import FIELDS, written
from terpadu.portfolio.rules.publiccode import to_publiccode
from terpadu.portfolio.selectors.applications import (
    PUBLIC_FIELDS,
    ApplicationView,
    application_view,
)

HEAD = ("code", "agency", "agency_name", "completeness")
BLOCK = 1000
IN_MEMORY = 8 * 1024 * 1024


def json_of(view: ApplicationView, *, is_internal: bool) -> dict[str, Any]:
    """Return a record as the API gives it. is_internal: with the confidential fields and the costs."""
    names = tuple(FIELDS) if is_internal else PUBLIC_FIELDS
    values = {name: view.values[name] for name in names}
    body: dict[str, Any] = {
        "code": view.code,
        "agency": view.agency_code,
        "agency_name": view.agency_name,
        "completeness": view.completeness,
        "changed_at": view.changed_at.isoformat(),
        **{name: list(value) if isinstance(value, tuple) else _json(value) for name, value in values.items()},
    }
    if is_internal:
        body["costs"] = [{"year": one.year, "kind": one.kind, "rupiah": one.rupiah} for one in view.costs]
    return body


def publiccode_of(view: ApplicationView) -> str:
    """Return the publiccode.yml of a record; public fields only."""
    text = io.StringIO()
    yaml = YAML()
    yaml.allow_unicode = True
    public = {name: view.values[name] for name in PUBLIC_FIELDS}
    yaml.dump(to_publiccode(public, code=view.code, owner=view.agency_name), text)
    return text.getvalue()


def views_of(rows: ApplicationQuerySet, *, access: Access) -> Iterator[tuple[ApplicationView, bool]]:
    """Yield records with whether their confidential part may be given; costs are read for those alone."""
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), BLOCK):
        block = ids[start : start + BLOCK]
        found = Application.objects.filter(pk__in=block).select_related("agency", "successor").defer("search")
        by_id = {row.id: row for row in found}
        seen = [key for key, row in by_id.items() if access.sees_internal(row.agency.code)]
        costs: dict[Any, list[Cost]] = {}
        for one in Cost.objects.filter(application__in=seen).order_by("-year", "kind") if seen else ():
            costs.setdefault(one.application_id, []).append(one)
        for key in block:
            if row := by_id.get(key):
                yield application_view(row, costs.get(key, ())), access.sees_internal(row.agency.code)


def csv_lines(rows: ApplicationQuerySet, *, access: Access) -> Iterator[str]:
    """Yield a CSV file line by line, in UTF-8 with the mark that spreadsheet programs look for."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield "\ufeff"
    for cells in _table(rows, access=access):
        writer.writerow([guarded(cell) for cell in cells])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def json_lines(rows: ApplicationQuerySet, *, access: Access) -> Iterator[str]:
    """Yield a JSON file record by record."""
    yield '{"applications": ['
    for at, (view, is_internal) in enumerate(views_of(rows, access=access)):
        yield (
            ("," if at else "")
            + json.dumps(json_of(view, is_internal=is_internal), ensure_ascii=False)
            + "\n"
        )
    yield "]}"


def xlsx_file(rows: ApplicationQuerySet, *, access: Access) -> IO[bytes]:
    """Return a workbook with one sheet, at its beginning; every cell is text, so that nothing is run."""
    from openpyxl import (
        Workbook,  # here, not above: every web process imports this module, few write a workbook
    )

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Aplikasi")
    for cells in _table(rows, access=access):
        sheet.append([_clean(guarded(cell)) for cell in cells])
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return file


def _table(rows: ApplicationQuerySet, *, access: Access) -> Iterator[list[str]]:
    """Yield the headings, then the records as texts; columns of costs for the years that the records have."""
    internal = access.is_national or bool(access.agencies)
    names = tuple(FIELDS) if internal else PUBLIC_FIELDS
    years = _cost_columns(rows, access=access) if internal else []
    yield [*HEAD, *names, *years]
    for view, is_internal in views_of(rows, access=access):
        yield _cells(view, names=names, years=years, is_internal=is_internal)


def _cells(view: ApplicationView, *, names: Iterable[str], years: list[str], is_internal: bool) -> list[str]:
    costs = {f"cost:{one.year}:{one.kind}": str(one.rupiah) for one in view.costs} if is_internal else {}
    values = [written(view.values[name]) if is_internal or name in PUBLIC_FIELDS else "" for name in names]
    head = [view.code, view.agency_code, view.agency_name, str(view.completeness)]
    return [*head, *values, *(costs.get(name, "") for name in years)]


def _cost_columns(rows: ApplicationQuerySet, *, access: Access) -> list[str]:
    costs = Cost.objects.filter(application__in=rows.order_by().values("pk"))
    if not access.is_national:
        costs = costs.filter(application__agency__code__in=access.agencies)
    found = costs.values_list("year", "kind").distinct()
    return [f"cost:{year}:{kind}" for year, kind in sorted(found)]


def _clean(cell: str) -> str:
    """Leave out the control signs that a workbook cannot hold."""
    return "".join(letter for letter in cell if letter >= " " or letter in "\n\t")


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
