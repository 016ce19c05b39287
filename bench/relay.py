"""Two relays that pass everything on over mTLS and guarantee nothing: the floor that the gateways' cost is held against."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pyreqwest.client import Client, ClientBuilder

from terpadu_gateway.config import GatewayConfig
from terpadu_gateway.identities import load_secrets
from terpadu_gateway.listeners import make_server
from terpadu_gateway.messages import Exchange, Scope
from tests.gateway.country import REGISTRY, SERVICE, SYSTEM_KEY

Handler = Callable[[Scope, Exchange], Coroutine[Any, Any, None]]


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
        answer = (
            await client.get(url + scope.path.removeprefix(prefix))
            .header("x-api-key", SYSTEM_KEY)
            .build()
            .send()
        )
        body = bytes(await answer.bytes())
        exchange.response_bytes(answer.status, [("content-type", "application/json")], body)

    return handle


async def _health(scope: Scope, exchange: Exchange) -> None:
    exchange.response_bytes(200, [], b'{"snapshot":{"version":1000000}}')
