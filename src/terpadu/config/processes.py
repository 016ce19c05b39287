"""The list of programs that make up a running Terpadu, with their ports and how to tell that each answers."""

from __future__ import annotations

import os
import signal
import sys
import tomllib
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from terpadu.config import env, native, postgres
from terpadu.config.ports import Ports
from terpadu.config.supervisor import Program
from terpadu_wire.addresses import try_to_listen

LOOPBACK = "127.0.0.1"


def port_in_use(port: int) -> bool:
    """Tell whether some program listens on a port of this machine."""
    try:
        try_to_listen(LOOPBACK, port)
    except OSError:
        return True
    return False


def answers(port: int, path: str) -> bool:
    """Tell whether an HTTP server on this machine answers a GET with anything below 500."""
    connection = HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def database(data_dir: Path) -> Program:
    """Return the embedded PostgreSQL server."""
    return Program(
        name="postgres",
        command=postgres.server_command(data_dir),
        ready=lambda: postgres.is_ready(data_dir),
        stop_signal=signal.SIGINT,  # PostgreSQL's "fast" stop: ends sessions, loses nothing
        orphan_signal=signal.SIGINT,
        user=postgres.run_as(),
    )


def web(ports: Ports) -> Program:
    """Return the web server."""
    workers = env.WEB_WORKERS.read() or str(min(os.cpu_count() or 1, 4))
    command = [sys.executable, "-m", "terpadu.config.web", "--port", str(ports.web), "--workers", workers]
    return Program(name="web", command=command, ready=lambda: answers(ports.web, "/health"))


def workers() -> list[Program]:
    """Return two workers (outbox, timers): while one is at long work, or is started again, the other goes on."""
    command = [sys.executable, "-m", "terpadu.config.cli", "worker"]
    return [Program(name=name, command=command, ready=lambda: True) for name in ("worker", "worker-2")]


def gateways(data_dir: Path) -> list[Program]:
    """Return one gateway for each configuration that the exchange has provisioned, sorted by file name.

    They run from the native build when there is one of this source.
    """
    build = native.folder()
    environment = {"PYTHONPATH": str(build)} if build else {}
    paths = sorted((data_dir / "exchange" / "gateways").glob("*/gateway.toml"))
    return [_gateway(path, environment) for path in paths]


def _gateway(path: Path, environment: dict[str, str]) -> Program:
    config = tomllib.loads(path.read_text())
    section = config.get("outway") or config["inway"]
    port = int(section["listen"].rpartition(":")[2])
    ready = (lambda: answers(port, "/health")) if "outway" in config else (lambda: port_in_use(port))
    command = [sys.executable, "-m", "terpadu_gateway", "--config", str(path)]
    return Program(name=f"gateway-{config['name']}", command=command, ready=ready, environment=environment)


def doors(data_dir: Path) -> list[Program]:
    """Return one program of doors for each configuration that the exchange has provisioned, sorted by file name."""
    return [_doors(path) for path in sorted((data_dir / "exchange" / "doors").glob("*/doors.toml"))]


def _doors(path: Path) -> Program:
    config = tomllib.loads(path.read_text())
    port = int(config["listen"].rpartition(":")[2])
    command = [sys.executable, "-m", "terpadu_doors", "serve", "--config", str(path)]
    return Program(name=f"doors-{config['name']}", command=command, ready=lambda: answers(port, "/health"))


def demo_systems(data_dir: Path, ports: Ports) -> list[Program]:
    """Return the agencies' existing systems of the demo country."""
    path = {"PYTHONPATH": str(env.PROJECT_ROOT)}
    outway, keys = f"http://{LOOPBACK}:{ports.agencies_outway}", data_dir / "exchange" / "applications"
    notices = ["--notices", f"{outway}/events", "--notices-key", str(keys / "dukcapil.akta.key")]
    road = ["--bpjs-road", outway, "--bpjs-road-key", str(keys / "bpjs.kepesertaan.key")]
    existing = [
        _demo_system("dukcapil", ports.dukcapil, data_dir / "demo" / "dukcapil", path),
        _demo_system("akta", ports.akta, data_dir / "demo" / "akta", path, notices),
    ]
    witness = _witness(data_dir / "demo" / "witness" / "witness.toml", ports.witness)
    return [*existing, witness, _ministries(ports.ministries, data_dir / "demo", path, road)]


def _witness(config: Path, port: int) -> Program:
    command = [sys.executable, "-m", "terpadu_witness", "--config", str(config)]
    return Program(name="demo-witness", command=command, ready=lambda: answers(port, "/health"))


def _ministries(ports: dict[str, int], directory: Path, path: dict[str, str], further: list[str]) -> Program:
    command = [sys.executable, "-m", "demo.ministries", "--data", str(directory), *further]
    for name, port in ports.items():
        command += [f"--{name}", str(port)]
    return Program(
        name="demo-ministries",
        command=command,
        ready=lambda: all(port_in_use(port) for port in ports.values()),
        environment=path,
    )


def _demo_system(
    name: str, port: int, directory: Path, path: dict[str, str], further: Sequence[str] = ()
) -> Program:
    command = [sys.executable, "-m", f"demo.{name}", "--data", str(directory), "--port", str(port)]
    command += ["--faults", str(directory / "faults.json")]  # absent unless someone wants to see a fault
    command += further
    return Program(
        name=f"demo-{name}", command=command, ready=lambda: answers(port, "/openapi.json"), environment=path
    )
