"""For the data protection supervisor: what is kept from persons, by which law; and the log of every look at it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.exchange.enums import OPERATOR, DisclosureKind, LookScope, Outcome
from terpadu.exchange.errors.disclosure import OwnReadingsClosed
from terpadu.exchange.policies import check_operates, check_supervises, operates
from terpadu.exchange.selectors.console import contract_by_iv, grants_of_contracts
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu.exchange.selectors.supervision import KeptBack, hidden_readings, kept_back_list, look_list
from terpadu.exchange.selectors.trail import TrailEntry
from terpadu.exchange.services.supervision import Looked, look_at_person, look_at_reading, look_record
from terpadu.exchange.web.agreements import grant_rows, page_number
from terpadu.exchange.web.disclosure_forms import LookForm
from terpadu.exchange.web.words import name_of, text_of
from terpadu.identity.public import current_actor, current_position, officer_required, own_session_required
from terpadu.kernel.errors import BadInput

SUPERVISOR = disclosure_law().supervisor.position


@never_cache
@require_safe
@officer_required(SUPERVISOR)
@own_session_required
def overview(request: HttpRequest) -> HttpResponse:
    """Show which agreements keep readings from persons, by agency, class and legal basis, and how many there are."""
    look_record(LookScope.OVERVIEW, by=current_actor(request))
    found = kept_back_list()
    agency, kind = request.GET.get("instansi", ""), request.GET.get("kelas", "")
    kept = [one for one in found if agency in ("", one.grant.reader.code) and kind in ("", _kind(one))]
    context = {
        "rows": list(zip(kept, grant_rows(one.grant for one in kept), strict=True)),
        "hidden": sum(one.hidden for one in found),
        "agencies": sorted({(one.grant.reader.code, name_of(one.grant.reader)) for one in found}),
        "kinds": [(kind.value, kind.label) for kind in DisclosureKind if kind != DisclosureKind.NOW],
        "agency": agency,
        "kind": kind,
        "law": disclosure_law(),
    }
    return render(request, "exchange/supervision.html", context)


@never_cache
@require_safe
@officer_required(SUPERVISOR)
@own_session_required
def agreement(request: HttpRequest, iv: UUID) -> HttpResponse:
    """Show the hidden readings of an agreement by date, without whom they are about."""
    look_record(LookScope.AGREEMENT, by=current_actor(request))
    number = page_number(request.GET.get("hal", ""))
    grants = [one for one in grants_of_contracts([contract_by_iv(iv)]) if _is_kept_back(one.properties)]
    pages = [hidden_readings(one.grant_hash, number=number) for one in grants]
    context = {
        "grants": list(zip(grant_rows(grants), (shown for shown, _more in pages), strict=True)),
        "number": number,
        "has_more": any(more for _shown, more in pages),
        "outcomes": {one.value: one.label for one in Outcome},
    }
    return render(request, "exchange/supervision_agreement.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@officer_required(SUPERVISOR)
@own_session_required
def person(request: HttpRequest) -> HttpResponse:
    """Ask for the reason and a person, and show what that person is not shown; each answer is one look."""
    check_supervises(current_actor(request))
    about = request.POST.get("bacaan") or request.GET.get("bacaan", "")
    form = LookForm(request.POST if request.method == "POST" else None, reading=about)
    looked = _looked(request, form) if form.is_bound and form.is_valid() else None
    entries = [_entry(one) for one in looked.entries] if looked else []
    context = {
        "form": form,
        "about": about,
        "looked": looked,
        "entries": entries,
        "reason": form.cleaned_data.get("reason", "") if looked else "",
    }
    return render(request, "exchange/supervision_person.html", context)


@never_cache
@require_safe
@officer_required(SUPERVISOR, OPERATOR)
@own_session_required
def log(request: HttpRequest) -> HttpResponse:
    """Show every look to the supervisor and to the operator; nobody can change it."""
    is_operator = operates(current_position(request))
    (check_operates if is_operator else check_supervises)(current_actor(request))
    number = page_number(request.GET.get("hal", ""))
    found, has_more = look_list(number=number)
    context = {"looks": found, "number": number, "has_more": has_more, "is_operator": is_operator}
    return render(request, "exchange/supervision_log.html", context)


def _looked(request: HttpRequest, form: LookForm) -> Looked | None:
    """Look, or put what is wrong into the form."""
    by, reason = current_actor(request), form.cleaned_data["reason"]
    try:
        if form.reading is not None:
            return look_at_reading(form.reading, reason=reason, by=by)
        return look_at_person(form.cleaned_data["nik"], reason=reason, by=by)
    except (BadInput, OwnReadingsClosed) as error:
        form.object_to(error)
        return None


def _is_kept_back(properties: object) -> bool:
    rule = getattr(properties, "disclosure", None)
    return rule is None or rule.kind != DisclosureKind.NOW


def _kind(one: KeptBack) -> str:
    rules = one.grant.properties
    return rules.disclosure.kind if rules else DisclosureKind.SUPERVISOR


def _entry(one: TrailEntry) -> dict[str, object]:
    return {
        "view": one,
        "purpose": text_of(one.purpose_text),
        "items": [text_of(item) for item in one.data_items],
        "kind": DisclosureKind(one.disclosure).label,
        "outcome": Outcome(one.outcome).label,
        "shown": one.disclosed_from or _("never"),
    }
