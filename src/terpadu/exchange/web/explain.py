"""Would this call be allowed? For officers; and where their interfaces broke their documents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from terpadu.exchange.selectors.breaks import breaks_of
from terpadu.exchange.selectors.console import grant_by_hash
from terpadu.exchange.selectors.explain import Explanation, Question, explain
from terpadu.exchange.selectors.registry import interface_list, peer_list
from terpadu.exchange.web.agreements import grant_rows
from terpadu.exchange.web.forms import ExplainForm
from terpadu.exchange.web.words import REASONS, WHO
from terpadu.identity.public import current_position, officer_required


@require_safe
@officer_required()
def question(request: HttpRequest) -> HttpResponse:
    """Show the question, and the answer once it is asked."""
    agencies = [(one.agency.code, one.agency.short_name) for one in peer_list()]
    names = {one.agency.peer_id: one.agency.short_name for one in peer_list()}
    operations = [
        (
            f"{interface.service}#{operation.id}",
            f"{names[interface.peer_id]}: {interface.title}, {operation.id}",
        )
        for interface in interface_list()
        for operation in interface.operations
    ]
    own = current_position(request).agency
    form = ExplainForm(request.GET or None, agencies=agencies, operations=operations, reader=own.code)
    found: Explanation | None = None
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        service, _separator, operation_id = given["service"].partition("#")
        found = explain(
            Question(
                given["consumer"], service, operation_id, given["purpose"], given["evidence"], at=given["at"]
            )
        )
    right = grant_by_hash(found.grant_hash) if found else None
    context = {
        "form": form,
        "found": found,
        "reason": REASONS.get(found.code, found.title) if found else "",
        "who": WHO[found.who] if found else "",
        "agreement": grant_rows([right])[0] if right else None,
        "is_party": right is not None and own.peer_id in right.parties,
    }
    return render(request, "exchange/explain.html", context)


@require_safe
@officer_required()
def breaks(request: HttpRequest) -> HttpResponse:
    """Show where requests and answers broke the documents of the agency's interfaces."""
    rows = breaks_of(current_position(request).agency.peer_id)
    return render(request, "exchange/breaks.html", {"rows": rows})
