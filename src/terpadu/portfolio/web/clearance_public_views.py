"""What everyone may read of clearance: decisions with their reasons, and how the procedure goes. Nothing confidential."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from terpadu.kernel.actors import Actor
from terpadu.kernel.spreadsheets import guarded
from terpadu.portfolio.enums import DecisionKind
from terpadu.portfolio.models import Decision
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.selectors.clearance.dossiers import decision_by_number, register
from terpadu.portfolio.selectors.clearance.parts import Positions, positions_of
from terpadu.portfolio.web.access import viewer
from terpadu.portfolio.web.clearance_presenters import DECISION_TAGS, TAGS, decision_facts, methods

PER_PAGE = 20
COLUMNS = (
    "number", "agency", "title", "request", "decision", "target", "reason", "conditions", "decided_on", "valid_until",
    "state", "report_sha256",
)  # fmt: skip


def positions_at(request: HttpRequest) -> Positions:
    """Return what the viewer of a page holds; nothing for somebody who is not signed in."""
    actor = getattr(request, "actor", None)
    return positions_of(actor) if isinstance(actor, Actor) else positions_of(None)


@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    """Show the decisions, newest first."""
    q = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    kind = request.GET.get("putusan", "")
    kind = kind if kind in DecisionKind.values else ""
    page = Paginator(register(q=q, decision=kind), PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "rows": [
            {"one": one, "tag": DECISION_TAGS[one.kind], "state_tag": TAGS[one.request.state]}
            for one in page.object_list
        ],
        "q": q,
        "chosen": kind,
        "kinds": DecisionKind.choices,
        "query": f"{query.urlencode()}&" if query else "",
        "filters": query.urlencode(),
        "access": viewer(request),
        "positions": positions_at(request),
        "here": "clearance",
        "place": "register",
    }
    return render(request, "portfolio/clearance/register.html", context)


@require_safe
def register_csv(request: HttpRequest) -> HttpResponseBase:
    """Give the register as CSV."""
    q = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    kind = request.GET.get("putusan", "")
    rows = register(q=q, decision=kind if kind in DecisionKind.values else "")
    response = StreamingHttpResponse(
        _lines(rows.iterator(chunk_size=500)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="register-izin-aplikasi.csv"'
    return response


def _lines(rows: Iterator[Decision]) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)
    for one in rows:
        yield _line(
            (
                one.request.number,
                one.request.agency.name,
                one.request.title,
                one.request.kind,
                one.kind,
                one.target.code if one.target else "",
                one.reason,
                one.conditions,
                one.decided_at.date().isoformat(),
                one.expires_on.isoformat() if one.expires_on else "",
                one.request.state,
                one.report_sha256,
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    return buffer.getvalue()


@require_safe
def decision(request: HttpRequest, number: str) -> HttpResponse:
    """Show one decision to everyone: who asked for what, what was decided, why, until when."""
    one = decision_by_number(number)
    context = {
        **decision_facts(one),
        "row": one.request,
        "state_tag": TAGS[one.request.state],
        "access": viewer(request),
        "positions": positions_at(request),
        "here": "clearance",
    }
    return render(request, "portfolio/clearance/decision.html", context)


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Explain paths, limits, formulas and appeals, from the data in force."""
    context = {
        "rules": regulation(),
        "procedures": methods(),
        "access": viewer(request),
        "positions": positions_at(request),
        "here": "clearance",
        "place": "method",
    }
    return render(request, "portfolio/clearance/method.html", context)
