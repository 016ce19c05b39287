"""The engine as a whole: which grants and endpoints there are, and one function for each."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import transaction

from terpadu.identity.rules.provider.metadata import CREDENTIALS
from terpadu.identity.services.provider.endpoints import DeviceAuthorization, Introspection, Revocation
from terpadu.identity.services.provider.exchange import ExchangeGrant
from terpadu.identity.services.provider.grants import (
    S256,
    CodeGrant,
    CredentialsGrant,
    DeviceTokens,
    RefreshGrant,
)
from terpadu.identity.services.provider.server import Server, answer
from terpadu.identity.services.provider.wire import EngineRequest, WireRequest, WireResponse


@cache
def server() -> Server:
    """Return the one server of this process."""
    made = Server()
    made.register_grant(CodeGrant, [S256(required=True)])
    for grant in (RefreshGrant, CredentialsGrant, DeviceTokens, ExchangeGrant):
        made.register_grant(grant)
    for endpoint in (Introspection, Revocation):
        made.register_endpoint(endpoint)
    return made


def token(wire: WireRequest) -> WireResponse:
    """Answer at the token endpoint. One transaction, in which codes and refresh tokens are locked; none for a system's token."""
    if wire.form.get("grant_type", [""])[0] == CREDENTIALS:
        return answer(wire, _token)
    with transaction.atomic():
        return answer(wire, _token)


def _token(request: EngineRequest) -> WireResponse:
    response: WireResponse = server().create_token_response(request)
    return response


def introspect(wire: WireRequest) -> WireResponse:
    """Answer at the introspection endpoint."""
    return answer(wire, lambda request: _endpoint("introspection", request))


def revoke(wire: WireRequest) -> WireResponse:
    """Answer at the revocation endpoint."""
    return answer(wire, lambda request: _endpoint("revocation", request))


def device_authorize(wire: WireRequest) -> WireResponse:
    """Answer at the device authorization endpoint."""
    return answer(wire, _device_authorize)


def _device_authorize(request: EngineRequest) -> WireResponse:
    endpoint = DeviceAuthorization(server())  # one for each request: it remembers the request
    return WireResponse(*_plain(endpoint(request)))


def _plain(
    parts: tuple[int, dict[str, Any], list[tuple[str, str]]],
) -> tuple[int, dict[str, Any], dict[str, str]]:
    status, body, headers = parts
    return status, body, dict(headers)


def _endpoint(name: str, request: EngineRequest) -> WireResponse:
    response: WireResponse = server().create_endpoint_response(name, request)
    return response
