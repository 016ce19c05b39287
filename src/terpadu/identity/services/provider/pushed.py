"""Authorization requests: pushed by a client (RFC 9126), or brought by the browser where an exception allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, UnauthorizedClientError
from django.db import connection, transaction

from terpadu.identity.errors import RequestBroken, RequestOver
from terpadu.identity.models import AuthorizationRequest
from terpadu.identity.rules.provider.assertions import find_request_object_fault
from terpadu.identity.rules.provider.claims import SCOPE_CLAIMS
from terpadu.identity.rules.provider.jose import is_signed_by_one, read_jwt, text_of
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.metadata import CODE
from terpadu.identity.rules.provider.requests import Ask, Refusal, read_ask
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.identity.selectors.provider.login_path import waiting_request
from terpadu.identity.services.provider.client_keys import Known, client_at, client_read, keys_for
from terpadu.identity.services.provider.engine import server
from terpadu.identity.services.provider.engine_client import EngineClient
from terpadu.identity.services.provider.secrets import digest_of, new_handle
from terpadu.identity.services.provider.server import METHODS, answer
from terpadu.identity.services.provider.wire import (
    EngineRequest,
    InvalidProof,
    WireRequest,
    WireResponse,
    issuer,
)
from terpadu.kernel.clock import now, today

URN = "urn:ietf:params:oauth:request_uri:"
_STORE = """
insert into identity_authorizationrequest (digest, client_id, parameters, is_pushed, created_at, expires_at)
values (%s, %s, %s, %s, %s, %s)
"""
NOT_KEPT = frozenset({"client_assertion", "client_assertion_type", "client_secret", "request"})


class InvalidRequestObject(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The signed request object cannot be taken (RFC 9101, 6)."""

    error = "invalid_request_object"


@dataclass(frozen=True)
class Opened:
    """A request that a browser has brought, with its client and what it asks. digest: its key. at: of the first visit."""

    digest: str
    at: datetime
    client: ClientView
    ask: Ask


@dataclass(frozen=True)
class SendBack:
    """An error that goes to the client by way of the browser."""

    redirect_uri: str
    error: str
    description: str
    state: str


def push(wire: WireRequest) -> WireResponse:
    """Answer at the endpoint of pushed requests: 201 with a `request_uri` good for 90 seconds."""
    with transaction.atomic():  # guard and request in one write
        return answer(wire, _push)


def _push(request: EngineRequest) -> WireResponse:
    client: EngineClient = server().authenticate_client(request, METHODS, "par")
    if not client.check_grant_type(CODE):
        raise UnauthorizedClientError()
    if "request_uri" in request.form:
        raise InvalidRequestError("request_uri does not belong into a pushed request")
    parameters = _parameters(request.form, client.known)
    if request.jkt:
        if parameters.get("dpop_jkt", request.jkt) != request.jkt:
            raise InvalidProof(description="dpop_jkt names another key than the proof")
        parameters["dpop_jkt"] = request.jkt
    if not client.check_redirect_uri(parameters.get("redirect_uri", "")):
        raise InvalidRequestError("redirect_uri is not registered")
    ask = _ask(parameters, client.view)
    if isinstance(ask, Refusal):
        raise OAuth2Error(error=ask.error, description=ask.description)
    handle = _store(parameters, client.view, is_pushed=True)
    body = {"request_uri": URN + handle, "expires_in": int(LIFETIMES.pushed_request.total_seconds())}
    return WireResponse(201, body)


def _parameters(form: Mapping[str, str], known: Known) -> dict[str, str]:
    """Return the request's parameters, those of the signed request object alone when there is one (RFC 9101, 6.3)."""
    if "request" not in form:
        if known.view.must_sign_request:
            raise InvalidRequestError("the client has registered that its requests are signed")
        return {name: value for name, value in form.items() if name not in NOT_KEPT}
    jwt = read_jwt(form["request"])
    if jwt is None:
        raise InvalidRequestObject(description="not signed with an algorithm that is taken here")
    fault = find_request_object_fault(
        jwt.claims, client_id=known.view.client_id, issuer=issuer(), now=now().timestamp()
    )
    if not fault and not is_signed_by_one(jwt, keys_for(known, kid=text_of(jwt.header, "kid"))):
        fault = "not signed by a registered key"
    if fault:
        raise InvalidRequestObject(description=fault)
    return _flat(jwt.claims)


def _flat(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return the claims of a request object as parameters; structured ones as JSON, as they are sent otherwise."""
    plain = {"iss", "aud", "exp", "iat", "nbf", "jti"}
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in claims.items()
        if name not in plain
    }


def _ask(parameters: Mapping[str, str], client: ClientView) -> Ask | Refusal:
    return read_ask(
        parameters,
        scopes=tuple(name for name in client.scopes if name in SCOPE_CLAIMS),
        resources=client.resources,
        detail_types=client.detail_types,
        default_max_age=client.default_max_age,
    )


def _store(parameters: Mapping[str, str], client: ClientView, *, is_pushed: bool) -> str:
    handle, at = new_handle(), now()
    until = at + LIFETIMES.pushed_request
    kept = orjson.dumps(dict(parameters)).decode()
    with connection.cursor() as cursor:
        cursor.execute(_STORE, (digest_of(handle), client.id, kept, is_pushed, at, until))
    return handle


def request_take(parameters: Mapping[str, str]) -> str | SendBack:
    """Take a request that the browser brought in full; returns the handle under which it waits, or an error to send back.

    Raises RequestBroken for what no client may be told: an unknown client, a redirect URI that is not registered, a client
    that must push its requests.
    """
    known = client_read(parameters.get("client_id", ""))
    if known is None or not known.view.is_usable(today()) or CODE not in known.view.grant_types:
        raise RequestBroken(reason="client")
    if not known.view.is_plain:
        raise RequestBroken(reason="request must be pushed")
    if "request_uri" in parameters:
        raise RequestBroken(reason="request_uri")
    try:
        found = _parameters(parameters, known)
    except OAuth2Error as error:
        raise RequestBroken(reason=str(error.error)) from None
    redirect_uri = found.get("redirect_uri", "")
    if not EngineClient(known).check_redirect_uri(redirect_uri):
        raise RequestBroken(reason="redirect_uri")
    ask = _ask(found, known.view)
    if isinstance(ask, Refusal):
        return SendBack(redirect_uri, ask.error, ask.description, found.get("state", "")[:2000])
    return _store(found, known.view, is_pushed=False)


def request_open(client_id: str, request_uri: str) -> Opened:
    """Return a waiting request; a first visit must come within 90 seconds. Call `request_wait` when it is not answered at once.

    Raises RequestBroken when it is not this client's, RequestOver when it is decided or too old. One query.
    """
    handle = request_uri.removeprefix(URN)
    digest = digest_of(handle)
    is_ours = handle != request_uri and "\0" not in client_id
    found = waiting_request(digest, client_id=client_id) if is_ours else None
    client = client_at(client_id, version=found.version) if found else None
    if found is None or client is None or not client.is_usable(today()):
        raise RequestBroken(reason="request_uri")
    at = now()
    if found.decided_at is not None or found.expires_at <= at:
        raise RequestOver()
    ask = _ask(found.parameters, client)
    if isinstance(ask, Refusal):  # the client was changed since
        raise RequestBroken(reason=ask.error)
    if not EngineClient(Known(client, ())).check_redirect_uri(ask.redirect_uri):
        raise RequestBroken(reason="redirect_uri")
    return Opened(digest, found.opened_at or at, client, ask)


def request_wait(opened: Opened) -> None:
    """Give a request that cannot be answered at once half an hour from its first visit. One query, the first time."""
    rows = AuthorizationRequest.objects.filter(pk=opened.digest, opened_at__isnull=True)
    rows.update(opened_at=opened.at, expires_at=opened.at + LIFETIMES.sign_in)
