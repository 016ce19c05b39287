"""The grants of the token endpoint, each on Authlib's class for it; rows are locked, marked, never deleted."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant

from terpadu.identity.enums import DeviceState
from terpadu.identity.models import Account, Authorization, DeviceGrant, RefreshToken
from terpadu.identity.rules.provider.claims import SCOPE_CLAIMS
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.identity.services.provider.authorizations import authorization_revoke, code_find, code_mark
from terpadu.identity.services.provider.engine_client import EngineClient
from terpadu.identity.services.provider.facts import facts_of
from terpadu.identity.services.provider.secrets import digest_of, new_handle
from terpadu.identity.services.provider.server import METHODS
from terpadu.identity.services.provider.tokens import access_token_for, id_token_for, system_token_for
from terpadu.identity.services.provider.wire import EngineRequest, InvalidProof, InvalidTarget
from terpadu.kernel.clock import now

EXPIRES_IN = int(LIFETIMES.access_token.total_seconds())


def bound_key(request: EngineRequest, client: ClientView) -> str:
    """Return the key that a token is bound to; only a plain client, by exception, may have none. Raises InvalidProof."""
    if not request.jkt and not client.is_plain:
        raise InvalidProof(description="a DPoP proof is needed")
    return request.jkt


def token_body(token: str, *, jkt: str, scope: str) -> dict[str, Any]:
    """Return the answer around an access token (RFC 6749, 5.1; RFC 9449, 5)."""
    kind = "DPoP" if jkt else "Bearer"
    return {"access_token": token, "token_type": kind, "expires_in": EXPIRES_IN, "scope": scope}


def audience_of(request: EngineRequest, client: ClientView, *, granted: str = "") -> str:
    """Return the resource a token is for (RFC 8707, 2), "" for the provider itself. Raises InvalidTarget."""
    asked = request.form.get("resource", "")
    if asked and (asked not in client.resources or (granted and asked != granted)):
        raise InvalidTarget(description="the client is not registered for this resource")
    return asked or granted


class Grantee:
    """An authorization as Authlib's grants ask about codes, refresh tokens and devices.

    has_account: whether the account that gave it is open, None when that was not read along.
    """

    def __init__(self, row: Authorization, *, has_account: bool | None = None) -> None:
        self.row = row
        self.code_challenge = row.code_challenge
        self.has_account = has_account

    def get_redirect_uri(self) -> str:
        """Return where its code was sent."""
        return self.row.redirect_uri

    def get_scope(self) -> str:
        """Return what was granted."""
        return self.row.scope

    def check_client(self, client: EngineClient) -> bool:
        """Tell whether it was given to a client."""
        return bool(self.row.client_id == client.view.id)


class PersonTokens:
    """What the grants about a person share: tokens from an authorization, and whether the person's account is open."""

    request: EngineRequest

    def authenticate_user(self, grantee: Grantee) -> Grantee | None:
        """Return the authorization while the account that gave it is open. One query, none when it was read along."""
        if grantee.has_account is not None:
            return grantee if grantee.has_account else None
        person_id = grantee.row.actor_person_id or grantee.row.person_id
        return grantee if Account.objects.filter(person_id=person_id, is_active=True).exists() else None

    def generate_token(
        self, *, user: Grantee, scope: str, include_refresh_token: bool = True, **_: object
    ) -> dict[str, Any]:
        """Return access token, refresh token and ID token of an authorization."""
        client, row = self.request.client.view, user.row
        jkt = bound_key(self.request, client)
        audience = audience_of(self.request, client, granted=row.resource)
        token = access_token_for(row, client=client, scope=scope, jkt=jkt, audience=audience)
        body = token_body(token, jkt=jkt, scope=scope)
        if row.details:
            body["authorization_details"] = row.details
        if include_refresh_token:
            body["refresh_token"] = _refresh_token(row)
        facts = facts_of(
            row.person_id, row.id_token_claims, client_id=client.client_id, wish=row.verified_wish
        )
        body["id_token"] = id_token_for(row, client=client, access_token=token, facts=facts)
        return body


def _refresh_token(row: Authorization) -> str:
    handle = new_handle()
    RefreshToken.objects.create(digest=digest_of(handle), authorization_id=row.id, expires_at=row.ends_at)
    return handle


class CodeGrant(PersonTokens, AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib ships no types
    """A code for tokens, once; the second use ends what the first one got."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_authorization_code(self, code: str, client: EngineClient) -> Grantee | None:
        """Lock and return a code that this client may use now, or None."""
        found = code_find(code, client_pk=client.view.id)
        if found is None:
            return None
        row = found.row
        if row.code_used_at is not None:
            authorization_revoke(row, reason="code reused")
            return None
        is_open = row.code_expires_at is not None and row.code_expires_at > now() and row.revoked_at is None
        is_bound_elsewhere = bool(row.jkt) and row.jkt != self.request.jkt
        return Grantee(row, has_account=found.has_account) if is_open and not is_bound_elsewhere else None

    def delete_authorization_code(self, authorization_code: Grantee) -> None:
        """Mark the code as used, and remember the key of its tokens."""
        code_mark(authorization_code.row, jkt=self.request.jkt)


class S256(CodeChallenge):  # type: ignore[misc]  # Authlib ships no types
    """PKCE with S256 and nothing else, for every client."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def get_authorization_code_challenge_method(self, authorization_code: Grantee) -> str:
        """Return the only method there is."""
        return "S256"


class RefreshGrant(PersonTokens, RefreshTokenGrant):  # type: ignore[misc]  # Authlib ships no types
    """A refresh token for new tokens, once; the second use ends the family."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Grantee | None:
        """Lock and return the authorization of a refresh token that may be used now, or None."""
        rows = RefreshToken.objects.select_for_update().select_related("authorization")
        row = rows.filter(digest=digest_of(refresh_token)).first()
        client: EngineClient = self.request.client
        if row is None or row.authorization.client_id != client.view.id:
            return None
        if row.used_at is not None:
            authorization_revoke(row.authorization, reason="refresh reused")
            return None
        is_open = row.expires_at > now() and row.authorization.revoked_at is None
        is_stolen = client.view.is_public and row.authorization.jkt != self.request.jkt
        if not is_open or is_stolen:
            return None
        self._row = row
        return Grantee(row.authorization)

    def revoke_old_credential(self, refresh_token: Grantee) -> None:
        """Mark the refresh token as used."""
        RefreshToken.objects.filter(pk=self._row.pk).update(used_at=now())


class CredentialsGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """A token of a system for itself. No row is read or written beyond the guard's one statement."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        """Refuse scopes that it is not registered for, and all that are about people. Raises InvalidScopeError."""
        asked = set((self.request.payload.scope or "").split())
        if not asked <= set(self.request.client.view.scopes) - SCOPE_CLAIMS.keys():
            raise InvalidScopeError()

    def generate_token(self, *, scope: str | None = None, **_: object) -> dict[str, Any]:
        """Return the token."""
        client: ClientView = self.request.client.view
        jkt = bound_key(self.request, client)
        audience = audience_of(self.request, client)
        token = system_token_for(client, scope=scope or "", jkt=jkt, audience=audience)
        return token_body(token, jkt=jkt, scope=scope or "")


class DeviceRow(Grantee):
    """A device that waits, as Authlib's device grant asks about one."""

    def __init__(self, row: DeviceGrant) -> None:
        self.device = row

    def get_client_id(self) -> str:
        """Return whose device it is."""
        return str(self.device.client.client_id)

    def get_scope(self) -> str:
        """Return what was granted, or asked for while nothing is."""
        granted = self.device.authorization
        return granted.scope if granted else str(self.device.parameters.get("scope", ""))

    def get_user_code(self) -> str:
        """Return by what the person's answer is found: the row itself."""
        return str(self.device.pk)

    def is_expired(self) -> bool:
        """Tell whether its time is over, or it was used."""
        return self.device.expires_at <= now() or self.device.state == DeviceState.USED


class DeviceTokens(PersonTokens, DeviceCodeGrant):  # type: ignore[misc]  # Authlib ships no types
    """A device asks again and again until the person has answered on their phone."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_device_credential(self, device_code: str) -> DeviceRow | None:
        """Lock and return the device of a code, or None."""
        rows = DeviceGrant.objects.select_for_update(of=("self",)).select_related("client", "authorization")
        row = rows.filter(digest=digest_of(device_code)).first()
        self._device = DeviceRow(row) if row else None
        return self._device

    def query_user_grant(self, user_code: str) -> tuple[Grantee | None, bool] | None:
        """Return (authorization, whether allowed), None while the person has not answered."""
        device = self._device.device if self._device else None
        if device is None or device.state == DeviceState.WAITING:
            return None
        if device.jkt and device.jkt != self.request.jkt:
            raise InvalidGrantError("another key than the one the device began with")
        if device.state != DeviceState.GRANTED or device.authorization is None:
            return None, False
        DeviceGrant.objects.filter(pk=device.pk).update(state=DeviceState.USED)
        Authorization.objects.filter(pk=device.authorization.pk).update(jkt=self.request.jkt)
        return self.authenticate_user(Grantee(device.authorization)), True

    def should_slow_down(self, credential: DeviceRow) -> bool:
        """Tell whether it asks too often (RFC 8628, 3.5), and note when it asked."""
        device = credential.device
        last = device.polled_at
        is_fast = last is not None and (now() - last).total_seconds() < device.interval
        changes = {"polled_at": now()} | ({"interval": device.interval + 5} if is_fast else {})
        DeviceGrant.objects.filter(pk=device.pk).update(**changes)
        return is_fast

    def validate_token_request(self) -> None:
        """As Authlib's, and a person whose account is closed gets nothing. Raises OAuth2Error."""
        super().validate_token_request()
        if self.request.user is None:
            raise InvalidGrantError("the account is closed")
