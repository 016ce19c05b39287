"""The toll road of the demo country: peers, interfaces of real (made-up) systems, contracts, two gateways."""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from terpadu.directory.demo import AGENCIES, BPJS, DUKCAPIL, KECAMATAN, POLRI, PORTAL, PUPR
from terpadu.directory.public import private_file_write
from terpadu.exchange.demo.consents import ask_for_consent
from terpadu.exchange.demo.contracts import (
    ADVERTISING_PERMIT,
    BIRTH_RECORDS,
    POPULATION,
    RIGHTS,
    contract_contents,
    waiting_content,
)
from terpadu.exchange.demo.events import (
    agree_on_event_purposes,
    event_contracts,
    publish_event_interfaces,
)
from terpadu.exchange.demo.inquiries import INQUIRIES
from terpadu.exchange.demo.purposes import one_waits, purpose_ensure
from terpadu.exchange.demo.reads import READS
from terpadu.exchange.demo.systems import (
    PROVIDERS,
    SOAP_APPLICATION,
    XROAD_CODE,
    connect_systems,
    open_xroad,
)
from terpadu.exchange.demo.witness import seed_witness
from terpadu.exchange.errors import GatewayUnknown
from terpadu.exchange.models import Grant
from terpadu.exchange.public import (
    GatewayPlan,
    contract_accept,
    contract_conclude,
    contract_list,
    contract_propose,
    gateway_provision,
    interface_connect,
    interface_publish,
    one_snapshot,
    peer_join,
)
from terpadu.exchange.services.calls import APPLICATION
from terpadu.exchange.services.gateways import gateway_plan
from terpadu.kernel.actors import Actor
from terpadu_wire.canonical import canonical_bytes
from terpadu_wire.contracts import ContractContent, content_to_json

BY = Actor.system("demo")
PORTAL_GATEWAY = "portal"
AGENCIES_GATEWAY = "agencies"
AGENCY_APPLICATIONS = ((DUKCAPIL, "akta"), (BPJS, "kepesertaan"), (POLRI, "penyidikan"))
"""Programs of agencies that tell of events, or read of others: (agency, name)."""


def seed() -> None:
    """Set the toll road of the demo country up; what is there already stays, addresses and files are renewed."""
    with one_snapshot():
        for agency in AGENCIES:
            peer_join(agency.code, by=BY)
        _publish(DUKCAPIL, POPULATION, system="dukcapil")
        _publish(DUKCAPIL, BIRTH_RECORDS, system="akta")
        _connect(DUKCAPIL, POPULATION, system="dukcapil", header_name="X-API-Key", credential=_api_key())
        _connect(DUKCAPIL, BIRTH_RECORDS, system="akta", header_name="Authorization", credential=_basic())
        connect_systems()
        publish_event_interfaces()
        _agree_on_purposes()
        agree_on_event_purposes()
        _conclude()
        open_xroad()
        one_waits(by=BY)
        _let_one_contract_wait()
        _provision()
    ask_for_consent(by=BY)
    seed_witness()


def _publish(agency_code: str, name: str, *, system: str) -> None:
    interface_publish(agency_code, name=name, openapi=_openapi(system), directory_code=PORTAL, by=BY)


def _openapi(system: str) -> bytes:
    """Return the OpenAPI document that a demo agency's system came with."""
    path: Path = settings.PROJECT_ROOT / "demo" / system / "openapi.json"
    return path.read_bytes()


def _connect(agency_code: str, name: str, *, system: str, header_name: str, credential: Path) -> None:
    interface_connect(
        f"{agency_code}/{name}",
        base_url=f"http://127.0.0.1:{settings.DEMO_PORTS[system]}",
        header_name=header_name,
        credential_path=credential,
        by=BY,
    )


def _api_key() -> Path:
    return _credential("dukcapil", "api_key", secrets.token_urlsafe(24))


def _basic() -> Path:
    login = f"terpadu:{secrets.token_urlsafe(24)}"
    return _credential("akta", "authorization", f"Basic {b64encode(login.encode()).decode()}")


def _credential(system: str, name: str, fresh: str) -> Path:
    """Return the file of the secret that a system and its gateway share; whoever starts first makes it."""
    path: Path = settings.DATA_DIR / "demo" / system / name
    if not path.exists():
        private_file_write(path, fresh.encode())
    return path


def _agree_on_purposes() -> None:
    """Make the purposes that contracts stand on; one purpose may open several interfaces."""
    for agency_code, rights in (*RIGHTS, *READS, *INQUIRIES):
        for purpose in {right.purpose.code: right.purpose for right in rights}.values():
            own = [right for right in rights if right.purpose == purpose]
            items = [text.id for right in own for text in right.data_items.values()]
            purpose_ensure(
                agency_code,
                tuple(dict.fromkeys(right.service for right in own)),
                purpose,
                data_items=tuple(dict.fromkeys(items)),
                by_consent=any(right.needs_consent for right in own),
                provider=own[0].provider,
                disclosure=own[0].disclosure,
                by=BY,
            )


def _conclude() -> None:
    """Conclude the contracts that are not there yet; one is known by what it grants."""
    known = {_gist(view.content) for view in contract_list() if view.state == "valid"}
    for content in (*contract_contents((*READS, *INQUIRIES)), *event_contracts()):
        if _gist(content) not in known:
            contract_conclude(content, by=BY)


def _let_one_contract_wait() -> None:
    """Propose an agreement that the provider has not signed yet, so that its officers have something to decide."""
    content = waiting_content()
    if Grant.objects.filter(purpose=ADVERTISING_PERMIT.code).exists():
        return
    view = contract_propose(content, by=BY)
    for agency_code in (PORTAL, PUPR):
        contract_accept(view.content_hash, agency_code=agency_code, by=BY)


def _gist(content: ContractContent) -> bytes:
    return canonical_bytes(content_to_json(content)["grants"])


def _provision() -> None:
    ports = settings.DEMO_PORTS
    _renew(
        GatewayPlan(
            name=PORTAL_GATEWAY,
            agencies=(PORTAL, KECAMATAN),
            outway_listen=f"127.0.0.1:{ports['outway']}",
            applications=(
                (PORTAL, APPLICATION),
                (KECAMATAN, f"xroad-{XROAD_CODE}"),
                (KECAMATAN, SOAP_APPLICATION),
            ),
            inway_listen=f"127.0.0.1:{ports['portal_inway']}",
            inway_url=f"https://127.0.0.1:{ports['portal_inway']}",
            private_networks=("127.0.0.0/8",),
        )
    )
    _renew(
        GatewayPlan(
            name=AGENCIES_GATEWAY,
            agencies=(DUKCAPIL, *PROVIDERS),
            outway_listen=f"127.0.0.1:{ports['agencies_outway']}",
            applications=AGENCY_APPLICATIONS,
            inway_listen=f"127.0.0.1:{ports['inway']}",
            inway_url=f"https://127.0.0.1:{ports['inway']}",
            fsc_listen=f"127.0.0.1:{ports['fsc']}",
            fsc_url=f"https://127.0.0.1:{ports['fsc']}",
            private_networks=("127.0.0.0/8",),
        )
    )


def _renew(plan: GatewayPlan) -> None:
    """Provision a gateway of the demo country; agencies and applications that joined it meanwhile stay."""
    try:
        before = gateway_plan(plan.name)
    except GatewayUnknown:
        before = plan
    agencies = dict.fromkeys([*plan.agencies, *before.agencies])
    applications = dict.fromkeys([*plan.applications, *((code, name) for code, name in before.applications)])
    gateway_provision(replace(plan, agencies=tuple(agencies), applications=tuple(applications)), by=BY)
