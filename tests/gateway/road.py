"""A whole toll road in one object: control plane, registry and two gateways, running."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from terpadu_wire.contracts import grant_hash
from terpadu_wire.properties import Properties
from tests.gateway.country import (
    APPLICATION_KEY,
    NIK,
    PURPOSE,
    REGISTRY,
    SERVICE,
    Country,
    make_country,
    standard_properties,
)
from tests.gateway.fakes import FakeControlPlane
from tests.gateway.processes import (
    Gateway,
    Program,
    agency_gateway,
    agency_outway,
    free_port,
    port_is_open,
    portal_gateway,
    portal_inway,
    registry_program,
    wait_until,
)


@dataclass
class Road:
    """Everything that runs; ``close`` ends all of it."""

    country: Country
    plane: FakeControlPlane
    registry: Program
    portal: Gateway
    agency: Gateway
    outway_url: str
    inway_url: str
    system_port: int
    agency_outway_url: str

    def start(self) -> None:
        """Start all programs and wait until both gateways act on the newest snapshot."""
        self.registry.start()
        wait_until(lambda: port_is_open(self.system_port))
        self.portal.start()
        self.agency.start()
        self.republish()

    def republish(self) -> None:
        """Publish the country as it is now and wait until both gateways act on it."""
        version = self.plane.publish()
        wait_until(lambda: self.portal.has_snapshot(version) and self.agency.has_snapshot(version))

    def set_clock(self, seconds: float) -> None:
        """Put everybody's clock off by so many seconds."""
        self.country.clock_offset = seconds
        (self.country.folder / "clock").write_text(str(seconds))

    def close(self) -> None:
        """End everything at once."""
        for program in (self.portal, self.agency, self.registry):
            program.kill()
        self.plane.close()

    @property
    def scope(self) -> str:
        """Grant hash of the contract."""
        content = self.country.content
        assert content is not None
        return grant_hash(content, next(content.connection_grants()))

    def call(
        self,
        nik: str = NIK,
        *,
        path: str = "/penduduk/cari",
        body: bytes | None = None,
        method: str = "POST",
        timeout: float = 30.0,
        **changes: str,
    ) -> httpx.Response:
        """Call the registry through both gateways as the portal's application."""
        headers = call_headers() | {name.replace("_", "-"): value for name, value in changes.items()}
        content = body if body is not None else b'{"nik": "%s"}' % nik.encode()
        url = f"{self.outway_url}/{REGISTRY}/{SERVICE}{path}"
        return httpx.request(method, url, headers=headers, content=content, timeout=timeout)


def call_headers() -> dict[str, str]:
    """Return the headers of an allowed call."""
    return {
        "authorization": f"Bearer {APPLICATION_KEY}",
        "terpadu-purpose": PURPOSE,
        "terpadu-evidence": "KIA-2026",
        "terpadu-on-behalf-of": "person:self",
        "content-type": "application/json",
    }


def make_road(folder: Path, *, limits: str = "") -> Road:
    """Return a toll road below a folder, not started."""
    country = make_country(folder)
    plane = FakeControlPlane(country)
    out_port, in_port, health_port, system_port, back_out, back_in = (free_port() for _ in range(6))
    country.inway_url = f"https://127.0.0.1:{in_port}"
    country.portal_inway_url = f"https://127.0.0.1:{back_in}"
    system_url = f"http://127.0.0.1:{system_port}"
    (folder / "inway.url").write_text(country.inway_url)
    plane.publish()
    return Road(
        country,
        plane,
        registry_program(country, port=system_port),
        portal_gateway(
            country,
            control_url=plane.url,
            port=out_port,
            limits=limits,
            inway=portal_inway(country, port=back_in, system_url=system_url),
        ),
        agency_gateway(
            country,
            control_url=plane.url,
            port=in_port,
            health_port=health_port,
            system_url=system_url,
            limits=limits,
            outway=agency_outway(port=back_out),
        ),
        f"http://127.0.0.1:{out_port}",
        country.inway_url,
        system_port,
        f"http://127.0.0.1:{back_out}",
    )


def now() -> int:
    """Return Unix seconds."""
    return int(time.time())


def agree(road: Road, **rules: object) -> Properties:
    """Let both gateways act on a contract with other rules."""
    properties = replace(standard_properties(), **rules)  # type: ignore[arg-type]
    road.country.agree(properties)
    road.republish()
    return properties


def through(url: str, nik: str = NIK, **headers: str) -> httpx.Response:
    """Call the registry through a gateway at an address."""
    return httpx.post(
        f"{url}/{REGISTRY}/{SERVICE}/penduduk/cari",
        headers=call_headers() | {name.replace("_", "-"): value for name, value in headers.items()},
        content=b'{"nik": "%s"}' % nik.encode(),
        timeout=30,
    )


def code_of(answer: httpx.Response) -> str:
    """Return the code of a refusal, "" of an answer."""
    return str(answer.json()["code"]) if answer.status_code >= 400 else ""


def refusal(answer: httpx.Response) -> httpx.Response | None:
    """Return an answer that is a refusal, None for any other; what waiting for one asks."""
    return answer if answer.status_code != 200 else None
