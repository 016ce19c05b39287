"""Agreements for officers: what their agency has signed and is asked to sign, and signing, refusing, ending."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.exchange.enums import ContractState
from terpadu.exchange.errors import ContractClosed, ContractUnknown
from terpadu.exchange.rules.contracts import Kind, may_sign
from terpadu.exchange.rules.snippets import snippets_of
from terpadu.exchange.selectors.console import (
    GrantView,
    contract_by_iv,
    contracts_waiting,
    grants_of_contracts,
)
from terpadu.exchange.selectors.explain import Question, explain
from terpadu.exchange.selectors.joining import sample_call
from terpadu.exchange.selectors.places import sandbox_url
from terpadu.exchange.selectors.registry import ContractView, contract_page, standing_of_view, utc_of
from terpadu.exchange.services.contracts import contract_accept, contract_reject, contract_revoke
from terpadu.exchange.web.words import REASONS, WHO, agency_names, disclosure_words, name_of, text_of
from terpadu.identity.public import current_actor, current_position, officer_required
from terpadu.kernel.clock import now
from terpadu.kernel.errors import DomainError
from terpadu.kernel.formats import format_number

TAGS = {"valid": "ok", "proposed": "wait", "rejected": "late", "revoked": "late", "expired": "info"}
VERBS: dict[str, Kind] = {"tandatangani": "accept", "tolak": "reject", "akhiri": "revoke"}
SIGN = {"accept": contract_accept, "reject": contract_reject, "revoke": contract_revoke}
DONE = {
    "accept": gettext_lazy("Your agency has signed the agreement."),
    "reject": gettext_lazy("The agreement was refused."),
    "revoke": gettext_lazy("The agreement has ended. Its calls are refused within seconds."),
}


@require_safe
@officer_required()
def overview(request: HttpRequest) -> HttpResponse:
    """Show the agreements of the officer's agency: those that wait for it first."""
    peer_id = current_position(request).agency.peer_id
    waiting = contracts_waiting(peer_id)
    number = page_number(request.GET.get("hal", ""))
    found, has_more = contract_page(peer_id, number=number)
    hashes = {one.content_hash for one in waiting}
    context = {
        "waiting": cards_of(waiting),
        "rows": cards_of([one for one in found if one.content_hash not in hashes]),
        "number": number,
        "has_more": has_more,
    }
    return render(request, "exchange/agreements.html", context)


@require_safe
@officer_required()
def page(request: HttpRequest, iv: UUID) -> HttpResponse:
    """Show one agreement: its rights, its signatures, and what the officer's agency may do."""
    view = _seen(request, iv)
    names = agency_names()
    signatures = [
        (
            names.get(signer, signer),
            signer in view.signatures.accept,
            signer in view.signatures.reject or signer in view.signatures.revoke,
        )
        for signer in view.signers
    ]
    grants = grants_of_contracts([view])
    samples = [sample_call(one) for one in grants]
    rows = zip(grant_rows(grants), grants, samples, strict=True)
    context = cards_of([view])[0] | {
        "grants": [row | explained(one, evidence=call.evidence if call else "") for row, one, call in rows],
        "samples": [
            (one.service_title, snippets_of(call))
            for one, call in zip(grants, samples, strict=True)
            if call is not None
        ],
        "sandbox": sandbox_url("", "").rstrip("/"),
        "signatures": signatures,
        "actions": _actions(request, view),
    }
    return render(request, "exchange/agreement.html", context)


def explained(grant: GrantView, *, evidence: str) -> dict[str, object]:
    """Return what the explanation says of a first call under a right, {} while it can say nothing.

    evidence: a case reference as the right wants it.
    """
    if grant.properties is None:
        return {}
    operation = grant.properties.operations[0].id
    try:
        found = explain(
            Question(
                grant.reader.code,
                grant.service,
                operation,
                grant.purpose,
                evidence,
                grant_hash=grant.grant_hash,
            )
        )
    except DomainError:
        return {}
    return {"explained": found, "reason": REASONS.get(found.code, found.title), "who": WHO.get(found.who, "")}


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def sign(request: HttpRequest, iv: UUID, verb: str) -> HttpResponse:
    """Sign, refuse or end an agreement, after a page that says what follows from it."""
    view = _seen(request, iv)
    kind = VERBS.get(verb)
    if kind is None or kind not in _actions(request, view):
        raise ContractClosed(state=view.state)
    if request.method == "POST":
        agency_code = current_position(request).agency.code
        SIGN[kind](view.content_hash, agency_code=agency_code, by=current_actor(request))
        messages.success(request, DONE[kind])
        return redirect("exchange:agreement", iv)
    return render(request, "exchange/agreement_sign.html", cards_of([view])[0] | {"kind": kind})


def cards_of(views: Sequence[ContractView]) -> list[dict[str, object]]:
    """Return what the cards of agreements show. Three queries for all together."""
    grants: dict[str, list[GrantView]] = {}
    for one in grants_of_contracts(views):
        grants.setdefault(str(one.contract_iv), []).append(one)
    return [_card(view, grants.get(view.content.iv, [])) for view in views]


def grant_rows(grants: Iterable[GrantView]) -> list[dict[str, object]]:
    """Return rights to read in the words of a table: who, why, on which basis, which data, under which limits, seen when."""
    return [
        {
            "grant": one,
            "reader": name_of(one.reader),
            "caller": name_of(one.caller) if one.caller != one.reader else "",
            "provider": name_of(one.provider),
            "purpose": text_of(one.properties.purpose.text) if one.properties else one.purpose,
            "items": _items(one),
            "limits": _limits(one),
            "disclosure": disclosure_words(one.properties.disclosure) if one.properties else "",
            "ground": one.properties.disclosure.ground if one.properties else None,
        }
        for one in grants
    ]


def _card(view: ContractView, grants: Sequence[GrantView]) -> dict[str, object]:
    texts = [text_of(one.properties.purpose.text) for one in grants if one.properties]
    return {
        "iv": view.content.iv,
        "contract": view,
        "readers": _once(name_of(one.reader) for one in grants),
        "providers": _once(name_of(one.provider) for one in grants),
        "purposes": _once(texts),
        "services": _once(one.service_title for one in grants),
        "tag": TAGS[view.state],
        "state_label": ContractState(view.state).label,
        "until": utc_of(view.content.validity.not_after),
        "since": utc_of(view.content.validity.not_before),
    }


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _items(one: GrantView) -> list[str]:
    operations = one.properties.operations if one.properties else ()
    texts = [text_of(text) for rule in operations for text in rule.data_items.values()]
    return _once(texts)


def _limits(one: GrantView) -> list[str]:
    rules = one.properties
    if rules is None:
        return [_("Gateways cannot read its rules, so they refuse it.")]
    found = []
    if rules.quota and rules.quota.per_day:
        found.append(_("%(count)s calls a day") % {"count": format_number(rules.quota.per_day)})
    if rules.evidence.required:
        found.append(_("with the reference of a case"))
    if rules.consent.required:
        found.append(_("with the person's consent"))
    if rules.hours is not None:
        found.append(_("at certain hours"))
    if rules.openapi.refuse:
        found.append(_("answers that break the document are refused"))
    return found


def _actions(request: HttpRequest, view: ContractView) -> list[Kind]:
    peer_id = current_position(request).agency.peer_id
    standing = standing_of_view(view)
    return [kind for kind in VERBS.values() if may_sign(kind, peer_id=peer_id, standing=standing, now=now())]


def _seen(request: HttpRequest, iv: UUID) -> ContractView:
    """Return an agreement that the officer may see: one that their agency is party to."""
    view = contract_by_iv(iv)
    if current_position(request).agency.peer_id not in view.signers:
        raise ContractUnknown(contract=str(iv))
    return view


def page_number(text: str) -> int:
    """Return the number of a page out of an address, 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
