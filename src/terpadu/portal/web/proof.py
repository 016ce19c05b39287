"""The proof of one entry of the trail: where its records stand in the public log, and the file to check it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from terpadu.exchange.enums import Match
from terpadu.exchange.errors import NotLogged
from terpadu.exchange.public import ProofStep, TrailProof, trail_get, trail_prove
from terpadu.identity.public import current_person, signed_in_required
from terpadu.portal.web.trail import TrailLine, cases_of, line_of


@dataclass(frozen=True)
class ProofLine:
    """One record in the words of the page. what: who wrote down what. leaf: its number in the log, of so many."""

    what: str
    at: datetime
    leaf: int
    size: int
    witnesses: str
    witnessed_at: datetime | None


@require_safe
@signed_in_required
def proof(request: HttpRequest, transaction_id: UUID) -> HttpResponse:
    """Show whether an entry is proven, by which records and witnesses; while it is not logged yet, say so."""
    person_id = current_person(request)
    cases = cases_of(person_id)
    entry = trail_get(person_id, transaction_id, cases=cases)
    if entry is None:
        raise Http404
    line = line_of(entry)
    try:
        found = trail_prove(person_id, transaction_id, cases=cases)
    except NotLogged:
        found = None
    steps = [_line(step, line) for step in found.steps] if found else []
    context = {"line": line, "steps": steps, "verdict": _verdict(found), "is_logged": found is not None}
    return render(request, "portal/proof.html", context)


@require_safe
@signed_in_required
def proof_file(request: HttpRequest, transaction_id: UUID) -> HttpResponse:
    """Give the receipt, which `terpadu verify` checks without us. Raises NotLogged."""
    person_id = current_person(request)
    found = trail_prove(person_id, transaction_id, cases=cases_of(person_id))
    if found is None:
        raise Http404
    response = HttpResponse(found.receipt, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="bukti-{transaction_id}.json"'
    return response


@dataclass(frozen=True)
class Verdict:
    """What the check says. state: name of the tag's colour; text: one sentence."""

    state: str
    text: str


def _verdict(found: TrailProof | None) -> Verdict:
    if found is None:
        return Verdict("wait", _("Not in the log yet. It is written within seconds; load the page again."))
    if found.fault == "log.quorum":
        return Verdict("wait", _("In the log. The independent witnesses have not signed yet."))
    if found.fault:
        return Verdict("late", _("The check failed. Please tell us."))
    sentences = {
        Match.PAIR: Verdict("ok", _("Both agencies wrote it down alike, and the public log holds it.")),
        Match.CONTRADICTION: Verdict(
            "late", _("The two agencies wrote down different things. We look into it.")
        ),
        Match.NEVER_SENT: Verdict("ok", _("The request was stopped before any data was asked for.")),
        Match.FOREIGN: Verdict(
            "ok", _("The agency whose record is here wrote it down; the other side keeps a log of its own.")
        ),
        Match.UNDER_WAY: Verdict("wait", _("In the log. The other agency's record is still under way.")),
    }
    return sentences.get(found.match, Verdict("late", _("One agency's record is missing. We look into it.")))


def _line(step: ProofStep, line: TrailLine) -> ProofLine:
    asking, holding = line.via or line.reader, line.holder
    words = {
        ("out", "request"): _("%(agency)s wrote down its question"),
        ("in", "request"): _("%(agency)s wrote down the question it received"),
        ("in", "response"): _("%(agency)s wrote down its answer"),
        ("out", "response"): _("%(agency)s wrote down the answer it received"),
    }
    agency = asking if step.side == "out" else holding
    return ProofLine(
        what=words[step.side, step.phase] % {"agency": agency},
        at=step.at,
        leaf=step.leaf_index + 1,
        size=step.size,
        witnesses=", ".join(step.witnesses),
        witnessed_at=step.witnessed_at,
    )
