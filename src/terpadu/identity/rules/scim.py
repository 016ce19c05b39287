"""What we take and tell by SCIM 2.0 (RFC 7643, RFC 7644): an officer's name at the agency, NIK, days, groups; nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AnyExtension,
    CaseExact,
    ComplexAttribute,
    Extension,
    GroupMembership,
    InvalidFilterException,
    InvalidValueException,
    Mutability,
    Reference,
    Required,
    Resource,
    ResourceType,
    Returned,
    ScimFilter,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Uniqueness,
)
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator

from terpadu.identity.rules.scim_access import SCOPE

LONGEST = 200
LARGEST_PAGE = 200
PAGE = 100
LARGEST_BODY = 1_000_000  # bytes; a group of 10,000 members has 600,000


class Name(ComplexAttribute):
    """The parts of an officer's name as the directory writes it."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class User(Resource[AnyExtension]):
    """The part of RFC 7643's user that is kept: no address, no telephone number, no password."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    active: bool | None = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None


class Member(ComplexAttribute):
    """A user in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[
        Reference[User] | None,  # type: ignore[type-arg]  # the library finds the resource by this bare name
        Mutability.immutable,
    ] = Field(None, serialization_alias="$ref", validation_alias="$ref")


class Group(Resource[Any]):
    """RFC 7643's group; only users can be in it."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    members: list[Member] | None = None


class Officer(Extension):
    """What a civil servant needs beside: the NIK, told once and never told back, and the days of service (inclusive)."""

    __schema__ = URN("urn:terpadu:params:scim:schemas:extension:2.0:Officer")

    nik: Annotated[str | None, Mutability.write_only, Returned.never, CaseExact.true] = None
    first_day: str | None = None
    last_day: str | None = None


OfficerUser = User[Officer]

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Directories send much that we do not keep, and members to remove as a value: both are taken."""


def provider(address: str) -> ScimProvider:
    """Return what the service says of itself. address: of the token endpoint's description, for people."""
    scheme = {
        "type": "oauthbearertoken",
        "name": "OAuth 2.0, client credentials",
        "description": f"Access token with the scope {SCOPE}, bound by DPoP unless an exception was granted",
        "specUri": "https://www.rfc-editor.org/info/rfc6749",
        "documentationUri": address,
        "primary": True,
    }
    config = ServiceProviderConfig.model_validate(
        {
            "documentationUri": address,
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": True, "maxResults": LARGEST_PAGE},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": True},
            "pagination": {
                "cursor": False,
                "index": True,
                "defaultPageSize": PAGE,
                "maxPageSize": LARGEST_PAGE,
            },
            "authenticationSchemes": [scheme],
        }
    )
    types = [ResourceType.from_resource(OfficerUser), ResourceType.from_resource(Group)]
    return ScimProvider(models=[User, Officer, Group], resource_types=types, config=config, policy=POLICY)


@dataclass(frozen=True)
class OfficerFacts:
    """A directory's user, read. nik: None when it was not told. first_day, last_day: inclusive, None for no limit."""

    user_name: str
    external_id: str
    formatted_name: str
    given_name: str
    family_name: str
    display_name: str
    is_active: bool
    nik: str | None
    first_day: date | None
    last_day: date | None


def facts_of(user: User[Any]) -> OfficerFacts:
    """Read a user. Raises InvalidValueException for a text that is too long and a day that is none."""
    officer = user[Officer] or Officer()
    name = user.name or Name()
    first, last = _day(officer.first_day, "firstDay"), _day(officer.last_day, "lastDay")
    if first and last and last < first:
        raise InvalidValueException(detail="lastDay lies before firstDay")
    return OfficerFacts(
        user_name=_text(user.user_name, "userName", needed=True),
        external_id=_text(user.external_id, "externalId"),
        formatted_name=_text(name.formatted, "name.formatted"),
        given_name=_text(name.given_name, "name.givenName"),
        family_name=_text(name.family_name, "name.familyName"),
        display_name=_text(user.display_name, "displayName"),
        is_active=user.active is not False,
        nik=officer.nik,
        first_day=first,
        last_day=last,
    )


def group_facts_of(group: Group) -> tuple[str, str, frozenset[str]]:
    """Read a group: its name, external id and the identifiers of its members. Raises InvalidValueException."""
    members = frozenset(member.value or "" for member in group.members or ())
    name = _text(group.display_name, "displayName", needed=True)
    return name, _text(group.external_id, "externalId"), members


def _text(value: str | None, name: str, *, needed: bool = False) -> str:
    text = (value or "").strip()
    if needed and not text:
        raise InvalidValueException(detail=f"{name} is needed")
    if len(text) > LONGEST or not all(mark.isprintable() for mark in text):
        raise InvalidValueException(detail=f"{name} is longer than {LONGEST} characters or not plain text")
    return text


def _day(value: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise InvalidValueException(detail=f"{name} is not a day like 2026-12-31") from None


def names_told(facts: OfficerFacts) -> tuple[str, ...]:
    """Return every way in which a directory wrote a name: one of them must be the person's."""
    both = f"{facts.given_name} {facts.family_name}".strip()
    return tuple(name for name in (facts.formatted_name, both, facts.display_name) if name)


def conditions_of(wanted: ScimFilter[Any] | None, columns: Mapping[str, str]) -> dict[str, object]:
    """Turn a filter into columns and values that must be equal. columns: by attribute in small letters.

    Raises InvalidFilterException for anything but `eq`, joined by `and`, on these attributes.
    """
    pairs = _pairs(wanted.ast, columns) if wanted else []
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidFilterException(detail="an attribute is named twice")
    return found


def _pairs(node: FilterNode, columns: Mapping[str, str]) -> list[tuple[str, object]]:
    if isinstance(node, LogicalExpr) and node.op is LogicalOperator.and_:
        return [pair for term in node.terms for pair in _pairs(term, columns)]
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq:
        raise InvalidFilterException(detail="only eq, joined by and, is supported")
    path = node.attr_path
    name = ".".join(part for part in (path.attr, path.sub_attr) if part).lower()
    column = columns.get(name, "")
    fits = isinstance(node.value, bool if column.startswith("is_") else str)
    if not column or not fits or (isinstance(node.value, str) and not node.value.isprintable()):
        raise InvalidFilterException(detail="cannot filter by this attribute and value")
    return [(column, node.value)]


def etag_of(version: int) -> str:
    """Return the weak entity tag of a version (RFC 7644, 3.14)."""
    return f'W/"{version}"'


def is_tagged(header: str, version: int) -> bool:
    """Tell whether an If-Match or If-None-Match header names a version."""
    named = {tag.strip() for tag in header.split(",")}
    return "*" in named or bool({etag_of(version), f'"{version}"'} & named)
