"""What an agency says of its own login, checked; and what its levels are worth here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from terpadu.identity.enums import AuthenticationLevel
from terpadu.identity.rules.assurance import AUTHENTICATION_ORDER, CROSS_DEVICE_AT_MOST
from terpadu.identity.rules.provider.addresses import find_fetch_fault, find_web_fault

OIDC_METHODS = ("private_key_jwt", "client_secret_basic", "client_secret_post")
MOST_LEVELS = 20
LONGEST = 300
AT_MOST = CROSS_DEVICE_AT_MOST
"""What another provider vouches for is never worth a passkey used with us."""

Fault = tuple[str, str]


@dataclass(frozen=True)
class OidcConnection:
    """An OpenID Provider of an agency. levels: its `acr` values and our levels. The endpoints are filled at approval.

    tells_issuer: whether its answers always carry `iss` (RFC 9207).
    """

    issuer: str
    client_id: str
    auth_method: str
    levels: Mapping[str, str] = field(default_factory=dict)
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    tells_issuer: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)


@dataclass(frozen=True)
class SamlConnection:
    """A SAML identity provider of an agency. certificates: of its signing keys, PEM. levels: AuthnContextClassRef values."""

    entity_id: str
    sso_uri: str
    certificates: tuple[str, ...]
    levels: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {**asdict(self), "certificates": list(self.certificates)}


Connection = OidcConnection | SamlConnection


def oidc_from(kept: Mapping[str, Any]) -> OidcConnection:
    """Read what `to_json` wrote."""
    return OidcConnection(**kept)


def saml_from(kept: Mapping[str, Any]) -> SamlConnection:
    """Read what `to_json` wrote."""
    return SamlConnection(**{**kept, "certificates": tuple(kept["certificates"])})


def find_oidc_faults(said: OidcConnection, *, own_issuer: str) -> tuple[Fault, ...]:
    """Return everything that is wrong as (field, reason). own_issuer: ours, which no agency may claim in any place."""
    faults: list[Fault] = []
    fault = find_web_fault(said.issuer, may_be_loopback=True)
    if fault or urlsplit(said.issuer).query:
        faults.append(("issuer", fault or "form"))
    if said.issuer.rstrip("/") == own_issuer:
        faults.append(("issuer", "own"))
    if not said.client_id or len(said.client_id) > LONGEST or not said.client_id.isprintable():
        faults.append(("client_id", "form"))
    if said.client_id.rstrip("/") == own_issuer:
        faults.append(("client_id", "own"))
    if said.auth_method not in OIDC_METHODS:
        faults.append(("auth_method", "form"))
    return (*faults, *find_level_faults(said.levels))


def find_level_faults(levels: Mapping[str, str]) -> tuple[Fault, ...]:
    """Return what is wrong with agreed levels: too many, too long, or higher than any other provider can vouch for."""
    if len(levels) > MOST_LEVELS or any(not name or len(name) > LONGEST for name in levels):
        return (("levels", "form"),)
    allowed = AUTHENTICATION_ORDER[: AUTHENTICATION_ORDER.index(AT_MOST) + 1]
    return () if all(level in allowed for level in levels.values()) else (("levels", "too high"),)


def level_agreed(levels: Mapping[str, str], told: str) -> AuthenticationLevel:
    """Return what an agency's level is worth here: the lowest unless something else was agreed, never a passkey's."""
    agreed = AuthenticationLevel(levels.get(told, AuthenticationLevel.LOA1.value))
    return min(agreed, AT_MOST, key=AUTHENTICATION_ORDER.index)


def oidc_with_metadata(
    said: OidcConnection, metadata: Mapping[str, Any], *, allowed: frozenset[str]
) -> OidcConnection | str:
    """Pin the endpoints that a provider's metadata names (OpenID Connect Discovery 1.0, 4.3), or say what is wrong.

    allowed: hosts from which may be fetched for the agency; every endpoint must be on one of them.
    """
    if metadata.get("issuer") != said.issuer:
        return "another issuer"
    found = {name: metadata.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for name, address in found.items():
        if not isinstance(address, str) or find_fetch_fault(address, allowed=allowed):
            return f"{name} is not on an allowed host"
    tells = metadata.get("authorization_response_iss_parameter_supported") is True
    texts = {name: str(address) for name, address in found.items()}
    return OidcConnection(
        said.issuer, said.client_id, said.auth_method, said.levels, **texts, tells_issuer=tells
    )
