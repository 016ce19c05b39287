"""The operator's page: the map of agencies and connections, the nine priority services, traffic, and what runs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from terpadu.exchange.adapters.programs import Health, Program, ask_programs
from terpadu.exchange.enums import OPERATOR
from terpadu.exchange.errors import NoSnapshot
from terpadu.exchange.selectors.operations import Connection, exchange_map, open_orphans, programs
from terpadu.exchange.selectors.priority import Integration, priority_integration, priority_list
from terpadu.exchange.selectors.published import snapshot_newest
from terpadu.exchange.selectors.traffic import Span, traffic_in_all
from terpadu.exchange.web.drawings import calls_chart
from terpadu.exchange.web.map import exchange_picture
from terpadu.identity.public import officer_required
from terpadu.kernel.backlog import Backlog, backlog
from terpadu.kernel.formats import language

SHOWN = 100
HEALTH_TAGS: dict[Health, str] = {"well": "ok", "unwell": "wait", "away": "late"}


@require_safe
@officer_required(OPERATOR)
def overview(request: HttpRequest) -> HttpResponse:
    """Show the whole exchange to its operator."""
    span: Span = "day" if request.GET.get("rentang") == "hari" else "hour"
    found = exchange_map(span=span)
    rows = traffic_in_all(span=span)
    context = {
        "span": span,
        "agencies": len(found.agencies),
        "connections": [_connection(one) for one in found.connections[:SHOWN]],
        "hidden": max(0, len(found.connections) - SHOWN),
        "alone": [agency.short_name for agency in found.alone],
        "picture": exchange_picture(found.connections),
        "services": [_service(one) for one in priority_integration()],
        "list": priority_list(),
        "rows": rows,
        "total": sum(one.calls for one in rows),
        "failed": sum(one.failed for one in rows),
        "chart": calls_chart(rows, span=span) if any(one.calls for one in rows) else "",
        "running": [_program(*one) for one in ask_programs(programs())] + [_worker(backlog())],
        "orphans": open_orphans(),
        "snapshot": _snapshot(),
    }
    return render(request, "exchange/operations.html", context)


def _connection(one: Connection) -> dict[str, object]:
    words = {"ok": _("Works"), "wait": _("Some fail"), "late": _("Many fail"), "idle": _("Quiet")}
    return {
        "view": one,
        "tag": "info" if one.condition == "idle" else one.condition,
        "word": words[one.condition],
    }


def _service(one: Integration) -> dict[str, object]:
    is_english = language() == "en"
    facts = (
        (_("Sources connected"), one.sources),
        (_("Rights in force"), one.contracts),
        (_("Exchanges in 30 days"), one.calls),
        (_("Public services"), one.public_services),
    )
    return {
        "number": one.service.number,
        "name": one.service.name.en if is_english else one.service.name.id,
        "owner": one.service.owner.en if is_english else one.service.owner.id,
        "facts": facts,
        "stage": one.stage,
        "tag": "ok" if one.stage == len(facts) else "wait" if one.stage else "info",
    }


def _program(program: Program, health: Health) -> dict[str, str]:
    kind = _("Gateway") if program.kind == "gateway" else _("Doors")
    words = {"well": _("Runs"), "unwell": _("Runs, but cannot answer calls"), "away": _("Does not answer")}
    return {
        "name": f"{kind} {program.name}",
        "note": program.address,
        "tag": HEALTH_TAGS[health],
        "word": words[health],
    }


def _worker(waits: Backlog) -> dict[str, str]:
    note = _("%(waiting)s notices and %(timers)s timers due, %(dead)s given up") % {
        "waiting": waits.waiting,
        "timers": waits.timers,
        "dead": waits.dead,
    }
    tag, word = ("late", _("Does not come by")) if waits.is_late else ("ok", _("Runs"))
    if waits.dead and not waits.is_late:
        tag, word = "wait", _("Runs, some notices were given up")
    return {"name": _("Worker"), "note": note, "tag": tag, "word": word}


def _snapshot() -> int:
    try:
        return snapshot_newest().version
    except NoSnapshot:
        return 0
