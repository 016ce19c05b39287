"""Search in the audit trail: who did what to which object, page by page or as a file. Each search is itself on record."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict
from io import StringIO
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from terpadu.identity.policies.access import current_actor
from terpadu.identity.web.operator.forms import AuditForm
from terpadu.identity.web.operator.guard import operator_page, operator_required
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import AuditEvent
from terpadu.kernel.spreadsheets import guarded

PAGE_SIZE = 50
MOST_EXPORTED = 10_000
COLUMNS = (
    "at",
    "event",
    "actor_kind",
    "actor_person_id",
    "actor_agency",
    "actor_position",
    "represented_person_id",
    "about_kind",
    "about_id",
)


@never_cache
@require_safe
@operator_required
def audit_page(request: HttpRequest) -> HttpResponse:
    """Search by days, actor, event and object; without a search only the form."""
    form = AuditForm(request.GET or None)
    if not request.GET or not form.is_valid():
        context: dict[str, Any] = {"form": form if request.GET else AuditForm(), "rows": None}
        return operator_page(request, "audit", context, status=422 if form.errors else 200)
    question = form.question()
    is_file = request.GET.get("bentuk") == "csv"
    _note(question, is_file=is_file, by=current_actor(request))
    if is_file:
        return _file(audit.search(question, limit=MOST_EXPORTED))
    rows = list(audit.search(question, limit=PAGE_SIZE + 1))
    context = {
        "form": form,
        "rows": rows[:PAGE_SIZE],
        "query": form.as_query(),
        "older": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        "most": MOST_EXPORTED,
    }
    return operator_page(request, "audit", context)


def _note(question: audit.AuditQuestion, *, is_file: bool, by: Actor) -> None:
    facts: dict[str, audit.Fact] = {name: str(value or "") for name, value in asdict(question).items()}
    audit.record(
        "identity.audit_searched",
        by=by,
        about_kind="audit",
        about_id="search",
        facts={**facts, "file": is_file},
    )


def _file(rows: Iterable[AuditEvent]) -> HttpResponse:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, "facts"])
    for row in rows:
        cells = ["" if value is None else str(value) for value in (getattr(row, name) for name in COLUMNS)]
        writer.writerow([guarded(cell) for cell in (*cells, orjson.dumps(row.facts).decode())])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response
