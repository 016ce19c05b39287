"""Real processes for tests and benchmarks: gateways and the registry, started on free ports and ended by their id."""

import hashlib
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import httpx

from tests.gateway.country import APPLICATION_KEY, PORTAL, REGISTRY, RESULTS, SERVICE, SYSTEM_KEY, Country

ROOT = Path(__file__).parents[2]
HURRY = "snapshot_poll_seconds = 0.1\nshipping_poll_seconds = 0.1\nlease_renew_seconds = 0.2"
"""Settings of every gateway here: it asks the control plane so often that no test waits for it."""
BUILD = ROOT / os.environ.get("TERPADU_TEST_BUILD", "src")
"""Where the programs here are taken from: the source, unless a native build is to be tested."""
assert (BUILD / "terpadu_gateway").is_dir(), "no build lies where TERPADU_TEST_BUILD says"
T = TypeVar("T")


def free_port() -> int:
    """Return a port that is free and stays so until its program takes it. Raises LookupError when there is none.

    Other workers and other runs have other ports, and the system gives those above 32,767 alone to outgoing connections.
    """
    for _ in range(len(_PORTS)):
        port = _PORTS[0]
        _PORTS.rotate(-1)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise LookupError("no free ports")


def _ports_of_this_process() -> deque[int]:
    """Return ports that no other process of tests has, in an order of its own. Raises LookupError when none are left."""
    for first in range(10_000, 20_000, 500):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0terpadu-test-ports-{first}")
        except OSError:
            claim.close()
        else:
            claim.detach()  # kept open until this process ends
            return deque(random.sample(range(first, first + 500), 500))
    raise LookupError("no free ports")


_PORTS = _ports_of_this_process()


def wait_until(condition: Callable[[], T | None], *, seconds: float = 60.0) -> T:
    """Return the first true value of a condition.

    Raises:
        AssertionError: there was none in time.
    """
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "the condition did not come true in time"
        pause.wait(0.01)


class Program:
    """One process with its log file."""

    def __init__(self, arguments: list[str], *, log: Path) -> None:
        self._arguments = [sys.executable, *arguments]
        self.log_file = log
        self._build = BUILD
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        paths = os.pathsep.join([str(self._build), str(ROOT / "src"), str(ROOT)])
        with self.log_file.open("ab") as out:
            environment = os.environ | {"PYTHONPATH": paths}
            self._process = subprocess.Popen(self._arguments, stderr=out, stdout=out, env=environment)

    def run_as(self, arguments: list[str], *, build: Path = BUILD) -> None:
        """Let the interpreter run something else, taken from another build, from the next start on."""
        self._arguments = [sys.executable, *arguments]
        self._build = build

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return its exit code, None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def terminate(self, *, seconds: float = 60.0) -> int:
        """Ask it to end and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._wait(seconds)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._wait(60)

    def log(self) -> str:
        """Return what it wrote so far."""
        return self.log_file.read_text()

    def _wait(self, seconds: float) -> int:
        assert self._process is not None
        return self._process.wait(seconds)


class Gateway(Program):
    """A gateway process with its configuration file and data folder."""

    def __init__(
        self, name: str, country: Country, *, control_url: str, sections: str, health_port: int
    ) -> None:
        self.folder = country.folder / name
        self.folder.mkdir()
        self.config = self.folder / "gateway.toml"
        self.segments = self.folder / "data" / "segments"
        self.health_url = f"http://127.0.0.1:{health_port}/health"
        files = country.folder
        self.config.write_text(
            f'name = "{name}"\ndata_dir = "{self.folder / "data"}"\ncontrol_url = "{control_url}"\n'
            f'group_key = "{files / "group.pub.pem"}"\nauthority = "{country.authority.file}"\n'
            f'subject_key = "{files / "subject.key"}"\n{sections}'
        )
        self.clock_file = country.folder / "clock"
        super().__init__(
            ["-m", "tests.gateway.clocked", str(self.clock_file), "--config", str(self.config)],
            log=self.folder / "log.jsonl",
        )

    def use_clock(self, file: Path) -> None:
        """Let this gateway alone follow another clock file from its next start on."""
        self._arguments[3] = str(file)

    def start(self) -> None:
        """Start it and wait until it answers."""
        super().start()
        wait_until(self.answers)

    def answers(self) -> bool:
        """Say whether its health page answers; fail when it has ended instead."""
        assert self.exit_code() is None, self.log()
        try:
            httpx.get(self.health_url)
        except httpx.TransportError:
            return False
        return True

    def health(self) -> dict[str, dict[str, object]]:
        """Return its health."""
        value: dict[str, dict[str, object]] = httpx.get(self.health_url).json()
        return value

    def has_snapshot(self, version: int) -> bool:
        """Say whether it acts on a version of the snapshot or a later one."""
        seen = self.health()["snapshot"]["version"]
        return isinstance(seen, int) and seen >= version


def portal_gateway(
    country: Country,
    *,
    control_url: str,
    port: int,
    limits: str = "",
    name: str = "portal-side",
    inway: str = "",
) -> Gateway:
    """Return a gateway of the consumer side, not started. inway: TOML of its inway, "" for none."""
    peer = country.portal
    sections = f"""
{_limits(limits)}
[outway]
listen = "127.0.0.1:{port}"
[[outway.applications]]
name = "portal"
key_sha256 = "{_sha256(APPLICATION_KEY)}"
peer_id = "{PORTAL}"
{inway}
[[peers]]
peer_id = "{peer.peer_id}"
key = "{peer.key_file}"
certificate = "{peer.certificate_file}"
"""
    return Gateway(name, country, control_url=control_url, sections=sections, health_port=port)


def agency_gateway(
    country: Country,
    *,
    control_url: str,
    port: int,
    health_port: int,
    system_url: str,
    limits: str = "",
    outway: str = "",
) -> Gateway:
    """Return the provider side's gateway, not started. outway: TOML of its outway, "" for none."""
    peer = country.registry
    sections = f"""
{_limits(limits)}
[health]
listen = "127.0.0.1:{health_port}"
[inway]
listen = "127.0.0.1:{port}"
private_networks = ["127.0.0.0/8"]
[[inway.services]]
peer_id = "{REGISTRY}"
name = "{SERVICE}"
base_url = "{system_url}"
header_value_file = "{country.folder / "system.key"}"
{outway}
[[peers]]
peer_id = "{peer.peer_id}"
key = "{peer.key_file}"
certificate = "{peer.certificate_file}"
"""
    return Gateway(
        "agency-side", country, control_url=control_url, sections=sections, health_port=health_port
    )


def portal_inway(country: Country, *, port: int, system_url: str) -> str:
    """Return the TOML of an inway at which the portal takes results that come later."""
    return f"""
[inway]
listen = "127.0.0.1:{port}"
private_networks = ["127.0.0.0/8"]
[[inway.services]]
peer_id = "{PORTAL}"
name = "{RESULTS}"
base_url = "{system_url}"
header_value_file = "{country.folder / "system.key"}"
"""


def agency_outway(*, port: int) -> str:
    """Return the TOML of an outway for the registry's own application."""
    return f"""
[outway]
listen = "127.0.0.1:{port}"
[[outway.applications]]
name = "registry"
key_sha256 = "{_sha256(APPLICATION_KEY)}"
peer_id = "{REGISTRY}"
"""


def registry_program(country: Country, *, port: int) -> Program:
    """Return the registry's program, not started."""
    arguments = [str(ROOT / "tests/gateway/registry.py"), str(port), SYSTEM_KEY, str(country.folder)]
    return Program(arguments, log=country.folder / "registry.log")


def port_is_open(port: int) -> bool:
    """Say whether something listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _limits(limits: str) -> str:
    return f"[limits]\n{HURRY}\n{limits}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
