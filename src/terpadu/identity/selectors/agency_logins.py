"""Reads of agencies' own logins: what the agency, the operator and each officer may see of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from terpadu.identity.enums import LoginStage
from terpadu.identity.errors.officers import LoginUnknown
from terpadu.identity.models import AgencyLogin, OfficerLink
from terpadu.identity.rules.agency_logins.saml_metadata import certificate_facts

SHOWN = 50


@dataclass(frozen=True)
class LoginView:
    """An agency's login. connection: what is in use, {} before approval. proposed: what waits, None for nothing."""

    id: UUID
    agency_code: str
    agency_name: str
    protocol: str
    protocol_label: str
    name: str
    stage: str
    stage_label: str
    connection: Mapping[str, Any]
    proposed: Mapping[str, Any] | None
    has_secret: bool

    @property
    def said(self) -> Mapping[str, Any]:
        """What was said last: what waits, else what is in use."""
        return self.proposed if self.proposed is not None else self.connection

    @property
    def certificates(self) -> list[tuple[str, datetime]]:
        """Fingerprint and last moment of each certificate of what was said last."""
        return [certificate_facts(pem) for pem in self.said.get("certificates", ())]


@dataclass(frozen=True)
class LinkView:
    """A person's link with an agency's login."""

    id: UUID
    login: LoginView
    created_at: datetime


def login_list(*, agency_code: str) -> list[LoginView]:
    """Return an agency's logins, newest first, the ended ones last. One query."""
    rows = _rows().filter(agency__code=agency_code).order_by("-created_at")
    found = [_view(row) for row in rows]
    return sorted(found, key=lambda one: one.stage == LoginStage.ENDED)


def login_get(login_id: UUID, *, agency_code: str) -> LoginView:
    """Return a login of an agency. Raises LoginUnknown, also for another agency's. One query."""
    row = _rows().filter(pk=login_id, agency__code=agency_code).first()
    if row is None:
        raise LoginUnknown()
    return _view(row)


def logins_waiting() -> list[LoginView]:
    """Return the logins that wait for an operator, oldest first. One query."""
    rows = _rows().filter(proposed__isnull=False).exclude(stage=LoginStage.ENDED)
    return [_view(row) for row in rows.order_by("updated_at")]


def logins_open(*, search: str = "", agency_codes: set[str] | None = None) -> list[LoginView]:
    """Return the logins that officers may use now, by agency; at most 50. search: part of the agency's name. One query."""
    rows = _rows().filter(stage=LoginStage.ACTIVE)
    rows = rows.filter(agency__name__icontains=search) if search else rows
    rows = rows.filter(agency__code__in=agency_codes) if agency_codes is not None else rows
    return [_view(row) for row in rows.order_by("agency__short_name", "name")[:SHOWN]]


def links_of(person_id: UUID) -> list[LinkView]:
    """Return with which logins a person has linked themselves, oldest first. One query."""
    rows = OfficerLink.objects.select_related("login__agency").filter(
        person_id=person_id, ended_at__isnull=True
    )
    return [LinkView(row.id, _view(row.login), row.created_at) for row in rows.order_by("created_at")]


def _rows() -> QuerySet[AgencyLogin]:
    return AgencyLogin.objects.select_related("agency")


def _view(row: AgencyLogin) -> LoginView:
    return LoginView(
        id=row.id,
        agency_code=row.agency.code,
        agency_name=row.agency.short_name,
        protocol=row.protocol,
        protocol_label=row.get_protocol_display(),
        name=row.name,
        stage=row.stage,
        stage_label=row.get_stage_display(),
        connection=row.connection,
        proposed=row.proposed,
        has_secret=row.secret_sealed is not None,
    )
