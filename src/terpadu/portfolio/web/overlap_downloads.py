"""The newest overlap report as CSV or JSON: findings with the filters of the page, families with their members."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from terpadu.kernel.errors import NotFound
from terpadu.kernel.spreadsheets import guarded
from terpadu.portfolio.errors import OverlapsUnknown
from terpadu.portfolio.models import OverlapReport
from terpadu.portfolio.selectors import overlap_pages as pages
from terpadu.portfolio.web.overlap_views import wanted_of

BLOCK = 2_000
FINDING_HEAD = ("left", "right", "kind", "score", "verdict", "family", "agencies", "sectors", "words")
FAMILY_HEAD = ("key", "name", "kind", "score", "applications", "agencies", "words", "members")


@require_safe
def findings(request: HttpRequest, form: str) -> HttpResponseBase:
    """Hand out the findings that the page's filters leave."""
    report = _report()
    rows = pages.findings(report, wanted_of(request.GET)).iterator(chunk_size=BLOCK)
    return _answer(report, form, head=FINDING_HEAD, rows=map(_finding, rows), name="temuan")


@require_safe
def families(request: HttpRequest, form: str) -> HttpResponseBase:
    """Hand out the families."""
    report, wanted = _report(), wanted_of(request.GET)
    found = pages.family_rows(report, agency=wanted.agency, kind=wanted.kind).iterator(chunk_size=BLOCK)
    rows: Iterator[dict[str, Any]] = ({name: getattr(one, name) for name in FAMILY_HEAD} for one in found)
    return _answer(report, form, head=FAMILY_HEAD, rows=rows, name="keluarga")


def _report() -> OverlapReport:
    report = pages.newest_report_or_none()
    if report is None:
        raise OverlapsUnknown()
    return report


def _finding(one: Any) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in FINDING_HEAD if name not in ("verdict", "words")}
    return {**row, "verdict": one.said or "", "words": one.why["words"], "shares": one.why["shares"]}


def _answer(
    report: OverlapReport, form: str, *, head: tuple[str, ...], rows: Iterable[dict[str, Any]], name: str
) -> HttpResponseBase:
    if form == "csv":
        lines, kind = _csv(rows, head), "text/csv"
    elif form == "json":
        lines, kind = _json(report, rows, name), "application/json"
    else:
        raise NotFound()
    response: HttpResponse | StreamingHttpResponse = StreamingHttpResponse(
        lines, content_type=f"{kind}; charset=utf-8"
    )
    response["Content-Disposition"] = (
        f'attachment; filename="tumpang-tindih-{name}-{report.made_at:%Y-%m-%d}.{form}"'
    )
    return response


def _csv(rows: Iterable[dict[str, Any]], head: tuple[str, ...]) -> Iterator[str]:
    yield "\ufeff" + _line(head)
    for row in rows:
        yield _line([_cell(row[name]) for name in head])


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> str:
    return guarded("; ".join(value) if isinstance(value, list) else str(value))


def _json(report: OverlapReport, rows: Iterable[dict[str, Any]], name: str) -> Iterator[str]:
    facts = {
        "made_at": report.made_at.isoformat(),
        "engine": report.engine,
        "vocabulary": report.vocabulary,
        "model": report.model_id,
        "records": report.records,
        "records_sha256": report.records_sha256,
        "threshold": report.threshold,
        "found": report.found,
        "kinds": report.kinds,
    }
    yield f'{{"report": {json.dumps(facts)}, "{name}": ['
    for at, row in enumerate(rows):
        yield (",\n" if at else "\n") + json.dumps(row, ensure_ascii=False)
    yield "\n]}\n"
