"""Assignments: who holds which position, from when to when."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from terpadu.directory.errors import PositionReserved
from terpadu.directory.public import position_get
from terpadu.identity.errors import AssignmentOverlaps, PeriodInvalid, TooManyTries
from terpadu.identity.errors.officers import (
    AssignmentByDirectory,
    AssignmentUnknown,
    NotOneself,
    OfficerNotFound,
)
from terpadu.identity.events import AssignmentChanged, AssignmentCreated
from terpadu.identity.models import Assignment
from terpadu.identity.rules.accounts import names_match
from terpadu.identity.selectors.accounts import AssignmentView, account_find, person_get
from terpadu.identity.services import tries
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.outbox import emit

NEXT_DAY = timedelta(days=1)


def assignment_create(
    *,
    person_id: UUID,
    position_id: UUID,
    valid_from: date,
    valid_to: date | None = None,
    by: Actor,
    scim_user_id: UUID | None = None,
) -> AssignmentView:
    """Give a person a position from a day (inclusive) to a day (exclusive; None: until further notice).

    scim_user_id: the entry of the agency's directory that it follows. Raises PersonUnknown, PositionUnknown,
    PositionReserved, PeriodInvalid, and AssignmentOverlaps when the person holds it already in part of that time.
    """
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodInvalid()
    person_get(person_id)
    position = position_get(position_id)
    if not position.counts:
        raise PositionReserved(agency=position.agency.code, kind=position.kind)
    row = Assignment(
        person_id=person_id,
        position_id=position_id,
        valid_from=valid_from,
        valid_to=valid_to,
        scim_user_id=scim_user_id,
    )
    try:
        with transaction.atomic():
            _insert(row, by=by)
    except IntegrityError:
        raise AssignmentOverlaps(position=str(position_id)) from None
    return AssignmentView(position=position, valid_from=valid_from, valid_to=valid_to)


def _insert(row: Assignment, *, by: Actor) -> None:
    row.save(force_insert=True)
    facts = {"position": str(row.position_id), "from": row.valid_from.isoformat()}
    audit.record("identity.assignment_created", by=by, about_kind="assignment", about_id=row.id, facts=facts)
    emit(AssignmentCreated(row.person_id, row.position_id, row.valid_from, row.valid_to, now()))


def officer_appoint(
    *, nik: str, name: str, position_id: UUID, first_day: date, last_day: date | None, by: Actor
) -> AssignmentView:
    """Give a position of the administrator's own agency to somebody who has an account. Days are inclusive.

    Raises PositionUnknown for one of another agency, OfficerNotFound (the same for an unknown NIK and a name that differs),
    TooManyTries, NotOneself, PositionReserved, PeriodInvalid, AssignmentOverlaps.
    """
    _own_position(position_id, agency=by.agency)
    person_id = account_holder_find(nik=nik, name=name, by=by)
    if person_id == by.person_id:
        raise NotOneself()
    return assignment_create(
        person_id=person_id,
        position_id=position_id,
        valid_from=first_day,
        valid_to=last_day + NEXT_DAY if last_day else None,
        by=by,
    )


def account_holder_find(*, nik: str, name: str, by: Actor) -> UUID:
    """Return who has an account with this NIK and name, for somebody who gives them a task.

    Raises OfficerNotFound (the same for an unknown NIK and a name that differs), TooManyTries.
    """
    if not tries.try_take(tries.OFFICER_NAMED, str(by.person_id)):
        raise TooManyTries(limit="officer_named")
    account = account_find(nik)
    if account is None or not account.is_active or not names_match(name, account.person.name):
        raise OfficerNotFound()
    tries.try_give_back(tries.OFFICER_NAMED, str(by.person_id))
    person_id: UUID = account.person_id
    return person_id


def _own_position(position_id: UUID, *, agency: str) -> None:
    if position_get(position_id).agency.code != agency:
        raise AssignmentUnknown()


@transaction.atomic
def assignment_end(assignment_id: UUID, *, last_day: date | None, by: Actor) -> None:
    """Let a position of the administrator's agency end after a day, or with None at once.

    A day that was set earlier and is still to come may be moved. Raises AssignmentUnknown, AssignmentByDirectory, NotOneself, PeriodInvalid.
    """
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("position__agency")
    row = rows.filter(pk=assignment_id, position__agency__code=by.agency).first()
    if row is None:
        raise AssignmentUnknown()
    if row.scim_user_id is not None:
        raise AssignmentByDirectory()
    if row.person_id == by.person_id and last_day:
        raise NotOneself()
    end = last_day + NEXT_DAY if last_day else max(today(), row.valid_from)
    is_over = row.valid_to is not None and row.valid_to <= today()
    if is_over or end < max(row.valid_from, today()):
        raise PeriodInvalid()
    assignment_reschedule(row, valid_from=row.valid_from, valid_to=end, by=by)


def assignment_reschedule(row: Assignment, *, valid_from: date, valid_to: date | None, by: Actor) -> None:
    """Move the days of a locked assignment; must be called inside a transaction. Raises AssignmentOverlaps."""
    try:
        with transaction.atomic():
            Assignment.objects.filter(pk=row.pk).update(valid_from=valid_from, valid_to=valid_to)
    except IntegrityError:
        raise AssignmentOverlaps(position=str(row.position_id)) from None
    facts: dict[str, audit.Fact] = {
        "position": str(row.position_id),
        "from": valid_from.isoformat(),
        "to": valid_to.isoformat() if valid_to else None,
    }
    audit.record("identity.assignment_changed", by=by, about_kind="assignment", about_id=row.id, facts=facts)
    emit(AssignmentChanged(row.person_id, row.position_id, valid_from, valid_to, now()))
