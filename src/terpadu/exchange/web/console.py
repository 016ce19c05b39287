"""The console of an agency: what waits, its interfaces and who reads them, its traffic, certificates and records."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from terpadu.directory.public import AgencyView, CertificateView
from terpadu.exchange.errors import InterfaceUnknown
from terpadu.exchange.policies import operates
from terpadu.exchange.selectors.breaks import breaks_of
from terpadu.exchange.selectors.console import (
    PAGE,
    certificates_of,
    contracts_waiting,
    interfaces_of,
    last_reconciliation,
    orphans_of,
    readings_by,
    readings_of,
)
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu.exchange.selectors.purposes import purpose_list
from terpadu.exchange.selectors.traffic import (
    Role,
    Span,
    traffic_by_error,
    traffic_by_interface,
    traffic_by_time,
)
from terpadu.exchange.web.agreements import cards_of, grant_rows
from terpadu.exchange.web.drawings import calls_chart, durations_chart
from terpadu.exchange.web.purposes import purpose_row
from terpadu.exchange.web.words import REASONS, agency_names, name_of
from terpadu.identity.public import current_position, officer_required
from terpadu.kernel.clock import now

SOON, VERY_SOON = timedelta(days=30), timedelta(days=7)
"""From when on the end of a certificate is shown as near, and as urgent."""


@require_safe
@officer_required()
def overview(request: HttpRequest) -> HttpResponse:
    """Show what waits for the officer's agency, what is wrong, and how its interfaces are used."""
    agency, law = current_position(request).agency, disclosure_law().supervisor
    asked = [purpose_row(one, agency.code) for one in purpose_list(agency.code, state="waiting")]
    given = traffic_by_time(agency.peer_id, role="gives", span="hour")
    read = traffic_by_time(agency.peer_id, role="reads", span="hour")
    certificates = [_certificate(one) for one in certificates_of(agency.peer_id)]
    calls = _calls_by_service(agency)
    context = {
        "agency": name_of(agency),
        "is_operator": operates(current_position(request)),
        "is_supervisor": (agency.code, current_position(request).kind) == (law.agency, law.position),
        "purposes": [row for row in asked if row["awaits_us"]],
        "contracts": cards_of(contracts_waiting(agency.peer_id)),
        "interfaces": [(one, calls.get(one.interface.name, 0)) for one in interfaces_of(agency.peer_id)],
        "certificates": certificates,
        "ending": [one for one in certificates if one["tag"] != "ok"],
        "open_orphans": sum(one.settled_at is None for one in orphans_of(agency.peer_id)),
        "breaks": [one for one in breaks_of(agency.peer_id) if one.last_at > now() - timedelta(days=7)],
        "given": sum(one.calls for one in given),
        "read": sum(one.calls for one in read),
        "rows": given,
        "chart": calls_chart(given, span="hour") if any(one.calls for one in given) else "",
    }
    return render(request, "exchange/console.html", context)


@require_safe
@officer_required()
def interface(request: HttpRequest, name: str) -> HttpResponse:
    """Show one interface of the officer's agency: its operations, and who reads what of it and why."""
    agency = current_position(request).agency
    found = next((one for one in interfaces_of(agency.peer_id) if one.interface.name == name), None)
    if found is None:
        raise InterfaceUnknown(service=name)
    offset = _offset(request)
    grants = readings_of(agency.peer_id, service=name, offset=offset)
    context = {
        "found": found,
        "agency": agency,
        "grants": grant_rows(grants),
        "offset": offset,
        "next_offset": offset + PAGE if len(grants) == PAGE else 0,
        "breaks": [one for one in breaks_of(agency.peer_id) if one.service == name],
    }
    return render(request, "exchange/interface.html", context)


@require_safe
@officer_required()
def readings(request: HttpRequest) -> HttpResponse:
    """Show what the officer's agency may read of others, and why."""
    offset = _offset(request)
    grants = readings_by(current_position(request).agency.peer_id, offset=offset)
    context = {
        "grants": grant_rows(grants),
        "offset": offset,
        "next_offset": offset + PAGE if len(grants) == PAGE else 0,
    }
    return render(request, "exchange/readings.html", context)


@require_safe
@officer_required()
def traffic(request: HttpRequest) -> HttpResponse:
    """Show traffic, errors and durations of the officer's agency, as giver or reader, by hour or day."""
    agency = current_position(request).agency
    span: Span = "day" if request.GET.get("rentang") == "hari" else "hour"
    role: Role = "reads" if request.GET.get("sisi") == "membaca" else "gives"
    rows = traffic_by_time(agency.peer_id, role=role, span=span)
    names = agency_names()
    context = {
        "span": span,
        "role": role,
        "rows": rows,
        "total": sum(one.calls for one in rows),
        "calls": calls_chart(rows, span=span),
        "durations": durations_chart(rows, span=span),
        "groups": [
            (names.get(one.names[0], one.names[0]), names.get(one.names[1], one.names[1]), one.names[2], one)
            for one in traffic_by_interface(agency.peer_id, role=role, span=span)
        ],
        "errors": [
            (one.names[0], REASONS.get(one.names[0], ""), one.names[2], one.names[1], one.calls)
            for one in traffic_by_error(agency.peer_id, role=role, span=span)
        ],
    }
    return render(request, "exchange/traffic.html", context)


@require_safe
@officer_required()
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Show the exchanges of the officer's agency whose two sides do not fit together."""
    agency = current_position(request).agency
    rows = [
        (one, name_of(one.consumer) if one.consumer else "", name_of(one.provider) if one.provider else "")
        for one in orphans_of(agency.peer_id)
    ]
    context = {"rows": rows, "last": last_reconciliation()}
    return render(request, "exchange/reconciliation.html", context)


def _certificate(view: CertificateView) -> dict[str, object]:
    left = view.valid_to - now()
    tag, word = "ok", _("In force")
    if left < SOON:
        tag, word = "wait", _("Ends soon")
    if left < VERY_SOON:
        tag, word = "late", _("Ends within days")
    return {"view": view, "tag": tag, "word": word, "days": left.days}


def _calls_by_service(agency: AgencyView) -> dict[str, int]:
    calls: dict[str, int] = {}
    for one in traffic_by_interface(agency.peer_id, role="gives", span="hour"):
        calls[one.names[2]] = calls.get(one.names[2], 0) + one.calls
    return calls


def _offset(request: HttpRequest) -> int:
    text = request.GET.get("mulai", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
