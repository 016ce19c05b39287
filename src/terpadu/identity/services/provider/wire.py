"""Requests and answers of the protocol endpoints as plain facts, and Authlib's request made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from django.conf import settings

from terpadu.identity.rules.provider.proofs import Proof, Target
from terpadu.identity.services.provider.client_keys import Known
from terpadu.identity.services.provider.guards import Once

PREFIX = "/oidc"
LONGEST_VALUE = 20_000


@dataclass(frozen=True)
class WireRequest:
    """A request to an endpoint. endpoint: such as "token". headers: names in small letters. form: each name's values."""

    method: str
    endpoint: str
    headers: Mapping[str, str]
    form: Mapping[str, Sequence[str]]

    @property
    def target(self) -> Target:
        """What a proof in this request must be about."""
        return Target(self.method, endpoint_url(self.endpoint))


@dataclass(frozen=True)
class WireResponse:
    """An answer: status, JSON body, further headers."""

    status: int
    body: Mapping[str, Any] | str
    headers: Mapping[str, str] = field(default_factory=dict)


def issuer() -> str:
    """Return the issuer identifier: the platform's public address."""
    return str(settings.PUBLIC_URL).rstrip("/")


def endpoint_url(name: str) -> str:
    """Return an endpoint's address from configuration, never from the Host header."""
    return f"{issuer()}{PREFIX}/{name}"


class InvalidProof(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The DPoP proof is missing or wrong (RFC 9449, 5)."""

    error = "invalid_dpop_proof"


class NonceNeeded(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The proof lacks the nonce of this server (RFC 9449, 8)."""

    error = "use_dpop_nonce"
    description = "take the nonce of the DPoP-Nonce header"


class InvalidTarget(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The resource is not one the client may ask tokens for (RFC 8707, 2)."""

    error = "invalid_target"


class Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib ships no types
    """The parameters of a request, each of them once."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = dict(parameters)

    @property
    def data(self) -> dict[str, str]:
        """The parameters by name."""
        return self._parameters

    @property
    def datalist(self) -> dict[str, list[str]]:
        """The parameters as lists of one."""
        return {name: [value] for name, value in self._parameters.items()}


class EngineRequest(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    """Authlib's request, made from a wire request; carries what our own checks have found."""

    def __init__(self, wire: WireRequest) -> None:
        # Authlib's own __init__ demands https of the address; ours comes from configuration.
        self.method, self.uri = wire.method, wire.target.url
        self.headers = {name.title(): value for name, value in wire.headers.items()}
        self.wire = wire
        self._form = {name: values[0] for name, values in wire.form.items() if values}
        self.payload = Payload(self._form)
        self.client: Any = None
        self.auth_method = self.user = None
        self.authorization_code = self.refresh_token = self.credential = None
        self._scope = self._body = None
        self.proof: Proof | None = None
        self.known: Known | None = None
        self.once: list[Once] = []

    @property
    def args(self) -> dict[str, str]:
        """Query parameters: the endpoints take none."""
        return {}

    @property
    def form(self) -> dict[str, str]:
        """The form's parameters."""
        return self._form

    @property
    def jkt(self) -> str:
        """Thumbprint of the key that was proved, "" for none."""
        return self.proof.jkt if self.proof else ""
