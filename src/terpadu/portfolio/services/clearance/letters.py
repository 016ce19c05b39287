"""The decision letter: signed, verifiable by anyone, made by the worker after the decision."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.directory.public import agency_get
from terpadu.documents.public import SignerView, document_issue
from terpadu.identity.public import person_get
from terpadu.kernel.clock import JAKARTA
from terpadu.kernel.formats import format_date
from terpadu.portfolio.enums import Instance
from terpadu.portfolio.models import Decision
from terpadu.portfolio.services.clearance.flow import SYSTEM

KIND = "clearance_decision"
SUFFIX = {Instance.FIRST.value: "K", Instance.APPEAL.value: "B"}


@transaction.atomic
def letter_issue(decision_id: UUID) -> UUID:
    """Issue the signed letter of a decision, once; return the document. Raises what documents raises; the worker retries."""
    rows = Decision.objects.select_for_update(of=("self",)).select_related(
        "request__agency", "target__agency"
    )
    decision = rows.get(pk=decision_id)
    if decision.letter:
        return decision.letter
    document = document_issue(
        template=KIND,
        kind=KIND,
        facts=letter_facts(decision),
        holder=decision.request.created_by,
        about=None,
        agency=agency_get(decision.agency_code),
        signer=SignerView(name=person_get(decision.decided_by).name, title=decision.decider_title),
        number=f"{decision.request.number}/{SUFFIX[decision.instance]}",
        case_id=None,
        valid_until=None,
        idempotency_key=f"clearance:{decision.id}",
        by=SYSTEM,
    )
    decision.letter = document.id
    decision.save(update_fields=["letter"])
    return document.id


def letter_facts(decision: Decision) -> dict[str, str]:
    """Return what the letter says; confidential fields of the request are not among it."""
    row, target = decision.request, decision.target
    until = row.appeal_until.astimezone(JAKARTA).date() if row.appeal_until else None
    return {
        "agency": row.agency.name,
        "number": row.number,
        "title": row.title,
        "request": row.kind,
        "decision": decision.kind,
        "instance": decision.instance,
        "target": f"{target.code} {target.name} ({target.agency.name})" if target else "",
        "reason": decision.reason,
        "conditions": decision.conditions,
        "why_not_reuse": decision.why_not_reuse,
        "expires_on": decision.expires_on.isoformat() if decision.expires_on else "",
        "appeal_until": format_date(until, lang="id") if until else "",
        "report": decision.report_sha256,
    }
