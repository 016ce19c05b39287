"""Reads for an agency's administrator: who holds which position from when to when, and what the directory has told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q

from terpadu.directory.public import PositionView, position_list
from terpadu.identity.models import Assignment, ScimGroup, ScimMember, ScimUser
from terpadu.kernel.clock import today

SHOWN_AFTER = timedelta(days=90)  # how long positions that ended stay on the page
MOST = 500


@dataclass(frozen=True)
class OfficerView:
    """A person holds a position of the agency. last_day: inclusive, None until further notice. state: now, later, over."""

    assignment_id: UUID
    person_name: str
    title: str
    unit_name: str
    first_day: date
    last_day: date | None
    is_by_directory: bool
    state: str


@dataclass(frozen=True)
class GroupView:
    """A group of the agency's directory. members: how many. position: what they hold, None for nothing."""

    id: UUID
    name: str
    members: int
    position: PositionView | None


@dataclass(frozen=True)
class DirectoryView:
    """What the agency's directory has told. waiting: entries whose person has no account of this name and NIK yet."""

    users: int
    active: int
    waiting: int
    groups: tuple[GroupView, ...]


def officers_of(agency_code: str) -> list[OfficerView]:
    """Return who holds, will hold, or held in the last 90 days a position of an agency, by name; at most 500. One query."""
    rows = Assignment.objects.select_related("person", "position__unit").filter(
        position__agency__code=agency_code
    )
    recent = Q(valid_to__isnull=True) | Q(valid_to__gt=today() - SHOWN_AFTER)
    lasted = Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from"))
    found = rows.filter(recent, lasted).order_by("person__name", "valid_from", "id")[:MOST]
    return [_officer(row) for row in found]


def _officer(row: Assignment) -> OfficerView:
    is_over = row.valid_to is not None and row.valid_to <= today()
    return OfficerView(
        assignment_id=row.id,
        person_name=row.person.name,
        title=row.position.title,
        unit_name=row.position.unit.name if row.position.unit else "",
        first_day=row.valid_from,
        last_day=row.valid_to - timedelta(days=1) if row.valid_to else None,
        is_by_directory=row.scim_user_id is not None,
        state="over" if is_over else "later" if row.valid_from > today() else "now",
    )


def officer_get(assignment_id: UUID, *, agency_code: str) -> OfficerView | None:
    """Return one assignment of an agency, or None. One query."""
    rows = Assignment.objects.select_related("person", "position__unit")
    row = rows.filter(pk=assignment_id, position__agency__code=agency_code).first()
    return _officer(row) if row else None


def directory_of(agency_code: str) -> DirectoryView:
    """Return what an agency's directory has told. Five queries and one for each mapped group at most."""
    users = ScimUser.objects.filter(agency__code=agency_code, deleted_at__isnull=True)
    positions = {view.id: view for view in position_list(agency_code)}
    rows = list(
        ScimGroup.objects.filter(agency__code=agency_code, deleted_at__isnull=True).order_by("display_name")
    )
    members: dict[UUID, int] = {}
    for group_id in ScimMember.objects.filter(group__in=rows, user__deleted_at__isnull=True).values_list(
        "group_id", flat=True
    ):
        members[group_id] = members.get(group_id, 0) + 1
    groups = tuple(
        GroupView(row.id, row.display_name, members.get(row.id, 0), positions.get(row.position_id))
        if row.position_id
        else GroupView(row.id, row.display_name, members.get(row.id, 0), None)
        for row in rows
    )
    return DirectoryView(
        users=users.count(),
        active=users.filter(is_active=True).count(),
        waiting=users.filter(is_active=True, person__isnull=True).count(),
        groups=groups,
    )
