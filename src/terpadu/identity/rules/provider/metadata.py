"""What an application may register (RFC 7591 names), checked as a whole so that all mistakes are told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from terpadu.identity.enums import ClientAuthMethod, ClientKind, ClientProfile
from terpadu.identity.rules.provider.addresses import (
    find_fetch_fault,
    find_redirect_fault,
    find_web_fault,
    sector_of,
    site_of,
)
from terpadu.identity.rules.provider.assurance import LEVELS
from terpadu.identity.rules.provider.claims import CLAIMS, SCOPE_CLAIMS, ClaimUse
from terpadu.identity.rules.provider.keys import find_keys_fault

CODE = "authorization_code"
REFRESH = "refresh_token"
CREDENTIALS = "client_credentials"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANTS_OF_KIND: dict[str, frozenset[str]] = {
    ClientKind.WEB: frozenset({CODE, REFRESH, CREDENTIALS, EXCHANGE}),
    ClientKind.NATIVE: frozenset({CODE, REFRESH}),
    ClientKind.SYSTEM: frozenset({CREDENTIALS, EXCHANGE}),
    ClientKind.DEVICE: frozenset({DEVICE, REFRESH}),
}
"""Which grants a kind of client may have; the first that people need is there anyway."""

FIRST_GRANT = {
    ClientKind.WEB: CODE,
    ClientKind.NATIVE: CODE,
    ClientKind.SYSTEM: CREDENTIALS,
    ClientKind.DEVICE: DEVICE,
}
API_SCOPE = re.compile(r"^[a-z][a-z0-9_-]{1,20}[:.][a-z0-9_.:-]{1,38}$")
"""A right at an API of an agency, such as "antrean:baca": for systems, never about a person's claims."""

LONGEST_TEXT = 300
MOST_ADDRESSES = 20

Fault = tuple[str, str]


@dataclass(frozen=True)
class ClientDraft:
    """The metadata of an application as its agency states it.

    redirect_uris: exact addresses. jwks: public keys, or jwks_uri. fetch_hosts is not here: an operator sets it.
    resources: audiences of APIs that it may ask tokens for. detail_types: kinds of data shares (RFC 9396) it may ask for.
    claim_uses: each claim with purpose and legal basis. min_acr: the lowest level it accepts, "" for any.
    """

    kind: str
    name: str
    name_en: str = ""
    description: str = ""
    description_en: str = ""
    home_uri: str = ""
    logo_uri: str = ""
    policy_uri: str = ""
    contact: str = ""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    frontchannel_logout_uri: str = ""
    sector_identifier_uri: str = ""
    auth_method: str = ClientAuthMethod.PRIVATE_KEY_JWT.value
    jwks: Mapping[str, Any] = field(default_factory=dict)
    jwks_uri: str = ""
    id_token_alg: str = "ES256"  # noqa: S105 - the name of an algorithm
    must_sign_request: bool = False
    grant_types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid",)
    resources: tuple[str, ...] = ()
    detail_types: tuple[str, ...] = ()
    claim_uses: tuple[ClaimUse, ...] = ()
    min_acr: str = ""
    default_max_age: int | None = None


ID_TOKEN_ALGS = ("ES256", "PS256")

NEEDS_APPROVAL = frozenset(
    [
        "kind",
        "name",
        "name_en",
        "redirect_uris",
        "post_logout_redirect_uris",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "logo_uri",
        "sector_identifier_uri",
        "auth_method",
        "grant_types",
        "scopes",
        "resources",
        "detail_types",
        "claim_uses",
    ]
)
"""Fields whose change in production waits for an operator; keys, contact, texts and levels do not."""


def grants_of(draft: ClientDraft) -> tuple[str, ...]:
    """Return the grant types of a draft, with the one its kind always has."""
    return tuple(sorted({FIRST_GRANT[ClientKind(draft.kind)], *draft.grant_types}))


def sector_for(draft: ClientDraft, *, client_id: str) -> str:
    """Return the sector a client's `sub` belongs to; its own identifier where there is no host to name it by."""
    declared = sector_of([draft.sector_identifier_uri]) if draft.sector_identifier_uri else ""
    return declared or sector_of(draft.redirect_uris) or client_id


def find_faults(
    draft: ClientDraft, *, profile: str = ClientProfile.FAPI2.value, fetch_hosts: frozenset[str] = frozenset()
) -> tuple[Fault, ...]:
    """Return everything that is wrong with a draft as (field, reason); empty when it can be registered."""
    if draft.kind not in GRANTS_OF_KIND:
        return (("kind", "unknown"),)
    return (
        *_text_faults(draft),
        *_address_faults(draft, fetch_hosts),
        *_rights_faults(draft),
        *_key_faults(draft, profile),
    )


def _text_faults(draft: ClientDraft) -> Iterator[Fault]:
    if not 3 <= len(draft.name.strip()) <= 80 or len(draft.name_en) > 80:
        yield "name", "length"
    for name in ("description", "description_en", "contact"):
        if len(getattr(draft, name)) > (200 if name == "contact" else LONGEST_TEXT):
            yield name, "length"


def _address_faults(draft: ClientDraft, fetch_hosts: frozenset[str]) -> Iterator[Fault]:
    is_native = draft.kind == ClientKind.NATIVE
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        addresses = getattr(draft, name)
        if len(addresses) > MOST_ADDRESSES:
            yield name, "too many"
        yield from (
            (name, fault) for one in addresses if (fault := find_redirect_fault(one, is_native=is_native))
        )
    needs_redirect = FIRST_GRANT[ClientKind(draft.kind)] == CODE
    if needs_redirect and not draft.redirect_uris:
        yield "redirect_uris", "missing"
    if needs_redirect and not draft.sector_identifier_uri and not sector_of(draft.redirect_uris):
        yield "sector_identifier_uri", "missing"  # redirect URIs on several hosts: Core 8.1
    for name in ("home_uri", "policy_uri"):
        if (address := getattr(draft, name)) and (fault := find_web_fault(address, may_be_loopback=True)):
            yield name, fault
    for name in ("jwks_uri", "sector_identifier_uri", "logo_uri", "backchannel_logout_uri"):
        if (address := getattr(draft, name)) and (fault := find_fetch_fault(address, allowed=fetch_hosts)):
            yield name, fault
    yield from _frontchannel_faults(draft)


def _frontchannel_faults(draft: ClientDraft) -> Iterator[Fault]:
    """The page that signs out must be where sign-ins end, so that no other site is loaded (Front-Channel Logout 1.0, 2)."""
    address = draft.frontchannel_logout_uri
    if not address:
        return
    if fault := find_web_fault(address, may_be_loopback=True):
        yield "frontchannel_logout_uri", fault
    elif site_of(address) not in {site_of(one) for one in draft.redirect_uris}:
        yield "frontchannel_logout_uri", "another site"


def _rights_faults(draft: ClientDraft) -> Iterator[Fault]:
    if not set(draft.grant_types) <= GRANTS_OF_KIND[draft.kind]:
        yield "grant_types", "unknown"
    if not all(scope in SCOPE_CLAIMS or API_SCOPE.match(scope) for scope in draft.scopes):
        yield "scopes", "unknown"
    used = [use.claim for use in draft.claim_uses]
    if not set(used) <= set(CLAIMS) or len(used) != len(set(used)):
        yield "claim_uses", "unknown"
    if any(not use.purpose.strip() or not use.legal_basis.strip() for use in draft.claim_uses):
        yield "claim_uses", "purpose"
    if {claim for scope in draft.scopes for claim in SCOPE_CLAIMS.get(scope, ())} - set(used):
        yield "claim_uses", "missing"
    if draft.min_acr and draft.min_acr not in LEVELS:
        yield "min_acr", "unknown"
    if any(find_web_fault(one, may_be_loopback=True) for one in draft.resources):
        yield "resources", "form"


def _key_faults(draft: ClientDraft, profile: str) -> Iterator[Fault]:
    if draft.id_token_alg not in ID_TOKEN_ALGS:
        yield "id_token_alg", "unknown"
    if draft.auth_method not in ClientAuthMethod.values:
        yield "auth_method", "unknown"
    is_signed = draft.auth_method == ClientAuthMethod.PRIVATE_KEY_JWT
    if draft.auth_method == ClientAuthMethod.NONE and draft.kind not in (
        ClientKind.NATIVE,
        ClientKind.DEVICE,
    ):
        yield "auth_method", "public"
    if "secret" in draft.auth_method and profile != ClientProfile.OIDC:
        yield "auth_method", "exception needed"
    if draft.jwks and draft.jwks_uri:
        yield "jwks", "twice"
    if draft.jwks and (fault := find_keys_fault(draft.jwks)):
        yield "jwks", fault
    if (is_signed or draft.must_sign_request) and not draft.jwks and not draft.jwks_uri:
        yield "jwks", "missing"
