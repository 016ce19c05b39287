"""Two relays that pass everything on over mTLS and guarantee nothing: the floor that the gateways' cost is held against.

Their messages have as many headers as the gateways', and as long ones, with nothing in them.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pyreqwest.client import Client, ClientBuilder

from terpadu_gateway.clients import fetch
from terpadu_gateway.config import GatewayConfig
from terpadu_gateway.identities import load_secrets
from terpadu_gateway.listeners import make_server
from terpadu_gateway.messages import Exchange, Scope
from terpadu_wire.signing import REQUEST_HEADERS, RESPONSE_HEADERS
from tests.gateway.country import REGISTRY, SERVICE, SYSTEM_KEY

Handler = Callable[[Scope, Exchange], Coroutine[Any, Any, None]]
_LENGTHS = {
    "content-digest": 54,
    "fsc-authorization": 700,
    "fsc-transaction-id": 36,
    "signature": 270,
    "signature-input": 390,
    "terpadu-token-digest": 64,
}
"""Usual lengths of the long headers of an exchange; the others count as ten characters."""


def _filled(names: tuple[str, ...]) -> dict[str, str]:
    return {name: "x" * _LENGTHS.get(name, 10) for name in (*names, "signature-input", "signature")}


_ASKED = _filled((*REQUEST_HEADERS, "fsc-authorization")) | {"x-api-key": SYSTEM_KEY}
_ANSWERED = _filled(RESPONSE_HEADERS) | {"content-type": "application/json"}


async def relay(config: GatewayConfig) -> None:
    """Serve what a gateway's configuration says, without doing any of it; for ever."""
    secrets = load_secrets(config)
    identity = secrets.identities[config.peers[0].peer_id]
    servers = [make_server(_health, config.health.listen)] if config.health else []
    if config.outway is not None:
        pem = identity.key_pem + b"\n" + identity.certificate_pem
        client = _plain().add_root_certificate_pem(secrets.authority_pem).identity_pem(pem).build()
        provider = (config.data_dir.parent.parent / "inway.url").read_text()
        servers.append(
            make_server(_passing(client, provider, f"/{REGISTRY}/{SERVICE}"), config.outway.listen)
        )
    if config.inway is not None:
        peer = config.peers[0]
        tls = (peer.certificate, peer.key, config.authority)
        system = config.inway.services[0].base_url
        servers.append(make_server(_passing(_plain().build(), system, ""), config.inway.listen, tls=tls))
    await asyncio.gather(*(server.serve() for server in servers))


def _plain() -> ClientBuilder:
    return ClientBuilder().follow_redirects(False).no_proxy().http1_only()


def _passing(client: Client, url: str, prefix: str) -> Handler:
    async def handle(scope: Scope, exchange: Exchange) -> None:
        if scope.path == "/health":
            await _health(scope, exchange)
            return
        request = client.get(url + scope.path.removeprefix(prefix)).headers(_ASKED)
        status, _, body = await fetch(request)
        exchange.response_bytes(status, list(_ANSWERED.items()), body)

    return handle


async def _health(scope: Scope, exchange: Exchange) -> None:
    exchange.response_bytes(200, [], b'{"snapshot":{"version":1000000}}')
