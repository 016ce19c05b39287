"""Tables of identity: persons and accounts, one module for each noun."""

from terpadu.identity.models.accounts import (
    Account,
    Assignment,
    DateRange,
    Person,
    RegistrationDraft,
    SignIn,
    TryCount,
)
from terpadu.identity.models.provider import (
    Authorization,
    AuthorizationRequest,
    Client,
    Consent,
    DeviceGrant,
    FetchHost,
    RefreshToken,
    ReplayGuard,
    SigningKey,
)

__all__ = [
    "Account",
    "Assignment",
    "Authorization",
    "AuthorizationRequest",
    "Client",
    "Consent",
    "DateRange",
    "DeviceGrant",
    "FetchHost",
    "Person",
    "RefreshToken",
    "RegistrationDraft",
    "ReplayGuard",
    "SignIn",
    "SigningKey",
    "TryCount",
]
