"""A changed configuration file, taken while calls go on: new agencies, applications and systems; the rest at a start."""

import asyncio
from pathlib import Path

import structlog

from terpadu_gateway.clients import Clients
from terpadu_gateway.config import ConfigError, GatewayConfig, load_config
from terpadu_gateway.identities import Secrets, load_secrets
from terpadu_gateway.inway import Inway
from terpadu_gateway.outway import Outway

log = structlog.get_logger()
_LOOK_EVERY = 1.0


class ConfigKeeper:
    """Looks at the configuration file again and again, and lets both sides of the gateway know what is new.

    Args:
        path: the file that the gateway was started with.
        secrets: keys of the agencies; new ones are added.
        clients: HTTP clients; one is added for each new agency.
        inway: the provider side, if there is one.
        outway: the consumer side, if there is one.
    """

    def __init__(
        self, path: Path, *, secrets: Secrets, clients: Clients, inway: Inway | None, outway: Outway | None
    ) -> None:
        self._path = path
        self._secrets, self._clients = secrets, clients
        self._inway, self._outway = inway, outway
        self._mark = self._look()

    async def keep(self) -> None:
        """Take each new version of the file; a wrong one is told in the log and changes nothing."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            mark = self._look()
            if mark == self._mark:
                continue
            self._mark = mark
            try:
                self._take(load_config(self._path))
            except ConfigError as error:
                log.error("gateway.config_refused", reason=str(error))

    def _take(self, config: GatewayConfig) -> None:
        fresh = load_secrets(config).identities
        new = {peer_id: one for peer_id, one in fresh.items() if peer_id not in self._secrets.identities}
        for identity in new.values():
            self._clients.add_peer(identity, self._secrets)
        self._secrets.identities.update(new)
        if self._inway is not None and config.inway is not None:
            self._inway.take(config.inway)
        if self._outway is not None and config.outway is not None:
            self._outway.take(config.outway)
        log.info("gateway.config_taken", new_agencies=sorted(new))

    def _look(self) -> tuple[int, int]:
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0)
        return (stat.st_mtime_ns, stat.st_size)
