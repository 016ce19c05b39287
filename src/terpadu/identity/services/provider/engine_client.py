"""A client as Authlib wants to see one."""

from __future__ import annotations

from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

from terpadu.identity.enums import ClientKind
from terpadu.identity.rules.provider.addresses import LOOPBACK
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.identity.services.provider.client_keys import Known
from terpadu.identity.services.provider.secrets import is_secret


class EngineClient(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """Answer Authlib's questions about a client from its view."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.view: ClientView = known.view

    def get_client_id(self) -> str:
        """Return its public identifier."""
        return self.view.client_id

    def get_default_redirect_uri(self) -> str:
        """Return nothing: the redirect URI must always be named (FAPI 2.0 Security Profile, 5.3.2.2)."""
        return ""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return the scopes asked for that it is registered for."""
        return " ".join(name for name in (scope or "").split() if name in self.view.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether an address is registered, letter by letter; only a phone's loopback port may differ (RFC 8252, 7.3)."""
        if redirect_uri in self.view.redirect_uris:
            return True
        return self.view.kind == ClientKind.NATIVE and _without_port(redirect_uri) in {
            _without_port(known) for known in self.view.redirect_uris if _is_loopback(known)
        }

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether a secret is the right one."""
        return is_secret(client_secret, digest=self.view.secret_digest)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether it authenticates by this method, everywhere the same."""
        return bool(method == self.view.auth_method)

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether it may get this kind of answer: a code and nothing else."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it is registered for a grant."""
        return grant_type in self.view.grant_types


def _is_loopback(address: str) -> bool:
    return address.startswith("http://") and urlsplit(address).hostname in LOOPBACK


def _without_port(address: str) -> str:
    try:
        parts = urlsplit(address)
        known = parts.hostname if parts.port is not None or parts.hostname else ""
    except ValueError:
        return ""
    if "@" in parts.netloc or "\\" in address:
        return ""
    return parts._replace(netloc=known or "").geturl()
