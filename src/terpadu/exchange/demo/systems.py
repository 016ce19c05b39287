"""The ministries' existing systems: each connected through the door that its kind needs.

What `terpadu connect` finds in them was written down once (`tools/interfaces.py`), so that the demo country is there
before they run; a test holds it against the running systems.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

import orjson
from django.conf import settings

from demo.kepegawaian.papers import papers
from terpadu.directory.demo import (
    BKN,
    BPJS,
    DIKDASMEN,
    KECAMATAN,
    KELURAHAN,
    KEMENKES,
    KEMENKEU,
    KEMENSOS,
    POLRI,
    PORTAL,
)
from terpadu.directory.public import private_file_write
from terpadu.exchange.demo.events import publish_insurer
from terpadu.exchange.services.doors import (
    DoorHostPlan,
    door_host_ensure,
    door_open,
    doors_provision,
    xroad_client_ensure,
)
from terpadu.exchange.services.peers import SignIn, interface_connect, interface_publish
from terpadu.kernel.actors import Actor

PUPILS, HEALTH, LICENCES, BILLING = "peserta-didik", "satusehat", "sim", "penerimaan"
EMPLOYEES, SOCIAL_AID, LETTERS = "pegawai", "dtsen", "surat"
PROVIDERS = (DIKDASMEN, POLRI, KEMENSOS, KEMENKES, KEMENKEU, BKN, BPJS, KELURAHAN)
HOST = "pintu"
XROAD_CODE = "pelayanan"
SOAP_APPLICATION = "padanan"
"""The kecamatan's program that speaks SOAP to the social-aid registry, and goes on doing so."""
LOOPBACK = "127.0.0.0/8"
BY = Actor.system("demo")


def connect_systems() -> None:
    """Publish and connect every ministry's system; what is there already stays, addresses are renewed."""
    ports = settings.DEMO_PORTS
    outway = f"http://127.0.0.1:{ports['outway']}"
    door_host_ensure(
        DoorHostPlan(HOST, f"127.0.0.1:{ports['doors']}", networks=(LOOPBACK,), outway_url=outway), by=BY
    )
    _rest(DIKDASMEN, PUPILS, "sekolah", header="X-Kunci-Aplikasi", credential=_secret("sekolah", "api_key"))
    _rest(KEMENKEU, BILLING, "penerimaan", sign_in=_billing_client())
    _rest(BKN, EMPLOYEES, "kepegawaian", sign_in=_employees_certificate(), scheme="https")
    publish_insurer(_secret("bpjs", "api_key"))
    _social_aid()
    _health()
    _licences()
    _letters()


def open_xroad() -> None:
    """Let the kecamatan's old program call out as X-Road does; its contract must be there."""
    xroad_client_ensure(KECAMATAN, code=XROAD_CODE, host=HOST, by=BY)
    doors_provision(HOST)


def _rest(
    agency_code: str,
    name: str,
    system: str,
    *,
    header: str = "",
    credential: Path | None = None,
    sign_in: SignIn | None = None,
    scheme: str = "http",
) -> None:
    openapi = (_folder(system) / "interface.json").read_bytes()
    interface_publish(agency_code, name=name, openapi=openapi, directory_code=PORTAL, by=BY)
    interface_connect(
        f"{agency_code}/{name}",
        base_url=f"{scheme}://127.0.0.1:{settings.DEMO_PORTS[system]}",
        header_name=header,
        credential_path=credential,
        sign_in=sign_in,
        by=BY,
    )


def _billing_client() -> SignIn:
    return SignIn(
        token_url=f"http://127.0.0.1:{settings.DEMO_PORTS['penerimaan']}/oauth/token",
        client_id="terpadu",
        client_secret_file=str(_secret("penerimaan", "client_secret")),
    )


def _employees_certificate() -> SignIn:
    own = papers(_data("kepegawaian"))
    return SignIn(
        auth="mtls",
        client_certificate=str(own / "caller.pem"),
        client_key=str(own / "caller.key"),
        authority=str(own / "ca.pem"),
    )


def _social_aid() -> None:
    members = {
        "wsdl_file": str(_folder("bansos") / "wsdl.json"),
        "address_url": f"http://127.0.0.1:{settings.DEMO_PORTS['bansos']}/SiksWs/DtsenService",
        "wsse_file": str(_secret("bansos", "login", user="terpadu")),
    }
    _door(KEMENSOS, SOCIAL_AID, "bansos", members)


def _health() -> None:
    address = f"http://127.0.0.1:{settings.DEMO_PORTS['kesehatan']}"
    members = {
        "base_url": f"{address}/fhir-r4/v1",
        "token_url": f"{address}/oauth2/v1/accesstoken",
        "client_file": str(_secret("kesehatan", "client", user="terpadu")),
    }
    _door(KEMENKES, HEALTH, "kesehatan", members)


def _licences() -> None:
    url = _data("sim") / "url"
    private_file_write(url, f"sqlite:///{_data('sim') / 'SIMDB.sqlite3'}".encode())
    _door(POLRI, LICENCES, "sim", {"url_file": str(url)})


def _letters() -> None:
    _door(KELURAHAN, LETTERS, "kelurahan", {"file": str(_data("kelurahan") / "Register Surat 2026.csv")})


def _door(agency_code: str, name: str, system: str, members: Mapping[str, object]) -> None:
    found = orjson.loads((_folder(system) / "door.json").read_bytes())
    door_open(
        agency_code,
        name=name,
        kind=found.pop("kind"),
        settings_={**found, **members},
        openapi=(_folder(system) / "interface.json").read_bytes(),
        host=HOST,
        directory_code=PORTAL,
        by=BY,
    )


def _folder(system: str) -> Path:
    path: Path = settings.PROJECT_ROOT / "demo" / system
    return path


def _data(system: str) -> Path:
    path: Path = settings.DATA_DIR / "demo" / system
    return path


def _secret(system: str, name: str, *, user: str = "") -> Path:
    """Return the file of the secret that a system and its caller share; whoever starts first makes it."""
    path = _data(system) / name
    if not path.exists():
        secret = secrets.token_urlsafe(24)
        private_file_write(path, (f"{user}:{secret}" if user else secret).encode())
    return path
