"""Clients as frozen views: what pages show and what the protocol engine works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from terpadu.identity.enums import ClientKind, ClientProfile, ClientStage
from terpadu.identity.errors import ClientUnknown
from terpadu.identity.models import Client, ClientLogo, FetchHost
from terpadu.identity.rules.provider.claims import ClaimUse
from terpadu.kernel.formats import language


@dataclass(frozen=True)
class ClientView:
    """A client with all its metadata; see the model for what each field means. agency_name: short."""

    id: UUID
    client_id: str
    version: int
    agency_code: str
    agency_name: str
    kind: str
    stage: str
    profile: str
    exception_until: date | None
    exception_reason: str
    suspended_at: datetime | None
    suspended_reason: str
    requested_by: UUID | None
    proposed: Mapping[str, Any] | None
    name: str
    name_en: str
    description: str
    description_en: str
    home_uri: str
    logo_uri: str
    policy_uri: str
    contact: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str
    frontchannel_logout_uri: str
    sector_identifier_uri: str
    sector: str
    fetch_hosts: frozenset[str]
    auth_method: str
    secret_digest: str
    jwks: Mapping[str, Any]
    jwks_uri: str
    jwks_fetched_at: datetime | None
    id_token_alg: str
    must_sign_request: bool
    grant_types: frozenset[str]
    scopes: tuple[str, ...]
    resources: frozenset[str]
    detail_types: frozenset[str]
    claim_uses: tuple[ClaimUse, ...]
    min_acr: str
    default_max_age: int | None

    @property
    def title(self) -> str:
        """The name in the language in force."""
        return self.name_en if language() == "en" and self.name_en else self.name

    @property
    def about(self) -> str:
        """The description in the language in force."""
        return self.description_en if language() == "en" and self.description_en else self.description

    @property
    def is_public(self) -> bool:
        """Whether it has no way to authenticate: its DPoP key is all it has."""
        return self.auth_method == "none"

    @property
    def is_sandbox(self) -> bool:
        """Whether only testers may sign in to it."""
        return self.stage != ClientStage.PRODUCTION

    @property
    def is_plain(self) -> bool:
        """Whether it follows plain OpenID Connect, by exception."""
        return self.profile == ClientProfile.OIDC

    @property
    def has_people(self) -> bool:
        """Whether people sign in to it."""
        return self.kind != ClientKind.SYSTEM

    def uses(self) -> dict[str, ClaimUse]:
        """Return its claims with their purposes, by claim."""
        return {use.claim: use for use in self.claim_uses}

    def is_usable(self, on: date) -> bool:
        """Tell whether it may be used on a day: not suspended or ended, and a plain one only while its exception lasts."""
        if self.suspended_at is not None or self.stage == ClientStage.ENDED:
            return False
        return not self.is_plain or (self.exception_until is not None and on <= self.exception_until)


_SAME = [
    "id",
    "client_id",
    "version",
    "kind",
    "stage",
    "profile",
    "exception_until",
    "exception_reason",
    "suspended_at",
    "suspended_reason",
    "requested_by",
    "proposed",
    "name",
    "name_en",
    "description",
    "description_en",
    "home_uri",
    "logo_uri",
    "policy_uri",
    "contact",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "sector_identifier_uri",
    "sector",
    "auth_method",
    "secret_digest",
    "jwks",
    "jwks_uri",
    "jwks_fetched_at",
    "id_token_alg",
    "must_sign_request",
    "min_acr",
    "default_max_age",
]


def client_view(row: Client, *, fetch_hosts: frozenset[str]) -> ClientView:
    """Return the view of a row that was read with its agency. fetch_hosts: those of the agency."""
    return ClientView(
        **{name: getattr(row, name) for name in _SAME},
        agency_code=row.agency.code,
        agency_name=row.agency.short_name,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        fetch_hosts=fetch_hosts,
        grant_types=frozenset(row.grant_types),
        scopes=tuple(row.scopes),
        resources=frozenset(row.resources),
        detail_types=frozenset(row.detail_types),
        claim_uses=tuple(ClaimUse(**use) for use in row.claim_uses),
    )


def client_find(client_id: str) -> ClientView | None:
    """Return a client by its public identifier, or None. Two queries."""
    if "\0" in client_id:
        return None
    row = Client.objects.select_related("agency").filter(client_id=client_id).first()
    return client_view(row, fetch_hosts=fetch_hosts_of(row.agency.code)) if row else None


def client_get(client_id: str) -> ClientView:
    """Return a client by its public identifier. Raises ClientUnknown. Two queries."""
    found = client_find(client_id)
    if found is None:
        raise ClientUnknown()
    return found


def client_list(*, agency_code: str = "", stage: str = "") -> list[ClientView]:
    """Return all clients, or those of an agency or in a stage, by identifier. Two queries."""
    rows = Client.objects.select_related("agency").order_by("client_id")
    rows = rows.filter(agency__code=agency_code) if agency_code else rows
    rows = rows.filter(stage=stage) if stage else rows
    hosts: dict[str, set[str]] = {}
    for code, host in FetchHost.objects.values_list("agency__code", "host"):
        hosts.setdefault(code, set()).add(host)
    return [client_view(row, fetch_hosts=frozenset(hosts.get(row.agency.code, ()))) for row in rows]


def fetch_hosts_of(agency_code: str) -> frozenset[str]:
    """Return from which hosts the provider may fetch for an agency. One query."""
    return frozenset(FetchHost.objects.filter(agency__code=agency_code).values_list("host", flat=True))


def logo_digest(client: ClientView) -> str:
    """Return what names a client's logo in its address, "" when there is none to show. One query when one was named."""
    if not client.logo_uri:
        return ""
    rows = ClientLogo.objects.filter(client_id=client.id, source=client.logo_uri)
    return rows.values_list("digest", flat=True).first() or ""


def logo_find(client_id: str, *, digest: str) -> bytes | None:
    """Return the picture of a digest when it is this client's. One query."""
    rows = ClientLogo.objects.filter(client__client_id=client_id, digest=digest)
    body = rows.values_list("body", flat=True).first()
    return bytes(body) if body is not None else None
