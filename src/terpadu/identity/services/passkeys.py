"""Passkeys: the server's half of both WebAuthn ceremonies, user verification required, one exact origin.

fido2 does the checking, allauth's table keeps the keys. allauth's own ceremony is not used because it takes the relying
party from the Host header, and its origin check also lets subdomains through (or, with one switch, everybody).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from terpadu.identity.errors import PasskeyRefused
from terpadu.identity.models import Account
from terpadu.kernel.clock import now

Json = dict[str, Any]  # what the browser's API takes and gives, defined by WebAuthn level 3


@dataclass(frozen=True)
class Ceremony:
    """A ceremony begun: `options` go to the browser, `state` waits in the session."""

    options: Json
    state: Json


def origin() -> str:
    """Return the one origin whose passkey answers are taken: that of PUBLIC_URL."""
    parts = urlsplit(str(settings.PUBLIC_URL))
    return f"{parts.scheme}://{parts.netloc}"


def _server() -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=urlsplit(origin()).hostname, name="Terpadu")
    return Fido2Server(party, verify_origin=lambda claimed: claimed == origin())


def passkey_registration_begin(account_id: UUID, *, name: str) -> Ceremony:
    """Begin adding a passkey to an account (which need not exist yet). name: shown by the person's own device."""
    user = PublicKeyCredentialUserEntity(id=account_id.bytes, name=name, display_name=name)
    options, state = _server().register_begin(
        user,
        credentials=[key for key, _ in _credentials(account_id)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        extensions={"credProps": True},
    )
    return Ceremony(options=dict(options), state=dict(state))


def passkey_registration_check(state: Json | None, *, answer: Json) -> Json:
    """Verify a new passkey and return it in the form in which it is stored. Raises PasskeyRefused."""
    if not state:
        raise PasskeyRefused(reason="no ceremony")
    try:
        parsed = RegistrationResponse.from_dict(answer)
        _server().register_complete(state, parsed)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused(reason=type(error).__name__) from None
    return dict(parsed)


def passkey_sign_in_begin() -> Ceremony:
    """Begin a sign-in by passkey; the device says whose it is."""
    options, state = _server().authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    return Ceremony(options=dict(options), state=dict(state))


def passkey_sign_in_check(state: Json | None, *, answer: Json) -> Account:
    """Verify a passkey's answer and return whose account it opens. Raises PasskeyRefused."""
    if not state:
        raise PasskeyRefused(reason="no ceremony")
    try:
        parsed = AuthenticationResponse.from_dict(answer)
        account = _owner(parsed)
        pairs = _credentials(account.id)
        used = _server().authenticate_complete(state, [key for key, _ in pairs], parsed)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused(reason=type(error).__name__) from None
    row = next(row for key, row in pairs if key.credential_id == used.credential_id)
    _check_counter(row, parsed.response.authenticator_data.counter)
    return account


def _owner(answer: AuthenticationResponse) -> Account:
    handle = answer.response.user_handle
    if not handle:
        raise ValueError("no user handle")
    account = Account.objects.select_related("person").filter(pk=UUID(bytes=bytes(handle))).first()
    if account is None:
        raise ValueError("no such account")
    return account


def _check_counter(row: Authenticator, counter: int) -> None:
    """Refuse a key whose counter went backwards: it was copied (WebAuthn 7.2, step 22). Synced passkeys send 0."""
    last = int(row.data.get("sign_count", 0))
    if (counter or last) and counter <= last:
        raise PasskeyRefused(reason="counter")
    row.data["sign_count"] = counter
    row.last_used_at = now()
    row.save(update_fields=["data", "last_used_at"])


def _credentials(account_id: UUID) -> list[tuple[AttestedCredentialData, Authenticator]]:
    rows = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN)
    return [(_credential(row.data["credential"]), row) for row in rows]


def _credential(stored: Json) -> AttestedCredentialData:
    found = RegistrationResponse.from_dict(stored).response.attestation_object.auth_data.credential_data
    if found is None:
        raise ValueError("a stored passkey without a key")
    return found
