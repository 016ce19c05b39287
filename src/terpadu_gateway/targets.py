"""Where a gateway may call: public addresses, and the private networks that its operator names.

A system's address comes from whoever may describe an interface. It must not become a way to reach what stands beside
the gateway: cloud metadata, a database's port, another agency's internal pages. So the name is resolved here, every
address it has is checked, and the connection goes to a checked address, not to what the name says a moment later.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import structlog
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError

from terpadu_gateway.messages import Refusal
from terpadu_wire.addresses import Network, may_be_called

log = structlog.get_logger()
_KEEP = 30.0
"""Seconds for which a name's addresses are believed."""
_RETIRE = 60.0
"""Seconds after which a client with the addresses before is closed; no call takes longer."""


class Target:
    """The address of one system, and the client whose connections only go to checked addresses of it.

    Args:
        url: base URL, or token endpoint, of the system.
        builder: makes the settings of a client; called anew whenever the addresses change.
        allowed: private networks that the operator names.
        clock: gives seconds that only grow.
    """

    def __init__(
        self,
        url: str,
        *,
        builder: Callable[[], ClientBuilder],
        allowed: Sequence[Network],
        clock: Callable[[], float],
    ) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._builder = builder
        self._allowed = allowed
        self._clock = clock
        self._address = ""
        self._believed_until = 0.0
        self._client: Client | None = None
        self.url = url

    async def client(self) -> Client:
        """Return the client to call it with.

        Raises:
            Refusal: ``system.target_refused``, an address that may not be called; ``system.unreachable``, no address;
                ``system.not_set_up``, certificates that cannot be used, or none on this machine.
        """
        client = self._client
        if client is not None and self._clock() < self._believed_until:
            return client
        return self._client_to(await self._resolve())

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    def retire(self) -> None:
        """Close the connections later, when no call uses them any more."""
        if self._client is not None:
            asyncio.get_running_loop().call_later(_RETIRE, _close_later, self._client)

    async def _resolve(self) -> str:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise Refusal("system.unreachable", "the system's name has no address", retry_after=5) from error
        addresses = [str(entry[4][0]) for entry in found]
        if not all(may_be_called(one, allowed=self._allowed) for one in addresses):
            log.error("system.target_refused", host=self._host)
            raise Refusal(
                "system.target_refused", "the gateway's operator does not allow this private address"
            )
        return self._address if self._address in addresses else addresses[0]

    def _client_to(self, address: str) -> Client:
        self._believed_until = self._clock() + _KEEP
        if self._client is not None and address == self._address:
            return self._client
        try:
            builder = self._builder()
            if self._host != address:
                builder = builder.resolve(self._host, address, self._port)
            client = builder.build()
        except BuilderError as error:
            self._believed_until = 0.0
            log.error("system.not_set_up", host=self._host, reason=str(error))
            raise Refusal("system.not_set_up", "the gateway lacks certificates that it needs") from error
        if self._client is not None:
            asyncio.get_running_loop().call_later(_RETIRE, _close_later, self._client)
        self._address, self._client = address, client
        return client


_closing: set[asyncio.Task[None]] = set()


def _close_later(client: Client) -> None:
    task = asyncio.get_running_loop().create_task(client.close())
    _closing.add(task)
    task.add_done_callback(_closing.discard)
