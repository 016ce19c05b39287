"""Rows of a directory as SCIM resources, and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from scim2_models import GroupMembership, Meta

from terpadu.identity.models import ScimGroup, ScimMember, ScimUser
from terpadu.identity.rules.scim import Group, Member, Name, Officer, OfficerUser, User, etag_of
from terpadu.identity.rules.scim_access import PREFIX
from terpadu.identity.services.provider.wire import issuer


def address_of(kind: str, resource_id: object) -> str:
    """Return where a resource is. kind: "Users" or "Groups"."""
    return f"{issuer()}{PREFIX}/{kind}/{resource_id}"


def user_resources(rows: Collection[ScimUser]) -> list[User[Officer]]:
    """Return entries as SCIM users with the groups they are in. One query."""
    members = ScimMember.objects.filter(user__in=[row.id for row in rows], group__deleted_at__isnull=True)
    groups: dict[UUID, list[GroupMembership]] = {}
    for user_id, group_id, name in members.order_by("group__display_name").values_list(
        "user_id", "group_id", "group__display_name"
    ):
        entry = GroupMembership.model_validate(
            {"value": str(group_id), "$ref": address_of("Groups", group_id), "display": name}
        )
        groups.setdefault(user_id, []).append(entry)
    return [_user(row, groups.get(row.id)) for row in rows]


def _user(row: ScimUser, groups: list[GroupMembership] | None) -> User[Officer]:
    names = (row.formatted_name, row.family_name, row.given_name)
    name = Name(formatted=names[0] or None, family_name=names[1] or None, given_name=names[2] or None)
    made = OfficerUser(
        id=str(row.id),
        external_id=row.external_id or None,
        user_name=row.user_name,
        name=name if any(names) else None,
        display_name=row.display_name or None,
        active=row.is_active,
        groups=groups,
        meta=_meta(row, "User"),
    )
    first, last = row.first_day, row.last_day
    made[Officer] = Officer(
        first_day=first.isoformat() if first else None, last_day=last.isoformat() if last else None
    )
    return made


def group_resources(rows: Collection[ScimGroup]) -> list[Group]:
    """Return groups as SCIM groups with their members. One query."""
    found = ScimMember.objects.filter(group__in=[row.id for row in rows], user__deleted_at__isnull=True)
    members: dict[UUID, list[Member]] = {}
    for group_id, user_id in found.order_by("id").values_list("group_id", "user_id"):
        entry = Member.model_validate({"value": str(user_id), "$ref": address_of("Users", user_id)})
        members.setdefault(group_id, []).append(entry)
    return [_group(row, members.get(row.id)) for row in rows]


def _group(row: ScimGroup, members: Iterable[Member] | None) -> Group:
    return Group(
        id=str(row.id),
        external_id=row.external_id or None,
        display_name=row.display_name,
        members=list(members) if members else None,
        meta=_meta(row, "Group"),
    )


def _meta(row: ScimUser | ScimGroup, kind: str) -> Meta:
    return Meta(
        resource_type=kind,
        created=row.created_at,
        last_modified=row.updated_at,
        location=address_of(f"{kind}s", row.id),
        version=etag_of(row.version),
    )
