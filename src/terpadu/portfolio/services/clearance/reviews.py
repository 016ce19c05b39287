"""Reviews of desks, side by side: taken, handed to a colleague, given, missed. And what anybody has to say beside them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.identity.public import assignments_of
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotAllowed, NotFound
from terpadu.kernel.timers import timer_cancel
from terpadu.portfolio.enums import Desk, Opinion, Part, RequestAction, RequestState, ReviewState
from terpadu.portfolio.errors import RequestIncomplete, ReviewDone, StepRefused
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import ClearanceRequest, DeskReview, RequestComment
from terpadu.portfolio.selectors.clearance.parts import check_sees, desks_of, positions_of
from terpadu.portfolio.services.clearance.flow import SYSTEM, request_for, request_lock, request_move
from terpadu.portfolio.services.clearance.screening import REVIEW_TIMER

OPEN_STATES = frozenset({RequestState.REVIEW, RequestState.DECISION})
LONGEST = 8000
LEAST_TEXT = 20


@transaction.atomic
def review_take(request_id: UUID, *, desk: Desk, by: Actor) -> DeskReview:
    """Say that one works on a desk's review; colleagues see it, and may still give it. Raises as `review_give`."""
    _, review = _open_review(request_id, desk=desk, by=by)
    review.taken_by = by.person_id
    review.save(update_fields=["taken_by"])
    return review


@transaction.atomic
def review_delegate(request_id: UUID, *, desk: Desk, to: UUID, by: Actor) -> DeskReview:
    """Hand a review to a colleague of the same agency. Raises NotAllowed for anybody else, and as `review_give`."""
    row, review = _open_review(request_id, desk=desk, by=by)
    home = (
        {one.position.agency.code for one in assignments_of(by.person_id, on=today())}
        if by.person_id
        else set()
    )
    theirs = {one.position.agency.code for one in assignments_of(to, on=today())}
    if not home & theirs or to in (row.created_by, by.person_id):
        raise NotAllowed()
    review.delegated_to, review.taken_by = to, None
    review.save(update_fields=["delegated_to", "taken_by"])
    facts: dict[str, audit.Fact] = {"desk": desk.value}
    audit.record("portfolio.review_delegated", by=by, about_kind="clearance", about_id=row.id, facts=facts)
    return review


@transaction.atomic
def review_give(
    request_id: UUID, *, desk: Desk, opinion: Opinion, text: str, conditions: str = "", by: Actor
) -> DeskReview:
    """Give a desk's opinion; the last desk hands the request to the decider.

    A review that was missed may still be given until the decision, and is marked late. Raises RequestUnknown, NotAllowed,
    ReviewDone, StepRefused after the decision, RequestIncomplete without reasons for what is not plain support.
    """
    row, review = _open_review(request_id, desk=desk, by=by)
    if faults := _review_faults(opinion, text=text, conditions=conditions):
        raise RequestIncomplete(faults=faults)
    review.is_late = review.state == ReviewState.MISSED or now() > review.due_at
    review.state, review.opinion = ReviewState.DONE, opinion
    review.text, review.conditions = text.strip(), conditions.strip()
    review.given_by, review.given_at = by.person_id, now()
    review.save()
    timer_cancel(REVIEW_TIMER, key=str(review.id))
    facts: dict[str, audit.Fact] = {"desk": desk.value, "opinion": opinion.value, "late": review.is_late}
    audit.record("portfolio.review_given", by=by, about_kind="clearance", about_id=row.id, facts=facts)
    _conclude(row)
    return review


@transaction.atomic
def review_missed(review_id: UUID) -> None:
    """Close a review that was not given in time; the procedure goes on without it. A given review stays."""
    found = DeskReview.objects.filter(pk=review_id).values_list("request", flat=True).first()
    if found is None:
        return
    row = request_lock(found)
    review = DeskReview.objects.get(pk=review_id)
    if review.state != ReviewState.OPEN or row.state != RequestState.REVIEW:
        return
    review.state = ReviewState.MISSED
    review.save(update_fields=["state"])
    facts: dict[str, audit.Fact] = {"desk": review.desk}
    audit.record("portfolio.review_missed", by=SYSTEM, about_kind="clearance", about_id=row.id, facts=facts)
    _conclude(row)


@transaction.atomic
def comment_add(request_id: UUID, *, text: str, is_internal: bool = False, by: Actor) -> RequestComment:
    """Say something about a request. is_internal: not for the proposer, who cannot write such.

    Raises RequestUnknown, NotAllowed, RequestIncomplete for nothing or too much.
    """
    row = request_lock(request_id)
    parts = check_sees(positions_of(by), row)
    part = next(
        (
            one
            for one in (Part.DECIDER, Part.APPEAL, Part.DESK, Part.SECRETARIAT, Part.PROPOSER)
            if one in parts
        ),
        None,
    )
    if part is None or by.person_id is None:
        raise NotAllowed()
    if not text.strip() or len(text) > LONGEST:
        raise RequestIncomplete(
            faults=[Fault("comment_text", column="text", values={"longest": str(LONGEST)})]
        )
    internal = is_internal and part != Part.PROPOSER
    comment = RequestComment.objects.create(
        request=row, text=text.strip(), is_internal=internal, by_person=by.person_id, by_part=part, at=now()
    )
    audit.record("portfolio.clearance_commented", by=by, about_kind="clearance", about_id=row.id)
    return comment


def _open_review(request_id: UUID, *, desk: Desk, by: Actor) -> tuple[ClearanceRequest, DeskReview]:
    row = request_for(request_id, part=Part.DESK, by=by)
    if desk not in desks_of(positions_of(by), row):
        raise NotAllowed()
    review = DeskReview.objects.filter(request=row, desk=desk).first()
    if review is None:
        raise NotFound()
    if row.state not in OPEN_STATES:
        raise StepRefused(state=row.state, action="review")
    if review.state == ReviewState.DONE:
        raise ReviewDone(desk=desk.value)
    return row, review


def _review_faults(opinion: Opinion, *, text: str, conditions: str) -> list[Fault]:
    faults = []
    if opinion is Opinion.OBJECT and len(text.strip()) < LEAST_TEXT:
        faults.append(Fault("reason_short", column="text"))
    if opinion is Opinion.CONDITIONS and len(conditions.strip()) < LEAST_TEXT:
        faults.append(Fault("conditions_missing", column="conditions"))
    too_long = {"text": text, "conditions": conditions}
    return faults + [
        Fault("text_long", column=name, values={"length": str(len(said)), "longest": str(LONGEST)})
        for name, said in too_long.items()
        if len(said) > LONGEST
    ]


def _conclude(row: ClearanceRequest) -> None:
    if row.state == RequestState.REVIEW and not row.reviews.filter(state=ReviewState.OPEN).exists():
        request_move(row, RequestAction.CONCLUDE, part=Part.SYSTEM, by=SYSTEM)
