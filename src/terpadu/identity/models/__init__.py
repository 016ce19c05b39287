"""Tables of identity: one module for each noun."""

from terpadu.identity.models.accounts import (
    Account,
    Assignment,
    DateRange,
    Person,
    RegistrationDraft,
    SignIn,
    TryCount,
)
from terpadu.identity.models.agency_logins import AgencyLogin, LoginAttempt, OfficerLink
from terpadu.identity.models.cross_device import CrossDeviceRequest
from terpadu.identity.models.mandates import Mandate, MandateUse
from terpadu.identity.models.proofing import CounterTicket, Proofing
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
from terpadu.identity.models.recovery import Recovery
from terpadu.identity.models.rights import DataRequest
from terpadu.identity.models.scim import ScimGroup, ScimMember, ScimUser

__all__ = [
    "Account",
    "AgencyLogin",
    "Assignment",
    "Authorization",
    "AuthorizationRequest",
    "Client",
    "Consent",
    "CounterTicket",
    "CrossDeviceRequest",
    "DataRequest",
    "DateRange",
    "DeviceGrant",
    "FetchHost",
    "LoginAttempt",
    "Mandate",
    "MandateUse",
    "OfficerLink",
    "Person",
    "Proofing",
    "Recovery",
    "RefreshToken",
    "RegistrationDraft",
    "ReplayGuard",
    "ScimGroup",
    "ScimMember",
    "ScimUser",
    "SignIn",
    "SigningKey",
    "TryCount",
]
