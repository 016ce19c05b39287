"""Lists of an agency's directory: filtered, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from scim2_models import ListResponse, NotFoundException, SearchRequest

from terpadu.identity.models import ScimMember
from terpadu.identity.rules.scim import LARGEST_PAGE, PAGE, Group, Officer, OfficerUser, User, conditions_of
from terpadu.identity.services.scim.groups import group_rows
from terpadu.identity.services.scim.resources import group_resources, user_resources
from terpadu.identity.services.scim.users import user_rows
from terpadu.kernel.actors import Actor

USER_COLUMNS = {
    "id": "id",
    "username": "user_name__iexact",
    "externalid": "external_id",
    "displayname": "display_name__iexact",
    "active": "is_active",
}
GROUP_COLUMNS = {
    "id": "id",
    "displayname": "display_name__iexact",
    "externalid": "external_id",
    "members.value": "member",
}
MEMBER = "member"


def user_list(search: SearchRequest[Any], *, by: Actor) -> ListResponse[User[Officer]]:
    """Return a page of users of an agency (`by.agency`). Three queries. Raises SCIM's invalidFilter."""
    rows = _filtered(user_rows(by.agency), search, USER_COLUMNS)
    found, page = _page(rows, search)
    told: ListResponse[User[Officer]] = ListResponse[OfficerUser](**page, resources=user_resources(found))
    return told


def group_list(search: SearchRequest[Any], *, by: Actor) -> ListResponse[Group]:
    """Return a page of groups, as `user_list`."""
    rows = _filtered(group_rows(by.agency), search, GROUP_COLUMNS)
    found, page = _page(rows, search)
    told: ListResponse[Group] = ListResponse[Group](**page, resources=group_resources(found))
    return told


def user_get(user_id: str, *, by: Actor) -> User[Officer]:
    """Return one user. Two queries. Raises SCIM's 404."""
    return user_resources([_one(user_rows(by.agency), user_id)])[0]


def group_get(group_id: str, *, by: Actor) -> Group:
    """Return one group. Two queries. Raises SCIM's 404."""
    return group_resources([_one(group_rows(by.agency), group_id)])[0]


def _one(rows: QuerySet[Any], resource_id: str) -> Any:
    row = rows.filter(pk=resource_id).first() if _is_uuid(resource_id) else None
    if row is None:
        raise NotFoundException(detail="no such resource")
    return row


def _filtered(rows: QuerySet[Any], search: SearchRequest[Any], columns: Mapping[str, str]) -> QuerySet[Any]:
    wanted = conditions_of(search.filter, columns)
    if any(name in wanted and not _is_uuid(str(wanted[name])) for name in ("id", MEMBER)):
        return rows.none()
    if MEMBER in wanted:
        groups = ScimMember.objects.filter(user_id=UUID(str(wanted.pop(MEMBER)))).values("group_id")
        rows = rows.filter(pk__in=groups)
    return rows.filter(**wanted)


def _page(rows: QuerySet[Any], search: SearchRequest[Any]) -> tuple[list[Any], dict[str, int]]:
    total = rows.count()
    start = min(search.start_index or 1, total + 1)  # no further: an offset has its end in the database
    count = PAGE if search.count is None else min(search.count, LARGEST_PAGE)
    found = list(rows.order_by("created_at", "id")[start - 1 : start - 1 + count])
    return found, {"total_results": total, "start_index": start, "items_per_page": len(found)}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
