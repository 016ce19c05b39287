"""Calls of a foreign party to the managers that are hosted here, as a peer's own gateway hands them on."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import httpx
from django.http import HttpResponse
from django.test import Client

from terpadu.directory.public import agency_get
from tests.exchange.fsc_party import FscParty, Json, b64url
from tests.exchange.fsc_shapes import check_answer, check_request
from tests.exchange.signing import sign


def call(
    client: Client,
    party: FscParty,
    method: str,
    path: str,
    *,
    manager: str,
    body: bytes = b"",
    content_type: str = "application/json",
    vouching: str = "",
) -> HttpResponse:
    """Send a request of a party to a manager, vouched for by that manager's own peer, or by another."""
    url = f"/fsc/v1/{agency_get(manager).peer_id}/{path}"
    signed = sign(
        method,
        url,
        body,
        agency_code=vouching or manager,
        content_type=content_type if body else "",
        on_behalf_of=f"certificate:{party.x5t}",
    )
    signed.headers["client-cert"] = party.client_cert
    signed.headers["fsc-manager-address"] = party.address
    response = signed.send(client)
    _check(method, f"/{path.partition('?')[0]}", response)
    return response


def _check(method: str, path: str, response: HttpResponse) -> None:
    """Hold every answer that a party gets against the documents."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    value = json.loads(response.content) if kind.endswith("json") else None
    check_answer(method, path, response.status_code, kind, value)


def submit(
    client: Client, party: FscParty, content: Json, signature: str, *, manager: str, path: str = "contracts"
) -> HttpResponse:
    """Hand a contract or a signature to a manager."""
    body = json.dumps({"contract_content": content, "signature": signature}).encode()
    return call(client, party, "POST" if path == "contracts" else "PUT", path, manager=manager, body=body)


def ask_token(client: Client, party: FscParty, scope: str, *, manager: str, **form: str) -> HttpResponse:
    """Ask for an access token."""
    members = {"grant_type": "client_credentials", "scope": scope, "client_id": party.peer_id} | form
    body = urlencode({name: value for name, value in members.items() if value}).encode()
    return call(
        client,
        party,
        "POST",
        "token",
        manager=manager,
        body=body,
        content_type="application/x-www-form-urlencoded",
    )


def payload_of(token: str) -> Json:
    """Return what a token says, without checking it."""
    payload = token.split(".")[1]
    claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


class ForeignManager:
    """The managers of foreign parties, behind the HTTP client: keys are served, what is sent is kept."""

    def __init__(self, *parties: FscParty) -> None:
        self.parties = {party.address: party for party in parties}
        self.taken: list[tuple[str, str, Json]] = []
        self.status = 201

    def client(self, *_: object) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        base = f"{request.url.scheme}://{request.headers['host']}"  # the connection goes to the address that was checked
        if request.url.path == "/v1/.well-known/jwks.json":
            return httpx.Response(
                200, stream=httpx.ByteStream(json.dumps(self.parties[base].jwks()).encode())
            )
        value: Any = json.loads(request.content)
        check_request(request.method, request.url.path.removeprefix("/v1"), dict(request.headers), value)
        assert request.headers["fsc-manager-address"].startswith("http")
        if self.status < 300:
            self.taken.append((request.method, request.url.path, value))
        return httpx.Response(self.status, stream=httpx.ByteStream(b""))


__all__ = ["ForeignManager", "ask_token", "b64url", "call", "payload_of", "submit"]
