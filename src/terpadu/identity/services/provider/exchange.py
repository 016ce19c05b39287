"""Token exchange (RFC 8693): a service that was called passes on who it acts for, never more than it was given."""

from __future__ import annotations

from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from terpadu.identity.models import Authorization
from terpadu.identity.rules.provider.metadata import EXCHANGE
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.identity.services.provider.grants import bound_key, token_body
from terpadu.identity.services.provider.server import METHODS
from terpadu.identity.services.provider.tokens import (
    AccessToken,
    access_token_read,
    exchanged_token_for,
    is_access_token_alive,
)
from terpadu.identity.services.provider.wire import InvalidTarget

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind of token
DEEPEST_CHAIN = 4


class ExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    """A person's access token for one toward a further service."""

    GRANT_TYPE = EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_token_request(self) -> None:
        """Check client, token, scope and audience. Raises OAuth2Error."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError()
        self.request.client = client
        form = self.request.form
        kinds = (form.get("subject_token_type"), form.get("requested_token_type", ACCESS_TOKEN))
        if kinds != (ACCESS_TOKEN, ACCESS_TOKEN) or "actor_token" in form:
            raise InvalidRequestError("only access tokens are exchanged, and the client itself is the actor")
        self._given = self._subject(form.get("subject_token", ""), client.view)
        self._audience = self._target(client.view)
        self._scope = form.get("scope", " ".join(self._given.scope))
        if not set(self._scope.split()) <= set(self._given.scope):
            raise InvalidScopeError()

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Return the new token: the same person, level and end, with `act`."""
        client: ClientView = self.request.client.view
        gid = str(self._given.authorization_id)
        row = Authorization.objects.filter(pk=gid, revoked_at__isnull=True).first()
        if row is None:
            raise InvalidGrantError("the token is no longer good")
        jkt = bound_key(self.request, client)
        token = exchanged_token_for(
            row, client=client, given=self._given, scope=self._scope, jkt=jkt, audience=self._audience
        )
        body = token_body(token, jkt=jkt, scope=self._scope) | {"issued_token_type": ACCESS_TOKEN}
        return 200, body, default_json_headers

    def _subject(self, text: str, client: ClientView) -> AccessToken:
        """Return a person's token that this client holds rightly: its own by its own key, or one made for it."""
        token = access_token_read(text)
        if token is None or token.authorization_id is None or not is_access_token_alive(token):
            raise InvalidGrantError("the token is no longer good")
        is_own = token.claims["client_id"] == client.client_id and token.jkt == self.request.jkt
        is_for_it = token.claims["aud"] in {client.client_id, client.home_uri} - {""}
        if not is_own and not is_for_it:
            raise InvalidGrantError("the token was made neither for nor by this client")
        if _depth(token.claims.get("act")) >= DEEPEST_CHAIN:
            raise InvalidGrantError("too many services in a row")
        return token

    def _target(self, client: ClientView) -> str:
        asked = {self.request.form[n] for n in ("resource", "audience") if self.request.form.get(n)}
        if len(asked) != 1 or not asked <= client.resources:
            raise InvalidTarget(description="name one resource that the client is registered for")
        return str(asked.pop())


def _depth(act: Any) -> int:
    depth = 0
    while isinstance(act, dict):
        depth, act = depth + 1, act.get("act")
    return depth
