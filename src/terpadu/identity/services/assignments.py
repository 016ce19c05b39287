"""Assignments: who holds which position, from when to when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from terpadu.directory.public import position_get
from terpadu.identity.errors import AssignmentOverlaps, PeriodInvalid
from terpadu.identity.events import AssignmentCreated
from terpadu.identity.models import Assignment
from terpadu.identity.selectors.accounts import AssignmentView, person_get
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.outbox import emit


def assignment_create(
    *, person_id: UUID, position_id: UUID, valid_from: date, valid_to: date | None = None, by: Actor
) -> AssignmentView:
    """Give a person a position from a day (inclusive) to a day (exclusive; None: until further notice).

    Raises PersonUnknown, PositionUnknown, PeriodInvalid, and AssignmentOverlaps when the person holds it already in
    part of that time.
    """
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodInvalid()
    person_get(person_id)
    position = position_get(position_id)
    try:
        with transaction.atomic():
            _insert(person_id, position_id, valid_from, valid_to, by=by)
    except IntegrityError:
        raise AssignmentOverlaps(position=str(position_id)) from None
    return AssignmentView(position=position, valid_from=valid_from, valid_to=valid_to)


def _insert(
    person_id: UUID, position_id: UUID, valid_from: date, valid_to: date | None, *, by: Actor
) -> None:
    row = Assignment.objects.create(
        person_id=person_id, position_id=position_id, valid_from=valid_from, valid_to=valid_to
    )
    facts = {"position": str(position_id), "from": valid_from.isoformat()}
    audit.record("identity.assignment_created", by=by, about_kind="assignment", about_id=row.id, facts=facts)
    emit(AssignmentCreated(person_id, position_id, valid_from, valid_to))
