"""Real NATS servers with JetStream for tests and the benchmark: one, or a cluster; ended by their own id."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.gateway.processes import free_port, port_is_open, wait_until


class NatsServer:
    """One server. name: in its cluster. routes: ports by which it finds the others, "" for a server alone."""

    def __init__(self, folder: Path, *, name: str, route: int = 0, routes: tuple[int, ...] = ()) -> None:
        self.name = name
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        lines = [
            f'server_name: "{name}"',
            f'listen: "127.0.0.1:{self.port}"',
            f'jetstream {{ store_dir: "{folder / name}", max_file_store: 256MB, max_memory_store: 64MB }}',
        ]
        if routes:
            peers = ", ".join(f'"nats://127.0.0.1:{port}"' for port in routes)
            lines.append(f'cluster {{ name: "events", listen: "127.0.0.1:{route}", routes: [{peers}] }}')
        self._config = folder / f"{name}.conf"
        self._config.write_text("\n".join(lines))
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        program = shutil.which("nats-server") or str(Path(sys.executable).parent / "nats-server")
        with self._log.open("ab") as out:
            self._process = subprocess.Popen([program, "-c", str(self._config)], stdout=out, stderr=out)
        wait_until(lambda: port_is_open(self.port))

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(60)


@contextmanager
def nats_servers(folder: Path, *, count: int = 1) -> Iterator[list[NatsServer]]:
    """Run one server, or a cluster of several."""
    routes = tuple(free_port() for _ in range(count))
    servers = [
        NatsServer(folder, name=f"n{number}", route=route, routes=routes if count > 1 else ())
        for number, route in enumerate(routes)
    ]
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.kill()
