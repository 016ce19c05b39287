"""The endpoints beside the token endpoint: introspection, revocation, device authorization."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint

from terpadu.identity.models import DeviceGrant, RefreshToken
from terpadu.identity.rules.provider.claims import SCOPE_CLAIMS
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.metadata import DEVICE
from terpadu.identity.services.provider.authorizations import authorization_revoke
from terpadu.identity.services.provider.engine_client import EngineClient
from terpadu.identity.services.provider.secrets import digest_of, new_handle
from terpadu.identity.services.provider.server import METHODS
from terpadu.identity.services.provider.tokens import (
    AccessToken,
    access_token_read,
    access_token_revoke,
    is_access_token_alive,
)
from terpadu.identity.services.provider.wire import EngineRequest, issuer
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import keyed_hash

CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels: no words (RFC 8628, 6.1)


@dataclass(frozen=True)
class Held:
    """A token that somebody asks about: an access token or a refresh token."""

    access: AccessToken | None = None
    refresh: RefreshToken | None = None

    def check_client(self, client: EngineClient) -> bool:
        """Tell whether it was given to a client."""
        if self.access:
            return bool(self.access.claims["client_id"] == client.view.client_id)
        return self.refresh is not None and self.refresh.authorization.client_id == client.view.id

    def is_expired(self) -> bool:
        """Tell whether it has ended by itself."""
        return self.refresh is not None and self.refresh.expires_at <= now()

    def is_revoked(self) -> bool:
        """Tell whether it was taken back or used up."""
        if self.access:
            return not is_access_token_alive(self.access)
        row = self.refresh
        return row is None or row.used_at is not None or row.authorization.revoked_at is not None


def held_token(text: str, hint: str | None = None) -> Held | None:
    """Return the token of a text, or None when it is none of ours. At most one query."""
    access = access_token_read(text)
    if access:
        return Held(access=access)
    row = RefreshToken.objects.select_related("authorization").filter(digest=digest_of(text)).first()
    return Held(refresh=row) if row else None


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """Tell a resource server about a token (RFC 7662)."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Held | None:
        """Find the token."""
        return held_token(token_string)

    def check_permission(self, token: Held, client: EngineClient, request: EngineRequest) -> bool:
        """Tell whether a client may know: its own token, or one made for it. A public client proves nothing, so no."""
        is_for_it = token.access is not None and token.access.claims["aud"] in {
            client.view.client_id,
            client.view.home_uri,
        } - {""}
        return not client.view.is_public and (token.check_client(client) or is_for_it)

    def introspect_token(self, token: Held) -> dict[str, Any]:
        """Return what a live token says."""
        if token.access:
            told = {name: value for name, value in token.access.claims.items() if name != "gid"}
            return {"active": True, "token_type": "DPoP" if token.access.jkt else "Bearer", **told}
        row = token.refresh
        if row is None:
            return {"active": False}
        return {
            "active": True,
            "scope": row.authorization.scope,
            "exp": int(row.expires_at.timestamp()),
            "iss": issuer(),
        }


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """Take a token back (RFC 7009): an access token alone, a refresh token with everything beside it."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Held | None:
        """Find the token."""
        return held_token(token_string)

    def revoke_token(self, token: Held, request: EngineRequest) -> None:
        """Take it back."""
        if token.access:
            access_token_revoke(token.access)
        elif token.refresh:
            authorization_revoke(token.refresh.authorization, reason="by the client")


class DeviceAuthorization(DeviceAuthorizationEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """Give a counter or kiosk a code to show (RFC 8628)."""

    CLIENT_AUTH_METHODS = METHODS
    EXPIRES_IN = int(LIFETIMES.device_code.total_seconds())

    def authenticate_client(self, request: EngineRequest) -> EngineClient:
        """Authenticate the device's client, and check what it asks for. Raises OAuth2Error."""
        client: EngineClient = self.server.authenticate_client(request, METHODS, self.ENDPOINT_NAME)
        if not client.check_grant_type(DEVICE):
            raise UnauthorizedClientError()
        asked = (request.payload.scope or "").split()
        if "openid" not in asked or not set(asked) <= set(client.view.scopes) & SCOPE_CLAIMS.keys():
            raise InvalidScopeError()
        if len(request.form.get("acr_values", "")) > 200 or len(request.form.get("nonce", "")) > 300:
            raise InvalidRequestError("a parameter is too long")
        self._request = request
        return client

    def generate_user_code(self) -> str:
        """Return eight consonants in two groups: 34 bits, on a page that limits tries."""
        half = ["".join(secrets.choice(CODE_LETTERS) for _ in range(4)) for _ in range(2)]
        return "-".join(half)

    def generate_device_code(self) -> str:
        """Return the handle that the device keeps."""
        return new_handle()

    def get_verification_uri(self) -> str:
        """Return the page on which people type the code."""
        return f"{issuer()}/perangkat/"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        """Store the waiting device by digests."""
        request, at = self._request, now()
        kept = ("scope", "acr_values", "nonce", "ui_locales")
        DeviceGrant.objects.create(
            digest=digest_of(data["device_code"]),
            user_digest=user_code_digest(data["user_code"]),
            client_id=request.client.view.id,
            parameters={name: request.form[name] for name in kept if name in request.form},
            jkt=request.jkt,
            expires_at=at + LIFETIMES.device_code,
            interval=data["interval"],
        )


def user_code_digest(typed: str) -> str:
    """Return under which keyed digest a typed code is stored; case, spaces and hyphens do not matter."""
    letters = "".join(mark for mark in typed.upper() if mark.isalpha())
    return keyed_hash(letters, context="identity.user_code")
