"""Doors: what each program of doors must know, written to a file that it reads again whenever it changes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from terpadu.directory.public import private_file_write
from terpadu.exchange.errors import DoorInvalid, SystemUndescribed
from terpadu.exchange.models import Contract, Door, DoorHost, Grant, Interface, XroadSubsystem
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.rules.toml import toml_lines
from terpadu.exchange.selectors.places import application_key_path, door_file, doors_dir
from terpadu.exchange.selectors.registry import InterfaceView, interface_row, peer_row
from terpadu.exchange.services.gateways import application_ensure
from terpadu.exchange.services.peers import interface_connect, interface_publish
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now

KEY_HEADER = "X-Door-Key"
KINDS = frozenset({"database", "table", "soap", "fhir", "xroad-service"})
_KEY_BYTES = 32
_XROAD_CODE = re.compile(r"[A-Za-z0-9'()+,.=?_-]{1,50}")
"""What X-Road allows in an identifier (PR-REST 4.8), without which the doors would refuse their whole configuration."""


@dataclass(frozen=True)
class DoorHostPlan:
    """A program that runs doors.

    listen: its loopback address. networks: private networks that its doors may call. outway_url: gateway that its X-Road
    clients call through, "" for none. xroad_instance: first part of X-Road ids.
    """

    name: str
    listen: str
    networks: Sequence[str] = ()
    outway_url: str = ""
    xroad_instance: str = "ID"


@transaction.atomic
def door_host_ensure(plan: DoorHostPlan, *, by: Actor) -> Path:
    """Add or change a program of doors; return its TOML file."""
    members = {name: value for name, value in asdict(plan).items() if name != "name"}
    DoorHost.objects.update_or_create(name=plan.name, defaults=members | {"networks": list(plan.networks)})
    audit.record("exchange.door_host_set", by=by, about_kind="door_host", about_id=plan.name)
    return doors_provision(plan.name)


@transaction.atomic
def door_open(
    agency_code: str,
    *,
    name: str,
    kind: str,
    settings_: dict[str, object],
    openapi: bytes,
    host: str,
    directory_code: str,
    by: Actor,
) -> InterfaceView:
    """Publish an interface whose system stands behind a door, and let the door stand.

    settings_: the door's configuration without name, peer and key. openapi: the document that the door keeps.
    host: program of doors that runs it. Takes effect when `doors_provision` and the gateway's provisioning have run.
    Raises InterfaceInvalid, PeerUnknown, NotAllowed, DoorInvalid.
    """
    check_acts_for(agency_code, by=by)
    if kind not in KINDS:
        raise DoorInvalid(reason="door.kind")
    row = DoorHost.objects.filter(name=host).first()
    if row is None:
        raise DoorInvalid(reason="door.host_unknown")
    view = interface_publish(agency_code, name=name, openapi=openapi, directory_code=directory_code, by=by)
    key = door_key_path(agency_code, name)
    address = f"http://{row.listen}/{view.peer_id}.{name}"
    interface_connect(view.service, base_url=address, header_name=KEY_HEADER, credential_path=key, by=by)
    defaults = {"host": row, "kind": kind, "settings": settings_}
    Door.objects.update_or_create(interface=interface_row(view.service), defaults=defaults)
    facts = {"agency": agency_code, "name": name, "kind": kind}
    audit.record("exchange.door_opened", by=by, about_kind="interface", about_id=view.service, facts=facts)
    return view


def door_key_path(agency_code: str, name: str) -> Path:
    """Return the file of the key that a gateway shows to a door, making it at first use."""
    path = door_file(agency_code, name, "key")
    if not path.exists():
        private_file_write(path, secrets.token_urlsafe(_KEY_BYTES).encode())
    return path


@transaction.atomic
def xroad_client_ensure(agency_code: str, *, code: str, host: str, by: Actor) -> XroadSubsystem:
    """Let a program made for X-Road call out for an agency, under the subsystem `code`; return its row.

    Its own key, and that of its application at the gateway, are files. Raises PeerUnknown, NotAllowed, DoorInvalid,
    SystemUndescribed.
    """
    check_acts_for(agency_code, by=by)
    if _XROAD_CODE.fullmatch(code) is None:
        allowed = "X-Road takes 1 to 50 letters, digits and '()+,-.=?_ in a subsystem code."
        raise SystemUndescribed(reason="door.subsystem", detail=allowed)
    row = DoorHost.objects.filter(name=host).exclude(outway_url="").first()
    if row is None:
        raise DoorInvalid(reason="door.host_without_outway")
    peer = peer_row(agency_code)
    application = application_ensure(agency_code, name=f"xroad-{code}")
    local = xroad_local_key_path(agency_code, code)
    if not local.exists():
        private_file_write(local, secrets.token_urlsafe(_KEY_BYTES).encode())
    defaults = {"host": row, "application": application.name}
    found, _ = XroadSubsystem.objects.update_or_create(peer=peer, code=code, defaults=defaults)
    facts = {"agency": agency_code, "code": code}
    audit.record(
        "exchange.xroad_client_set", by=by, about_kind="agency", about_id=peer.agency_id, facts=facts
    )
    return found


def xroad_providers(row: XroadSubsystem) -> list[str]:
    """Return the ids of the members that an X-Road client may call, as X-Road writes them. Two queries."""
    head = f"{row.host.xroad_instance}/{row.member_class}"
    routes = _routes(row.host, row, f"{head}/{row.peer.agency.peer_id}/{row.code}")
    return sorted({f"{head}/{route['provider']}/layanan" for route in routes})


def xroad_local_key_path(agency_code: str, code: str) -> Path:
    """Return the file of the key by which an X-Road client shows the facade who it is."""
    return Path(settings.EXCHANGE_DIR) / "applications" / f"{agency_code}.xroad-{code}.local.key"


def doors_provision(host: str) -> Path:
    """Write the configuration of a program of doors; return its TOML file. A running one takes it within seconds.

    Raises DoorInvalid.
    """
    row = DoorHost.objects.filter(name=host).first()
    if row is None:
        raise DoorInvalid(reason="door.host_unknown")
    head: dict[str, object] = {
        "name": row.name,
        "listen": row.listen,
        "data_dir": doors_dir(host) / "data",
        "allow_targets": row.networks,
    }
    lines = toml_lines(head)
    if row.outway_url:
        lines += ["", "[xroad]", *toml_lines(_facade(row))]
    doors = Door.objects.filter(host=row).select_related("interface__peer__agency")
    for door in doors.order_by("interface__peer__agency__peer_id", "interface__name"):
        lines += ["", "[[doors]]", *toml_lines(_door(door))]
    path = doors_dir(host) / "doors.toml"
    (doors_dir(host) / "data").mkdir(parents=True, exist_ok=True, mode=0o700)
    private_file_write(path, "\n".join([*lines, ""]).encode())
    return path


def doors_of_peer_provision(peer_ids: Sequence[str]) -> None:
    """Write the programs of doors again whose X-Road clients belong to one of these peers: their contracts changed."""
    hosts = DoorHost.objects.filter(subsystems__peer__agency__peer_id__in=peer_ids).distinct()
    for name in hosts.values_list("name", flat=True):
        doors_provision(name)


def _door(door: Door) -> dict[str, object]:
    agency = door.interface.peer.agency
    return {
        "kind": door.kind,
        "name": door.interface.name,
        "peer_id": agency.peer_id,
        "title": door.interface.title,
        "key_file": door_key_path(agency.code, door.interface.name),
        **door.settings,
    }


def _facade(host: DoorHost) -> dict[str, object]:
    subsystems = XroadSubsystem.objects.filter(host=host).select_related("peer__agency").order_by("id")
    clients = []
    routes: list[dict[str, object]] = []
    for row in subsystems:
        agency = row.peer.agency
        identifier = f"{host.xroad_instance}/{row.member_class}/{agency.peer_id}/{row.code}"
        clients.append(
            {
                "id": identifier,
                "key_file": application_key_path(agency.code, row.application),
                "local_key_file": xroad_local_key_path(agency.code, row.code),
            }
        )
        routes += _routes(host, row, identifier)
    return {
        "outway_url": host.outway_url,
        "instance": host.xroad_instance,
        "clients": clients,
        "routes": routes,
    }


def _routes(host: DoorHost, row: XroadSubsystem, client: str) -> list[dict[str, object]]:
    """Return routes to what contracts of the client's agency open now or later, newest first.

    X-Road's ids have no place for a purpose, so each purpose is a service of its own. The plain name stays with the
    purpose that was there first: a further contract changes nothing for the programs that use it. Which grant holds at the
    moment of a call, the facade sees itself.
    """
    grants = _connections(row)
    coming = [one for one in grants if one.contract.not_after > now() and _rest_operations(one)]
    lasting = {(one.provider, one.service, one.purpose) for one in coming}
    first: dict[tuple[str, str], str] = {}
    for grant in grants:
        if (grant.provider, grant.service, grant.purpose) in lasting:
            first.setdefault((grant.provider, grant.service), grant.purpose)
    routes: list[dict[str, object]] = []
    for grant in reversed(coming):
        route = _route(grant) | {"client": client}
        head = f"{host.xroad_instance}/{row.member_class}/{grant.provider}/layanan/{grant.service}"
        plain = [head] if first[grant.provider, grant.service] == grant.purpose else []
        routes += [{"id": one, **route} for one in (*plain, f"{head}.{grant.purpose}")]
    return routes


def _connections(row: XroadSubsystem) -> list[Grant]:
    """Return the grants that an agency's X-Road client may ever have used, oldest first. One query."""
    grants = Grant.objects.filter(
        contract__in=Contract.objects.concluded(),
        consumer=row.peer.agency.peer_id,
        kind="GRANT_TYPE_SERVICE_CONNECTION",
    )
    return list(grants.select_related("contract").order_by("contract__not_before", "id"))


def _rest_operations(grant: Grant) -> list[dict[str, str]]:
    return [one for one in grant.properties["operations"] if "soap" not in one]


def _route(grant: Grant) -> dict[str, object]:
    described = _openapi_file(grant.provider, grant.service)
    return {
        "provider": grant.provider,
        "service": grant.service,
        "purpose": grant.purpose,
        "grant_hash": grant.grant_hash,
        "not_before": int(grant.contract.not_before.timestamp()),
        "not_after": int(grant.contract.not_after.timestamp()),
        **({"openapi_file": described} if described else {}),
        "operations": [f"{one['method']} {one['path']}" for one in _rest_operations(grant)],
    }


def _openapi_file(provider: str, service: str) -> Path | None:
    """Write the description of an interface where a facade can read it; return the file, None for a foreign peer's."""
    row = Interface.objects.filter(peer__agency__peer_id=provider, name=service).first()
    if row is None:
        return None
    path = Path(settings.EXCHANGE_DIR) / "doors" / "openapi" / f"{row.openapi_sha256}.json"
    if not path.exists():
        private_file_write(path, row.openapi.encode())
    return path
