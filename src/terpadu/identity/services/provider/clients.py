"""Clients: registered by an agency, tried in the sandbox at once, approved by an operator, suspended, given exceptions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from terpadu.directory.public import agency_get
from terpadu.identity.enums import ClientProfile, ClientStage
from terpadu.identity.errors import (
    ClientInvalid,
    ClientStageWrong,
    ClientUnknown,
    FourEyesNeeded,
    PeriodInvalid,
)
from terpadu.identity.events import ClientApproved
from terpadu.identity.models import Client, FetchHost
from terpadu.identity.rules.provider.claims import ClaimUse
from terpadu.identity.rules.provider.metadata import (
    NEEDS_APPROVAL,
    ClientDraft,
    find_faults,
    grants_of,
    sector_for,
)
from terpadu.identity.selectors.provider.clients import ClientView, client_get, fetch_hosts_of
from terpadu.identity.services.provider.client_fetches import sector_check
from terpadu.identity.services.provider.secrets import new_handle, secret_digest
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.outbox import emit

FIELDS = tuple(field.name for field in fields(ClientDraft))


@dataclass(frozen=True)
class ClientRegistered:
    """A new client. secret: shown once, "" when the client has none."""

    client: ClientView
    secret: str


@dataclass(frozen=True)
class PlainException:
    """An operator's leave for plain OpenID Connect, until a day (inclusive), with the reason."""

    until: date
    reason: str


@transaction.atomic
def client_register(
    agency_code: str,
    draft: ClientDraft,
    *,
    by: Actor,
    client_id: str = "",
    exception: PlainException | None = None,
) -> ClientRegistered:
    """Register an application of an agency; it works in the sandbox at once.

    client_id: chosen identifier, or "" for a random one. exception: only when an operator gave it; without, a secret is
    refused. Raises AgencyUnknown, and ClientInvalid with all faults.
    """
    agency = agency_get(agency_code)
    profile = ClientProfile.OIDC if exception else ClientProfile.FAPI2
    _check(draft, profile=profile.value, fetch_hosts=fetch_hosts_of(agency_code))
    name = client_id or f"{agency.peer_id}-{secrets.token_hex(6)}".lower()
    if Client.objects.filter(client_id=name).exists():
        raise ClientInvalid((("client_id", "taken"),))
    secret = new_handle() if "secret" in draft.auth_method else ""
    columns = _columns(draft, client_id=name) | {"profile": profile.value}
    if exception:
        columns |= {"exception_until": exception.until, "exception_reason": exception.reason[:200]}
    digest = secret_digest(secret) if secret else ""
    Client.objects.create(client_id=name, agency_id=agency.id, secret_digest=digest, **columns)
    _tell("identity.client_registered", name, by=by, facts={"agency": agency.code, "kind": draft.kind})
    return ClientRegistered(client=client_get(name), secret=secret)


@transaction.atomic
def client_update(client_id: str, draft: ClientDraft, *, by: Actor) -> ClientView:
    """Change an application's metadata.

    In production a change of what people consented to or where they are sent (`metadata.NEEDS_APPROVAL`) waits as
    `proposed` until `client_approve`; the rest counts at once. Raises ClientUnknown, ClientInvalid, ClientStageWrong when it has ended.
    """
    row = _lock(client_id)
    _must(row.stage != ClientStage.ENDED, row)
    _check(draft, profile=row.profile, fetch_hosts=fetch_hosts_of(row.agency.code))
    if draft.kind != row.kind:
        raise ClientInvalid((("kind", "fixed"),))
    columns = _columns(draft, client_id=client_id)
    waiting = {name for name in NEEDS_APPROVAL if name in columns and columns[name] != getattr(row, name)}
    if row.stage == ClientStage.PRODUCTION and waiting:
        proposed = _proposal(draft)
        waits = NEEDS_APPROVAL | {"sector"}
        columns = {name: value for name, value in columns.items() if name not in waits}
        columns |= {"proposed": proposed, "requested_by": by.person_id}
    _change(row, **columns)
    facts = {"waits": ",".join(sorted(waiting)) if row.stage == ClientStage.PRODUCTION else ""}
    _tell("identity.client_changed", client_id, by=by, facts=facts)
    return client_get(client_id)


@transaction.atomic
def client_request_production(client_id: str, *, by: Actor) -> ClientView:
    """Ask an operator to approve a sandbox application for everybody. Raises ClientUnknown, ClientStageWrong."""
    row = _lock(client_id)
    _must(row.stage == ClientStage.SANDBOX, row)
    _change(row, stage=ClientStage.REQUESTED.value, requested_by=by.person_id)
    _tell("identity.client_requested", client_id, by=by)
    return client_get(client_id)


@transaction.atomic
def client_approve(client_id: str, *, by: Actor) -> ClientView:
    """Approve what waits: an application for production, or a change of one that is there already.

    Raises ClientUnknown, ClientStageWrong when nothing waits, FourEyesNeeded when the same person asked for it.
    """
    row = _lock(client_id)
    _must(row.stage == ClientStage.REQUESTED or row.proposed is not None, row)
    if row.requested_by is not None and row.requested_by == by.person_id:
        raise FourEyesNeeded()
    columns: dict[str, Any] = {"proposed": None, "requested_by": None, "stage": ClientStage.PRODUCTION.value}
    if row.proposed is not None:
        draft = draft_of_proposal(row.proposed)
        _check(draft, profile=row.profile, fetch_hosts=fetch_hosts_of(row.agency.code))
        columns |= _columns(draft, client_id=client_id)
    _change(row, **columns)
    _tell("identity.client_approved", client_id, by=by)
    approved = client_get(client_id)
    if approved.has_people:
        emit(ClientApproved(client_id, approved.agency_code, approved.name, approved.home_uri))
    return approved


@transaction.atomic
def client_reject(client_id: str, *, reason: str, by: Actor) -> ClientView:
    """Send what waits back to the agency. Raises ClientUnknown, ClientStageWrong when nothing waits."""
    row = _lock(client_id)
    _must(row.stage == ClientStage.REQUESTED or row.proposed is not None, row)
    stage = ClientStage.SANDBOX if row.stage == ClientStage.REQUESTED else ClientStage.PRODUCTION
    _change(row, stage=stage.value, proposed=None, requested_by=None)
    _tell("identity.client_rejected", client_id, by=by, facts={"reason": reason[:200]})
    return client_get(client_id)


@transaction.atomic
def client_suspend(client_id: str, *, reason: str, by: Actor) -> ClientView:
    """Stop an application at once, in every process: no sign-in, no token, no refresh. Raises ClientUnknown."""
    row = _lock(client_id)
    _change(row, suspended_at=now(), suspended_reason=reason[:200])
    _tell("identity.client_suspended", client_id, by=by, facts={"reason": reason[:200]})
    return client_get(client_id)


@transaction.atomic
def client_resume(client_id: str, *, by: Actor) -> ClientView:
    """Let a suspended application work again. Raises ClientUnknown, ClientStageWrong when it is not suspended."""
    row = _lock(client_id)
    _must(row.suspended_at is not None, row)
    _change(row, suspended_at=None, suspended_reason="")
    _tell("identity.client_resumed", client_id, by=by)
    return client_get(client_id)


@transaction.atomic
def client_end(client_id: str, *, by: Actor) -> ClientView:
    """End an application for good, at once in every process; its record stays. Raises ClientUnknown, ClientStageWrong."""
    row = _lock(client_id)
    _must(row.stage != ClientStage.ENDED, row)
    _change(row, stage=ClientStage.ENDED.value, proposed=None, requested_by=None, secret_digest="")
    _tell("identity.client_ended", client_id, by=by)
    return client_get(client_id)


@transaction.atomic
def client_exception_grant(client_id: str, *, until: date, reason: str, by: Actor) -> ClientView:
    """Allow an application plain OpenID Connect (secret, no PAR, no DPoP) until a day, inclusive.

    The operator's decision; it ends by itself. Raises ClientUnknown, PeriodInvalid for a day that is over.
    """
    if until < today():
        raise PeriodInvalid()
    row = _lock(client_id)
    _must(row.stage != ClientStage.ENDED, row)
    _change(row, profile=ClientProfile.OIDC.value, exception_until=until, exception_reason=reason[:200])
    facts = {"until": until.isoformat(), "reason": reason[:200]}
    _tell("identity.client_exception_granted", client_id, by=by, facts=facts)
    return client_get(client_id)


@transaction.atomic
def client_exception_end(client_id: str, *, by: Actor) -> ClientView:
    """Put an application back to FAPI 2.0; a secret stops working. Raises ClientUnknown."""
    row = _lock(client_id)
    columns: dict[str, Any] = {"profile": ClientProfile.FAPI2.value, "exception_until": None}
    if "secret" in row.auth_method:
        columns |= {"auth_method": "private_key_jwt", "secret_digest": ""}
    _change(row, exception_reason="", **columns)
    _tell("identity.client_exception_ended", client_id, by=by)
    return client_get(client_id)


@transaction.atomic
def client_secret_renew(client_id: str, *, by: Actor) -> str:
    """Give an application by exception a new random secret; the old one stops working. Returns it, this once.

    Raises ClientUnknown, ClientStageWrong when its way to authenticate has no secret.
    """
    row = _lock(client_id)
    _must("secret" in row.auth_method and row.profile == ClientProfile.OIDC, row)
    _must(row.stage != ClientStage.ENDED, row)
    secret = new_handle()
    _change(row, secret_digest=secret_digest(secret))
    _tell("identity.client_secret_renewed", client_id, by=by)
    return secret


@transaction.atomic
def fetch_hosts_set(agency_code: str, hosts: frozenset[str], *, by: Actor) -> None:
    """Set from which hosts ("host" or "host:port") the provider may fetch for an agency. The operator's decision.

    A host named here may also be on a private network. Raises AgencyUnknown.
    """
    agency = agency_get(agency_code)
    FetchHost.objects.filter(agency_id=agency.id).exclude(host__in=hosts).delete()
    FetchHost.objects.bulk_create(
        [FetchHost(agency_id=agency.id, host=host) for host in sorted(hosts)], ignore_conflicts=True
    )
    Client.objects.filter(agency_id=agency.id).update(version=F("version") + 1)
    facts: dict[str, audit.Fact] = {"hosts": ",".join(sorted(hosts))[:200]}
    audit.record("identity.fetch_hosts_set", by=by, about_kind="agency", about_id=agency.code, facts=facts)


def draft_of(client: ClientView) -> ClientDraft:
    """Return a client's present metadata as a draft, to be changed and sent to `client_update`."""
    values: dict[str, Any] = {name: getattr(client, name) for name in FIELDS}
    values |= {name: tuple(sorted(values[name])) for name in ("grant_types", "resources", "detail_types")}
    return ClientDraft(**values)


def draft_of_proposal(proposed: dict[str, Any]) -> ClientDraft:
    """Return the draft that a client's `proposed` holds."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in proposed.items()
    }
    values["claim_uses"] = tuple(ClaimUse(**use) for use in values["claim_uses"])
    return ClientDraft(**values)


def _proposal(draft: ClientDraft) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(draft).items()}


def _columns(draft: ClientDraft, *, client_id: str) -> dict[str, Any]:
    columns = _proposal(draft)
    grants = list(grants_of(draft))
    return {**columns, "grant_types": grants, "sector": sector_for(draft, client_id=client_id)}


def _check(draft: ClientDraft, *, profile: str, fetch_hosts: frozenset[str]) -> None:
    faults = find_faults(draft, profile=profile, fetch_hosts=fetch_hosts)
    if faults:
        raise ClientInvalid(faults)
    sector_check(draft, allowed=fetch_hosts)


def _lock(client_id: str) -> Client:
    row = (
        Client.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(client_id=client_id)
        .first()
    )
    if row is None:
        raise ClientUnknown()
    return row


def _must(holds: bool, row: Client) -> None:
    if not holds:
        raise ClientStageWrong(stage=row.stage)


def _change(row: Client, **columns: Any) -> None:
    Client.objects.filter(pk=row.pk).update(**columns, version=F("version") + 1, updated_at=now())


def _tell(event: str, client_id: str, *, by: Actor, facts: Mapping[str, audit.Fact] | None = None) -> None:
    audit.record(event, by=by, about_kind="client", about_id=client_id, facts=facts)
