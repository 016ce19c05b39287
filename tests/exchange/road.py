"""The whole toll road as real processes: two gateways and the demo agencies' systems, ended by their own id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import httpx

from terpadu.directory.demo import DUKCAPIL, KECAMATAN, PORTAL
from terpadu.exchange.demo import AGENCY_APPLICATIONS
from terpadu.exchange.demo.systems import HOST, PROVIDERS, SOAP_APPLICATION, XROAD_CODE
from terpadu.exchange.public import GatewayPlan, gateway_provision
from terpadu.exchange.services.calls import APPLICATION
from terpadu.kernel.actors import Actor
from tests.demo.ministries import NAMES as MINISTRIES
from tests.gateway.processes import Program, free_port, port_is_open, wait_until

BY = Actor.system("tests")
SYSTEMS = ("dukcapil", "akta")
EVENT_TAKERS = ("bpjs",)


@dataclass
class Ports:
    """Free ports for everything that listens."""

    outway: int
    inway: int
    health: int
    fsc: int
    witness: int
    doors: int
    dukcapil: int
    akta: int
    sekolah: int
    bansos: int
    kesehatan: int
    penerimaan: int
    kepegawaian: int
    bpjs: int
    portal_inway: int
    agencies_outway: int

    @classmethod
    def free(cls) -> Ports:
        """Return ports that are free now."""
        return cls(*(free_port() for _ in fields(cls)))

    def as_settings(self) -> dict[str, int]:
        """Return what `settings.DEMO_PORTS` holds."""
        return asdict(self)


class Road:
    """Everything that runs beside the control plane."""

    def __init__(
        self, folder: Path, *, ports: Ports, with_ministries: bool = False, with_events: bool = False
    ) -> None:
        self.folder = folder
        self.ports = ports
        self.portal = self._gateway("portal")
        self.agencies = self._gateway("agencies")
        self.systems = {name: self._system(name) for name in (() if with_ministries else SYSTEMS)}
        self.ministries = MINISTRIES if with_ministries else EVENT_TAKERS if with_events else ()
        self.others = [self._ministries()] if self.ministries else []
        self.others += [self._doors()] if with_ministries else []
        self._has_doors = with_ministries

    def start(self) -> None:
        """Start all of it and wait until every part answers."""
        for program in (*self.systems.values(), *self.others):
            program.start()
        for name in (
            *self.systems,
            *self.ministries,
            *(("doors",) if self._has_doors else ()),
        ):
            port = getattr(self.ports, name)
            wait_until(lambda port=port: port_is_open(port))
        self.portal.start()
        self.agencies.start()
        wait_until(lambda: self.is_ready(self.ports.outway) and self.is_ready(self.ports.health))

    def is_ready(self, port: int) -> bool:
        """Say whether the gateway with this health port can answer calls."""
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
        except httpx.TransportError:
            return False

    def snapshot_version(self, port: int) -> int:
        """Return the version of the snapshot that a gateway acts on."""
        version: int = httpx.get(f"http://127.0.0.1:{port}/health").json()["snapshot"]["version"]
        return version

    def fail(self, system: str, **faults: object) -> None:
        """Let a system fail on purpose, as demo.faults describes; without faults it is well again."""
        path = self.folder / f"{system}-faults.json"
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({"*": faults} if faults else {}))
        draft.replace(path)

    def close(self) -> None:
        """End everything."""
        for program in (self.portal, self.agencies, *self.systems.values(), *self.others):
            program.kill()

    @property
    def agencies_outway(self) -> str:
        """Address at which the agencies' own programs reach their gateway."""
        return f"http://127.0.0.1:{self.ports.agencies_outway}"

    def _key(self, name: str) -> str:
        return str(self.folder / "exchange" / "applications" / f"{name}.key")

    def _gateway(self, name: str) -> Program:
        config = self.folder / "exchange" / "gateways" / name / "gateway.toml"
        return Program(["-m", "terpadu_gateway", "--config", str(config)], log=self.folder / f"{name}.log")

    def _doors(self) -> Program:
        config = self.folder / "exchange" / "doors" / HOST / "doors.toml"
        return Program(
            ["-m", "terpadu_doors", "serve", "--config", str(config)], log=self.folder / "doors.log"
        )

    def _ministries(self) -> Program:
        arguments = ["-m", "demo.ministries", "--data", str(self.folder / "demo"), "--size", "200"]
        arguments += ["--bpjs-road", self.agencies_outway, "--bpjs-road-key", self._key("bpjs.kepesertaan")]
        for name in self.ministries:
            arguments += [f"--{name}", str(getattr(self.ports, name))]
        return Program(arguments, log=self.folder / "ministries.log")

    def _system(self, name: str) -> Program:
        data = self.folder / "demo" / name
        arguments = ["-m", f"demo.{name}", "--data", str(data), "--port", str(getattr(self.ports, name))]
        arguments += ["--size", "200", "--faults", str(self.folder / f"{name}-faults.json")]
        if name == "akta":
            notices = f"{self.agencies_outway}/events"
            arguments += ["--notices", notices, "--notices-key", self._key("dukcapil.akta")]
        return Program(arguments, log=self.folder / f"{name}.log")


@contextmanager
def running_road(
    folder: Path, *, ports: Ports, with_ministries: bool = False, with_events: bool = False
) -> Iterator[Road]:
    """Provision both gateways anew with short waits, run everything, and end it.

    with_ministries: also run the ministries' systems and the doors before them. with_events: also run those that take events.
    """
    quick = {"snapshot_poll_s": 0.1, "shipping_poll_s": 0.1}
    gateway_provision(
        GatewayPlan(
            name="portal",
            agencies=(PORTAL, KECAMATAN),
            outway_listen=f"127.0.0.1:{ports.outway}",
            applications=(
                (PORTAL, APPLICATION),
                (KECAMATAN, f"xroad-{XROAD_CODE}"),
                (KECAMATAN, SOAP_APPLICATION),
            ),
            inway_listen=f"127.0.0.1:{ports.portal_inway}",
            inway_url=f"https://127.0.0.1:{ports.portal_inway}",
            private_networks=("127.0.0.0/8",),
            **quick,
        ),
        by=BY,
    )
    gateway_provision(
        GatewayPlan(
            name="agencies",
            agencies=(DUKCAPIL, *PROVIDERS),
            outway_listen=f"127.0.0.1:{ports.agencies_outway}",
            applications=AGENCY_APPLICATIONS,
            inway_listen=f"127.0.0.1:{ports.inway}",
            inway_url=f"https://127.0.0.1:{ports.inway}",
            fsc_listen=f"127.0.0.1:{ports.fsc}",
            fsc_url=f"https://127.0.0.1:{ports.fsc}",
            private_networks=("127.0.0.0/8",),
            health_listen=f"127.0.0.1:{ports.health}",
            **quick,
        ),
        by=BY,
    )
    road = Road(folder, ports=ports, with_ministries=with_ministries, with_events=with_events)
    try:
        road.start()
        yield road
    finally:
        road.close()
