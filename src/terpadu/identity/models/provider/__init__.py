"""Tables of the OpenID Provider: clients, keys, requests, authorizations, consents, devices, guards."""

from terpadu.identity.models.provider.authorizations import Authorization, RefreshToken
from terpadu.identity.models.provider.clients import Client, ClientLogo, FetchHost
from terpadu.identity.models.provider.consents import Consent
from terpadu.identity.models.provider.devices import DeviceGrant
from terpadu.identity.models.provider.guards import ReplayGuard
from terpadu.identity.models.provider.keys import SigningKey
from terpadu.identity.models.provider.requests import AuthorizationRequest

__all__ = [
    "Authorization",
    "AuthorizationRequest",
    "Client",
    "ClientLogo",
    "Consent",
    "DeviceGrant",
    "FetchHost",
    "RefreshToken",
    "ReplayGuard",
    "SigningKey",
]
