"""Positions follow an agency's directory: who is in a group that the administrator mapped holds its position."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from terpadu.directory.errors import PositionReserved
from terpadu.identity.errors import AssignmentOverlaps
from terpadu.identity.models import Account, Assignment, ScimMember, ScimUser
from terpadu.identity.rules.accounts import names_match
from terpadu.identity.rules.scim import OfficerFacts, names_told
from terpadu.identity.services.assignments import assignment_create, assignment_reschedule
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today

NEXT_DAY = timedelta(days=1)


def positions_sync(user_id: UUID, *, by: Actor) -> None:
    """Bring the positions that follow one entry of a directory in line with it; inside a transaction.

    A position that somebody gave the person otherwise is left alone, whatever the directory says.
    """
    user = ScimUser.objects.select_for_update(of=("self",)).get(pk=user_id)
    _find_person(user, by=by)
    wanted = _positions_wanted(user)
    until = user.last_day + NEXT_DAY if user.last_day else None
    for row in _following(user):
        begins = row.valid_from if row.valid_from <= today() else max(user.first_day or today(), today())
        ends = until if row.position_id in wanted else max(today(), row.valid_from)
        wanted.discard(row.position_id)
        if (begins, ends) != (row.valid_from, row.valid_to):
            _reschedule(row, begins, ends, by=by)
    for position_id in sorted(wanted):
        _appoint(user, position_id, max(user.first_day or today(), today()), until, by=by)


def _positions_wanted(user: ScimUser) -> set[UUID]:
    is_over = user.last_day is not None and user.last_day < today()
    if user.person_id is None or not user.is_active or user.deleted_at is not None or is_over:
        return set()
    rows = ScimMember.objects.filter(user_id=user.id, group__deleted_at__isnull=True)
    found = rows.filter(group__position__isnull=False).values_list("group__position_id", flat=True)
    return {position_id for position_id in found if position_id is not None}


def _following(user: ScimUser) -> list[Assignment]:
    """Return the assignments that follow the entry and are not over, locked."""
    rows = Assignment.objects.select_for_update().filter(scim_user_id=user.id)
    return [row for row in rows if row.valid_to is None or row.valid_to > today()]


def _reschedule(row: Assignment, begins: date, ends: date | None, *, by: Actor) -> None:
    """Move the days; never to before they have begun."""
    last = max(ends, begins) if ends else None
    try:
        assignment_reschedule(row, valid_from=begins, valid_to=last, by=by)
    except AssignmentOverlaps:
        _note("identity.scim_position_held", row.scim_user_id, row.position_id, by=by)


def _appoint(user: ScimUser, position_id: UUID, begins: date, ends: date | None, *, by: Actor) -> None:
    if user.person_id is None or (ends is not None and ends <= begins):
        return
    try:
        assignment_create(
            person_id=user.person_id,
            position_id=position_id,
            valid_from=begins,
            valid_to=ends,
            by=by,
            scim_user_id=user.id,
        )
    except AssignmentOverlaps:
        _note("identity.scim_position_held", user.id, position_id, by=by)
    except PositionReserved:
        _note("identity.scim_position_refused", user.id, position_id, by=by)


def _note(event: str, user_id: UUID | None, position_id: UUID, *, by: Actor) -> None:
    facts = {"position": str(position_id)}
    audit.record(event, by=by, about_kind="scim_user", about_id=str(user_id), facts=facts)


def _find_person(user: ScimUser, *, by: Actor) -> None:
    """Find whose entry it is: the account with this NIK, when its name is one that the directory told."""
    if user.person_id is not None or not user.nik_hash:
        return
    account = (
        Account.objects.select_related("person")
        .filter(person__nik_hash=user.nik_hash, is_active=True)
        .first()
    )
    if account is None or not any(
        names_match(name, account.person.name) for name in names_told(facts_in(user))
    ):
        return
    user.person = account.person
    ScimUser.objects.filter(pk=user.pk).update(person=account.person)
    audit.record("identity.scim_user_matched", by=by, about_kind="scim_user", about_id=user.id)


def facts_in(user: ScimUser) -> OfficerFacts:
    """Return what an entry says, without the NIK."""
    return OfficerFacts(
        user_name=user.user_name,
        external_id=user.external_id,
        formatted_name=user.formatted_name,
        given_name=user.given_name,
        family_name=user.family_name,
        display_name=user.display_name,
        is_active=user.is_active,
        nik=None,
        first_day=user.first_day,
        last_day=user.last_day,
    )


def entries_claim(person_id: UUID, *, by: Actor) -> int:
    """Give a person who has just made an account the entries that wait for them; returns how many."""
    rows = ScimUser.objects.select_for_update().filter(person__isnull=True, deleted_at__isnull=True)
    hashes = Account.objects.filter(person_id=person_id).values("person__nik_hash")
    waiting = list(rows.filter(nik_hash__in=hashes).exclude(nik_hash=""))
    for row in waiting:
        positions_sync(row.id, by=by)
    return len(waiting)
