"""Requests as their readers see them: one dossier, the proposer's list, the inbox of the offices, the public register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from terpadu.kernel.actors import Actor
from terpadu.portfolio.enums import Part, RequestState, ReviewState
from terpadu.portfolio.errors import RequestUnknown
from terpadu.portfolio.models import ClearanceRequest, Decision, DeskReview
from terpadu.portfolio.selectors.clearance.parts import (
    Positions,
    check_sees,
    holding,
    positions_of,
    procedure_of,
)

PART_OF_STATE = {
    RequestState.SUBMITTED: Part.SECRETARIAT,
    RequestState.DECISION: Part.DECIDER,
    RequestState.APPEALED: Part.APPEAL,
}
ACTIVE = (RequestState.SUBMITTED, RequestState.REVIEW, RequestState.DECISION, RequestState.APPEALED)
DECIDED = ("approved", "refused", "appealed", "delivered", "lapsed")
MOST_ACTIVE = 2000


@dataclass(frozen=True)
class Waiting:
    """Something that waits for somebody. review: of a desk, None for the other parts."""

    row: ClearanceRequest
    part: Part
    review: DeskReview | None = None


def request_get(request_id: UUID, *, by: Actor | None) -> tuple[ClearanceRequest, frozenset[Part]]:
    """Return a request with the parts of who looks at it. Raises RequestUnknown, NotAllowed."""
    rows = ClearanceRequest.objects.select_related("agency", "subject__agency", "record__agency")
    row = rows.filter(pk=request_id).first()
    if row is None:
        raise RequestUnknown()
    return row, check_sees(positions_of(by), row)


def requests_of(positions: Positions) -> list[ClearanceRequest]:
    """Return the requests of the agencies for which somebody proposes, newest first. One query."""
    codes = [one.agency.code for one in positions.managed]
    rows = ClearanceRequest.objects.filter(agency__code__in=codes).select_related("agency")
    return list(rows.order_by("-created_at")[:200])


def waiting_for(positions: Positions) -> list[Waiting]:
    """Return what waits for somebody, most urgent first. Two queries."""
    if positions.person_id is None:
        return []
    reviews = Prefetch("reviews", queryset=DeskReview.objects.exclude(state=ReviewState.DONE))
    rows = ClearanceRequest.objects.filter(state__in=ACTIVE).exclude(created_by=positions.person_id)
    rows = rows.select_related("agency").prefetch_related(reviews).order_by("due_at", "id")
    return [one for row in rows[:MOST_ACTIVE] for one in _waiting_in(row, positions)]


def _waiting_in(row: ClearanceRequest, positions: Positions) -> Iterator[Waiting]:
    offices = procedure_of(row).offices
    part = PART_OF_STATE.get(RequestState(row.state))
    if part and holding(positions, offices[part.value], row=row):
        yield Waiting(row, part)
    if row.state not in (RequestState.REVIEW, RequestState.DECISION):
        return
    for review in row.reviews.all():
        office = offices.get(review.desk)
        if review.delegated_to == positions.person_id or (office and holding(positions, office, row=row)):
            yield Waiting(row, Part.DESK, review)


def register(*, q: str = "", decision: str = "") -> QuerySet[Decision]:
    """Return the decisions that everyone may read, newest first: the one that counts for each request."""
    rows = Decision.objects.filter(request__state__in=DECIDED).select_related(
        "request__agency", "target__agency"
    )
    newest = rows.order_by("request", "-decided_at").distinct("request")
    rows = rows.filter(pk__in=newest.values("pk"))
    if decision:
        rows = rows.filter(kind=decision)
    if q:
        named = (
            Q(request__title__icontains=q)
            | Q(request__number__iexact=q)
            | Q(request__agency__name__icontains=q)
        )
        rows = rows.filter(named)
    return rows.order_by("-decided_at", "-id")


def decision_by_number(number: str) -> Decision:
    """Return the decision that counts for a request's number, for everyone. Raises RequestUnknown."""
    found = register().filter(request__number=number).first()
    if found is None:
        raise RequestUnknown()
    return found


def clearance_count(agency_code: str, *, region_code: str = "", until: date) -> tuple[int, int]:
    """Return how many requests agencies sent in up to a day, and how many of those were decided by then.

    region_code: also count the agencies of a region (Kemendagri's code), "" for the one agency alone. Two queries.
    """
    whose = Q(agency__code=agency_code)
    if region_code:
        whose |= Q(agency__region_code=region_code) | Q(agency__region_code__startswith=f"{region_code}.")
    rows = ClearanceRequest.objects.filter(whose, submitted_at__date__lte=until)
    return rows.count(), rows.filter(decisions__decided_at__date__lte=until).distinct().count()
