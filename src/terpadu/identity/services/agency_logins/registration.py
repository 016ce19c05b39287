"""An agency's login: set up by its administrator, approved by an operator who is somebody else, changed the same way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from terpadu.directory.public import agency_get
from terpadu.identity.enums import LoginProtocol, LoginStage
from terpadu.identity.errors import FetchRefused, FourEyesNeeded
from terpadu.identity.errors.officers import LoginInvalid, LoginStageWrong, LoginUnknown
from terpadu.identity.models import AgencyLogin
from terpadu.identity.rules.agency_logins.connection import (
    Connection,
    Fault,
    OidcConnection,
    find_level_faults,
    find_oidc_faults,
    oidc_from,
    oidc_with_metadata,
)
from terpadu.identity.rules.provider.addresses import origin_of
from terpadu.identity.selectors.provider.clients import fetch_hosts_of
from terpadu.identity.services.provider.clients import fetch_hosts_set
from terpadu.identity.services.provider.fetching import fetch_json
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import seal

LONGEST_SECRET = 500
DISCOVERY = "/.well-known/openid-configuration"


@transaction.atomic
def login_register(protocol: LoginProtocol, *, name: str, by: Actor) -> UUID:
    """Begin to set up a login of the administrator's agency, so that it has addresses; returns its identifier."""
    agency = agency_get(by.agency)
    row = AgencyLogin.objects.create(agency_id=agency.id, protocol=protocol, name=name.strip()[:80])
    _tell("identity.agency_login_registered", row, by=by, facts={"protocol": protocol.value})
    return row.id


@transaction.atomic
def login_propose(login_id: UUID, connection: Connection, *, by: Actor) -> None:
    """Say how a login is reached and what its levels are worth, and ask for approval.

    One that is in use goes on as it is meanwhile. Raises LoginUnknown, LoginStageWrong when it has ended, LoginInvalid.
    """
    row = _own(login_id, by=by)
    if isinstance(connection, OidcConnection) != (row.protocol == LoginProtocol.OIDC):
        raise LoginInvalid((("protocol", "form"),))
    faults = _faults(row, connection)
    if faults:
        raise LoginInvalid(faults)
    stage = row.stage if row.stage == LoginStage.ACTIVE else LoginStage.REQUESTED
    _change(row, proposed=connection.to_json(), stage=stage, requested_by=by.person_id, approved_by=None)
    _tell("identity.agency_login_requested", row, by=by)


def _faults(row: AgencyLogin, connection: Connection) -> tuple[Fault, ...]:
    if not isinstance(connection, OidcConnection):
        return find_level_faults(connection.levels)
    faults = find_oidc_faults(connection, own_issuer=issuer())
    lacks_secret = "secret" in connection.auth_method and row.secret_sealed is None
    return (*faults, ("auth_method", "missing")) if lacks_secret else faults


@transaction.atomic
def secret_set(login_id: UUID, secret: str, *, by: Actor) -> None:
    """Keep the client secret that the agency's provider gave us, sealed; it counts at once. Raises LoginUnknown, LoginInvalid."""
    row = _own(login_id, by=by)
    if not 16 <= len(secret) <= LONGEST_SECRET or not secret.isprintable():
        raise LoginInvalid((("secret", "length"),))
    _change(row, secret_sealed=seal(secret.encode(), context=secret_context(row.id)))
    _tell("identity.agency_login_secret_set", row, by=by)


def secret_context(login_id: UUID) -> str:
    """Return with which context a login's secret is sealed."""
    return f"identity.agency_login:{login_id}"


@transaction.atomic
def login_approve(login_id: UUID, *, by: Actor) -> None:
    """Open a login, or take its change over. The operator's decision, and never of who asked.

    For OpenID Connect the issuer's host joins the hosts that may be fetched for the agency, and the endpoints that its
    metadata names now are pinned. Raises LoginUnknown, LoginStageWrong, FourEyesNeeded, FetchRefused.
    """
    row = _lock(login_id)
    if row.proposed is None or row.stage == LoginStage.ENDED:
        raise LoginStageWrong(stage=row.stage)
    if row.requested_by is None or row.requested_by == by.person_id:
        raise FourEyesNeeded()
    kept = dict(row.proposed)
    if row.protocol == LoginProtocol.OIDC:
        kept = _discovered(row, oidc_from(kept), by=by).to_json()
    _change(row, connection=kept, proposed=None, stage=LoginStage.ACTIVE, approved_by=by.person_id)
    _tell(
        "identity.agency_login_approved",
        row,
        by=by,
        facts={"at": str(kept.get("issuer", kept.get("entity_id")))[:200]},
    )


def _discovered(row: AgencyLogin, said: OidcConnection, *, by: Actor) -> OidcConnection:
    """Read the provider's metadata and pin its endpoints. Raises FetchRefused."""
    agency = row.agency.code
    allowed = fetch_hosts_of(agency) | {origin_of(said.issuer)}
    metadata = fetch_json(f"{said.issuer.rstrip('/')}{DISCOVERY}", allowed=allowed)
    found = oidc_with_metadata(said, metadata if isinstance(metadata, dict) else {}, allowed=allowed)
    if isinstance(found, str):
        raise FetchRefused(reason=found)
    fetch_hosts_set(agency, allowed, by=by)
    return found


@transaction.atomic
def login_reject(login_id: UUID, *, reason: str, by: Actor) -> None:
    """Send back what waits. Raises LoginUnknown, LoginStageWrong when nothing does."""
    row = _lock(login_id)
    if row.proposed is None:
        raise LoginStageWrong(stage=row.stage)
    stage = LoginStage.ACTIVE if row.stage == LoginStage.ACTIVE else LoginStage.DRAFT
    _change(row, proposed=None, stage=stage, requested_by=None)
    _tell("identity.agency_login_rejected", row, by=by, facts={"reason": reason[:200]})


@transaction.atomic
def login_end(login_id: UUID, *, by: Actor) -> None:
    """End a login for good: nobody enters by it, and sessions that it opened are worth nothing. Raises LoginUnknown."""
    row = _own(login_id, by=by)
    _change(row, stage=LoginStage.ENDED, proposed=None, secret_sealed=None)
    _tell("identity.agency_login_ended", row, by=by)


def _own(login_id: UUID, *, by: Actor) -> AgencyLogin:
    row = _lock(login_id)
    if row.agency.code != by.agency:
        raise LoginUnknown()
    if row.stage == LoginStage.ENDED:
        raise LoginStageWrong(stage=row.stage)
    return row


def _lock(login_id: UUID) -> AgencyLogin:
    rows = AgencyLogin.objects.select_for_update(of=("self",)).select_related("agency")
    row = rows.filter(pk=login_id).first()
    if row is None:
        raise LoginUnknown()
    return row


def _change(row: AgencyLogin, **columns: Any) -> None:
    AgencyLogin.objects.filter(pk=row.pk).update(**columns, updated_at=now())


def _tell(event: str, row: AgencyLogin, *, by: Actor, facts: dict[str, audit.Fact] | None = None) -> None:
    audit.record(
        event,
        by=by,
        about_kind="agency_login",
        about_id=row.id,
        facts={"agency": row.agency.code, **(facts or {})},
    )
