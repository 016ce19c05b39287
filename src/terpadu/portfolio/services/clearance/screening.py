"""The overlap report: looked up while somebody types, frozen when the request is complete."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction

from terpadu.kernel.timers import timer_set
from terpadu.portfolio.enums import Part, RequestAction, RequestKind, RequestState
from terpadu.portfolio.models import ClearanceRequest, DeskReview, RequestReport
from terpadu.portfolio.overlap_desk import Finding, overlap_desk
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.rules.clearance.decisions import NamedCandidate, strongest
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.selectors.clearance.parts import procedure_of
from terpadu.portfolio.selectors.dependencies import dependents_of
from terpadu.portfolio.services.clearance.drafts import DraftValues, path_of, values_of
from terpadu.portfolio.services.clearance.flow import (
    SYSTEM,
    request_lock,
    request_move,
    working_days_from_now,
)

REVIEW_TIMER = "portfolio.clearance_review_due"
MOST_CANDIDATES = 10
LEAST_TEXT = 3
ENDED = "ended"


def look_up(values: DraftValues, *, agency_code: str, region_code: str, most: int = 5) -> Finding | None:
    """Return what overlaps with what has been written so far; None while it is too little. Raises OverlapUnavailable."""
    if len(values.title.strip()) < LEAST_TEXT and len(values.function.strip()) < LEAST_TEXT:
        return None
    proposal = proposal_of(values, agency_code=agency_code, region_code=region_code)
    return overlap_desk().look(proposal, most=most, leave_out=values.subject)


def proposal_of(values: DraftValues, *, agency_code: str, region_code: str) -> OverlapRecord:
    """Return a proposal as the overlap engine sees it."""
    return OverlapRecord(
        id="proposal",
        name=values.title.strip(),
        function=values.function.strip(),
        agency_code=agency_code,
        region_code=region_code or None,
        rab=values.rab_codes,
        ral=values.ral_codes,
        users=values.user_groups,
        data_topics=values.rad_codes,
    )


def strong_names(row: ClearanceRequest) -> list[str]:
    """Return the names of the applications that overlap strongly with a request. Raises OverlapUnavailable."""
    found = look_up(
        values_of(row), agency_code=row.agency.code, region_code=row.agency.region_code, most=MOST_CANDIDATES
    )
    if found is None:
        return []
    strong = regulation().strong_score
    return [
        one.name for one in strongest(named_of([one.as_json() for one in found.candidates]), strong=strong)
    ]


def named_of(candidates: list[dict[str, Any]]) -> list[NamedCandidate]:
    """Return the candidates of a report as the rules of decisions see them."""
    return [
        NamedCandidate(one["code"], one["name"], float(one["score"]), is_alive=one["state"] != ENDED)
        for one in candidates
    ]


@transaction.atomic
def report_make(request_id: UUID) -> RequestReport | None:
    """Make and freeze the overlap report of a request that is complete, and open its desks.

    Does nothing for a request that has moved on, so it may be called again. Raises OverlapUnavailable; the worker retries.
    """
    row = request_lock(request_id)
    if row.state != RequestState.SCREENING:
        return None
    report = _freeze(row)
    request_move(row, RequestAction.SCREEN, part=Part.SYSTEM, by=SYSTEM)
    desks = path_of(row).desks_for(RequestKind(row.kind))
    due_at = working_days_from_now(procedure_of(row).days.review)
    for desk in desks:
        review = DeskReview.objects.create(request=row, desk=desk, due_at=due_at)
        timer_set(REVIEW_TIMER, key=str(review.id), due_at=due_at, payload={"request": str(row.id)})
    if not desks:
        request_move(row, RequestAction.CONCLUDE, part=Part.SYSTEM, by=SYSTEM)
    return report


def _freeze(row: ClearanceRequest) -> RequestReport:
    values = values_of(row)
    proposal = proposal_of(values, agency_code=row.agency.code, region_code=row.agency.region_code)
    found = overlap_desk().look(proposal, most=MOST_CANDIDATES, leave_out=values.subject)
    content: dict[str, Any] = {
        "engine": found.engine,
        "versions": dict(found.versions),
        "records": found.records,
        "proposal": _plain(asdict(proposal)),
        "candidates": [_plain(one.as_json()) for one in found.candidates],
        "dependents": [asdict(one) for one in dependents_of(row.subject)] if row.subject else [],
    }
    return RequestReport.objects.create(request=row, sha256=digest_of(content), **content)


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a report's content as sorted JSON, in hex."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return content as JSON gives it back: lists for tuples."""
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return plain


def latest_report(row: ClearanceRequest) -> RequestReport | None:
    """Return the report that counts for a request, None before there is one. One query."""
    return RequestReport.objects.filter(request=row).order_by("-made_at").first()
