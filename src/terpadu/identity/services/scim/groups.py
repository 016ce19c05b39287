"""Groups of an agency's directory, their members, and the position that the agency's administrator maps each to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from scim2_models import (
    InvalidValueException,
    NotFoundException,
    PatchOp,
    PreconditionFailedException,
    UniquenessException,
)

from terpadu.directory.errors import PositionReserved
from terpadu.directory.public import PositionView, agency_get, position_get
from terpadu.identity.errors.officers import AssignmentUnknown, GroupUnknown
from terpadu.identity.models import ScimGroup, ScimMember
from terpadu.identity.rules.scim import Group, group_facts_of, is_tagged
from terpadu.identity.services.scim.resources import group_resources
from terpadu.identity.services.scim.sync import positions_sync
from terpadu.identity.services.scim.users import user_rows
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now


@transaction.atomic
def group_create(group: Group, *, by: Actor) -> Group:
    """Add a group to the directory of an agency (`by.agency`); it gives nothing until it is mapped. Raises SCIM's errors."""
    name, external_id, members = group_facts_of(group)
    row = ScimGroup(agency_id=agency_get(by.agency).id, display_name=name, external_id=external_id)
    _store(lambda: row.save(force_insert=True))
    count = _members_set(row, members, by=by)
    _tell("identity.scim_group_created", row.id, by=by, facts={"members": count})
    return group_resources([row])[0]


@transaction.atomic
def group_replace(group_id: str, group: Group, *, if_match: str, by: Actor) -> Group:
    """Replace a group. if_match: the header, "" for none. Raises SCIM's errors."""
    return _change(_lock(group_id, if_match=if_match, by=by), group, by=by)


@transaction.atomic
def group_patch(group_id: str, patch: PatchOp[Group], *, if_match: str, by: Actor) -> Group:
    """Change parts of a group, such as one member. if_match: as above. Raises SCIM's errors."""
    row = _lock(group_id, if_match=if_match, by=by)
    [present] = group_resources([row])
    patch.patch(present)
    return _change(row, present, by=by)


@transaction.atomic
def group_delete(group_id: str, *, if_match: str, by: Actor) -> None:
    """Take a group out of the directory: what it gave ends today. Raises SCIM's errors."""
    row = _lock(group_id, if_match=if_match, by=by)
    ScimGroup.objects.filter(pk=row.pk).update(deleted_at=now(), version=F("version") + 1)
    _sync(_member_ids(row), by=by)
    _tell("identity.scim_group_deleted", row.id, by=by)


@transaction.atomic
def group_map(group_id: UUID, *, position_id: UUID | None, by: Actor) -> None:
    """Say which position of their agency the members of a group hold; None for none. The administrator's decision.

    Raises GroupUnknown, PositionUnknown, AssignmentUnknown for a position of another agency, PositionReserved.
    """
    row = (
        ScimGroup.objects.select_for_update()
        .filter(pk=group_id, agency__code=by.agency, deleted_at__isnull=True)
        .first()
    )
    if row is None:
        raise GroupUnknown()
    if position_id:
        _check_may_give(position_get(position_id), by=by)
    if row.position_id == position_id:
        return
    ScimGroup.objects.filter(pk=row.pk).update(position_id=position_id)
    _tell("identity.scim_group_mapped", row.id, by=by, facts={"position": str(position_id or "")})
    _sync(_member_ids(row), by=by)


def _check_may_give(position: PositionView, *, by: Actor) -> None:
    if position.agency.code != by.agency:
        raise AssignmentUnknown()
    if not position.counts:
        raise PositionReserved(agency=by.agency, kind=position.kind)


def group_rows(agency_code: str) -> QuerySet[ScimGroup]:
    """Return the groups that an agency's directory has now."""
    return ScimGroup.objects.filter(agency__code=agency_code, deleted_at__isnull=True)


def _change(row: ScimGroup, group: Group, *, by: Actor) -> Group:
    name, external_id, members = group_facts_of(group)
    is_renamed = (name, external_id) != (row.display_name, row.external_id)
    moved = _members_set(row, members, by=by)
    if is_renamed or moved:
        columns: dict[str, Any] = {"display_name": name, "external_id": external_id, "updated_at": now()}
        _store(lambda: ScimGroup.objects.filter(pk=row.pk).update(**columns, version=F("version") + 1))
        _tell("identity.scim_group_changed", row.id, by=by, facts={"members": moved, "renamed": is_renamed})
    return group_resources([ScimGroup.objects.get(pk=row.pk)])[0]


def _members_set(row: ScimGroup, wanted: frozenset[str], *, by: Actor) -> int:
    """Make exactly these the members; returns how many came and went. Raises SCIM's invalidValue for a stranger."""
    known = {
        str(one) for one in user_rows(by.agency).filter(pk__in=_uuids(wanted)).values_list("id", flat=True)
    }
    if known != {one.lower() for one in wanted}:
        raise InvalidValueException(detail="a member is no user of this agency")
    present = {str(one) for one in _member_ids(row)}
    gone, come = present - known, known - present
    ScimMember.objects.filter(group=row, user_id__in=[UUID(one) for one in gone]).delete()
    ScimMember.objects.bulk_create([ScimMember(group=row, user_id=UUID(one)) for one in sorted(come)])
    _sync([UUID(one) for one in sorted(gone | come)], by=by)
    return len(gone | come)


def _uuids(texts: Collection[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise InvalidValueException(detail="a member is no user of this agency") from None


def _member_ids(row: ScimGroup) -> list[UUID]:
    return list(ScimMember.objects.filter(group=row).order_by("user_id").values_list("user_id", flat=True))


def _sync(user_ids: Collection[UUID], *, by: Actor) -> None:
    for user_id in user_ids:
        positions_sync(user_id, by=by)


def _store(write: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        raise UniquenessException(
            detail="displayName or externalId is that of another group of this agency"
        ) from None


def _lock(group_id: str, *, if_match: str, by: Actor) -> ScimGroup:
    try:
        found = group_rows(by.agency).select_for_update(of=("self",)).filter(pk=UUID(group_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFoundException(detail="no such group")
    row: ScimGroup = found
    if if_match and not is_tagged(if_match, row.version):
        raise PreconditionFailedException(detail="the group has another version now")
    return row


def _tell(event: str, group_id: UUID, *, by: Actor, facts: dict[str, audit.Fact] | None = None) -> None:
    audit.record(event, by=by, about_kind="scim_group", about_id=group_id, facts=facts)
