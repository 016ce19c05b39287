"""Open data: what can be downloaded, in which form, and for whom."""

from __future__ import annotations

import csv
import io

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from terpadu.kernel.clock import today
from terpadu.kernel.errors import NotFound
from terpadu.kernel.spreadsheets import guarded
from terpadu.portfolio.exports import csv_lines, json_lines, publiccode_of, xlsx_file
from terpadu.portfolio.families import families_of
from terpadu.portfolio.selectors.applications import application_by_code
from terpadu.portfolio.selectors.search import search
from terpadu.portfolio.selectors.summaries import SummaryView, summary_get
from terpadu.portfolio.web.access import viewer
from terpadu.portfolio.web.search_views import wanted_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Say what can be downloaded and how programs ask."""
    return render(request, "portfolio/data.html", {"access": viewer(request), "here": "data"})


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Hand out what a search finds as CSV, XLSX or JSON."""
    access = viewer(request)
    rows = search(wanted_of(request.GET), access=access).rows
    name = f"aplikasi-{today().isoformat()}.{form}"
    if form == "xlsx":
        return FileResponse(
            xlsx_file(rows, access=access), as_attachment=True, filename=name, content_type=XLSX
        )
    if form not in ("csv", "json"):
        raise NotFound()
    lines = csv_lines(rows, access=access) if form == "csv" else json_lines(rows, access=access)
    kind = "text/csv" if form == "csv" else "application/json"
    response = StreamingHttpResponse(lines, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def publiccode(request: HttpRequest, code: str) -> HttpResponse:
    """Hand out the publiccode.yml of a record."""
    view = application_by_code(code)
    response = HttpResponse(publiccode_of(view), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="publiccode-{slugify(code)}.yml"'
    return response


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Hand out the figures of a dashboard as CSV, with the moment they were counted."""
    access = viewer(request)
    code = request.GET.get("instansi", "")[:60]
    summary = summary_get(code, with_internal=access.sees_internal(code) if code else access.is_national)
    if summary is None:
        raise NotFound()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["figure", "key", "value", "counted_at"])
    for row in _figure_rows(summary):
        writer.writerow([*(guarded(cell) for cell in row), summary.as_of.isoformat()])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="angka-{slugify(code) or "nasional"}.csv"'
    return response


def _figure_rows(summary: SummaryView) -> list[tuple[str, str, str]]:
    facts = summary.facts
    rows = [
        (name, "", str(facts[name]))
        for name in ("total", "alive", "integrated", "integration", "completeness", "undated")
    ]
    for name in ("states", "classes", "sectors"):
        rows += [(name, key, str(value)) for key, value in facts[name].items()]
    for one in facts["years"]:
        rows += [(name, str(one["year"]), str(one.get(name, ""))) for name in ("new", "ended", "in_use")]
    for sector, (integrated, alive) in facts.get("integrated_sectors", {}).items():
        rows += [("sector not ended", sector, str(alive)), ("sector integrated", sector, str(integrated))]
    for kind, families, applications in found.kinds if (found := families_of(summary.agency_code)) else ():
        rows += [("families", kind, str(families)), ("applications in families", kind, str(applications))]
    for one in (summary.internal or {}).get("costs") or facts.get("costs") or []:
        rows += [(f"cost {kind}", str(one["year"]), str(rupiah)) for kind, rupiah in one["kinds"].items()]
    return rows
