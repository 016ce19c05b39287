"""Connecting what exists: one call from a system as it is to an interface that contracts can open."""

from __future__ import annotations

import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from django.db import transaction
from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from terpadu.directory.public import agency_get, private_file_write
from terpadu.exchange.errors import AgencyNotHosted, InterfaceInvalid, SystemUndescribed, TargetRefused
from terpadu.exchange.models import DoorHost
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.rules.importing import Imported, import_document
from terpadu.exchange.rules.interfaces import DocumentError, JsonObject, personal_parameters
from terpadu.exchange.selectors.places import door_file
from terpadu.exchange.selectors.registry import InterfaceView, peer_row
from terpadu.exchange.services.describing import document_fetch, system_describe
from terpadu.exchange.services.doors import door_key_path, door_open, doors_provision
from terpadu.exchange.services.gateways import (
    GatewayPlan,
    gateway_host,
    gateway_of,
    gateway_plan,
    gateway_provision,
)
from terpadu.exchange.services.peers import SignIn, interface_connect, interface_publish, peer_join
from terpadu.kernel.actors import Actor
from terpadu_wire.addresses import may_be_called
from terpadu_wire.errors import WireError
from terpadu_wire.strict_json import parse_json

MAX_DOCUMENT = 4 << 20
_HEAD = frozenset({"kind", "name", "peer_id", "title", "key_file"})


@dataclass(frozen=True)
class Place:
    """Where a new interface belongs.

    agency_code, name: how calls will name it. gateway: the one that shall act for the agency, "" for the one that does.
    host: program of doors, "" for the only one. directory_code: agency that keeps the directory.
    """

    agency_code: str
    name: str
    title: str = ""
    gateway: str = ""
    host: str = ""
    directory_code: str = "portal"


@dataclass(frozen=True)
class Connected:
    """What was connected, and what its operator should know."""

    interface: InterfaceView
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeaderSecret:
    """A header whose value, an API key, is in a file."""

    name: str
    path: Path


@dataclass(frozen=True)
class DoorRequest:
    """A door to be opened: its kind, what the doors' program is asked, and secrets to be kept as files.

    secrets: by the member of `asked` that names the file.
    """

    kind: str
    asked: Mapping[str, object]
    secrets: Mapping[str, str] = field(default_factory=dict)


def connect_openapi(
    place: Place,
    *,
    source: str,
    base_url: str,
    header: HeaderSecret | None = None,
    sign_in: SignIn | None = None,
    by: Actor,
) -> Connected:
    """Publish an interface from its OpenAPI 3.0 or 3.1 document and connect its gateway with the system.

    source: file or address of the document, JSON or YAML. base_url: where the system stands.
    header, sign_in: how the gateway signs in to it.
    Raises InterfaceInvalid, SystemUndescribed, TargetRefused, AgencyNotHosted, PeerUnknown, NotAllowed.
    """
    check_acts_for(place.agency_code, by=by)
    plan = _hosting(place)
    check_target(base_url, plan)
    try:
        imported = import_document(_read_document(source, plan))
    except DocumentError as error:
        raise InterfaceInvalid(reason=str(error)) from error
    openapi = _document_of(imported, place)
    with transaction.atomic():
        _host(place, plan, by=by)
        view = interface_publish(
            place.agency_code, name=place.name, openapi=openapi, directory_code=place.directory_code, by=by
        )
        interface_connect(
            view.service,
            base_url=base_url,
            header_name=header.name if header else "",
            credential_path=header.path if header else None,
            sign_in=sign_in,
            by=by,
        )
        gateway_provision(_hosting(place), by=by)
    hints = [f"the document says: sign in by {way}" for way in imported.sign_in if way]
    return Connected(view, (*imported.notes, *_personal_addresses(imported.document, view), *hints))


def _personal_addresses(document: JsonObject, view: InterfaceView) -> list[str]:
    """Return which operations name a person in their address, and what becomes of them."""
    return [
        f"{operation.id}: its {found} names a person, and addresses end up in logs; contracts do not open it"
        for operation in view.operations
        for found in personal_parameters(document, operation.id)
    ]


def connect_door(place: Place, request: DoorRequest, *, by: Actor) -> Connected:
    """Publish an interface whose system speaks no OpenAPI, and open the door that speaks it.

    Raises SystemUndescribed, DoorInvalid, AgencyNotHosted, PeerUnknown, NotAllowed.
    """
    return _open(place, request, None, by=by)


def connect_xroad_service(place: Place, request: DoorRequest, *, source: str, by: Actor) -> Connected:
    """Publish a REST service made for X-Road from its OpenAPI document; a door gives it X-Road's headers.

    source: file or address of the document. Raises as `connect_door` does, and InterfaceInvalid.
    """
    check_acts_for(place.agency_code, by=by)
    try:
        imported = import_document(_read_document(source, _hosting(place)))
    except DocumentError as error:
        raise InterfaceInvalid(reason=str(error)) from error
    return _open(place, request, imported, by=by)


def _open(place: Place, request: DoorRequest, imported: Imported | None, *, by: Actor) -> Connected:
    """Open a door to a system, with the document that it has, if any, else with the one of the door."""
    check_acts_for(place.agency_code, by=by)
    plan = _hosting(place)
    host = _door_host(place)
    with transaction.atomic():
        _host(place, plan, by=by)
        peer_id = peer_row(place.agency_code).agency.peer_id
        found = system_describe(
            {
                **request.asked,
                **_kept_secrets(place, request.secrets),
                "kind": request.kind,
                "name": place.name,
                "peer_id": peer_id,
                "title": place.title,
                "key_file": door_key_path(place.agency_code, place.name),
                "allow_targets": host.networks,
            }
        )
        view = door_open(
            place.agency_code,
            name=place.name,
            kind=request.kind,
            settings_={name: value for name, value in found.settings.items() if name not in _HEAD},
            openapi=_document_of(imported, place) if imported else found.openapi,
            host=host.name,
            directory_code=place.directory_code,
            by=by,
        )
        doors_provision(host.name)
        gateway_provision(_hosting(place), by=by)
    if imported is None:
        return Connected(view, found.notes)
    return Connected(view, (*imported.notes, *_personal_addresses(imported.document, view)))


def _document_of(imported: Imported, place: Place) -> bytes:
    return orjson.dumps(_titled(imported.document, place.title), option=orjson.OPT_INDENT_2)


def _hosting(place: Place) -> GatewayPlan:
    """Return the gateway that acts, or shall act, for the agency. Raises AgencyNotHosted, AgencyUnknown."""
    plan = gateway_of(place.agency_code, inway=True)
    if plan is not None:
        return plan
    if not place.gateway:
        agency_get(
            place.agency_code
        )  # an unknown agency is another mistake than one that no gateway acts for
        raise AgencyNotHosted(agency=place.agency_code)
    return gateway_plan(place.gateway)


def _host(place: Place, plan: GatewayPlan, *, by: Actor) -> None:
    """Let the agency join and its gateway act for it, when they do not yet."""
    peer_join(place.agency_code, by=by)
    if place.agency_code not in plan.agencies:
        gateway_host(plan.name, place.agency_code, by=by)


def _door_host(place: Place) -> DoorHost:
    rows = DoorHost.objects.filter(name=place.host) if place.host else DoorHost.objects.order_by("name")
    row = rows.first()
    if row is None:
        raise SystemUndescribed(
            reason="door.host_unknown", detail="No program of doors is set up; run: terpadu connect host"
        )
    return row


def _kept_secrets(place: Place, secrets: Mapping[str, str]) -> dict[str, object]:
    """Keep secrets as files of their owner alone; return the files by the member that names each."""
    kept: dict[str, object] = {}
    for member, text in secrets.items():
        path = door_file(place.agency_code, place.name, member.removesuffix("_file"))
        private_file_write(path, text.strip().encode())
        kept[member] = str(path)
    return kept


def check_target(base_url: str, plan: GatewayPlan) -> None:
    """Refuse an address that the gateway would not call later, so that the operator hears of it now.

    Raises SystemUndescribed and TargetRefused.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise SystemUndescribed(
            reason="target.url", detail="Give the base address as https://host/path, without a user."
        )
    allowed = [ip_network(network) for network in plan.private_networks]
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SystemUndescribed(
            reason="target.unknown", detail="The name of the system's machine is not known."
        ) from None
    if not all(may_be_called(str(entry[4][0]), allowed=allowed) for entry in found):
        raise TargetRefused(host=parts.hostname)


def _read_document(source: str, plan: GatewayPlan) -> JsonValue:
    raw = _document_bytes(source, plan)
    if len(raw) > MAX_DOCUMENT:
        raise InterfaceInvalid(reason="interface.too_large")
    if raw.lstrip()[:1] == b"{":
        try:
            return parse_json(raw)
        except WireError as error:
            raise InterfaceInvalid(reason=error.code) from error
    try:
        value = YAML(typ="safe", pure=True).load(io.BytesIO(raw))
        # Through JSON once: days and numbers of YAML become what JSON has.
        plain: JsonValue = orjson.loads(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
    except (YAMLError, UnicodeDecodeError, orjson.JSONEncodeError, RecursionError, ValueError) as error:
        raise InterfaceInvalid(reason="interface.not_yaml") from error
    return plain


def _document_bytes(source: str, plan: GatewayPlan) -> bytes:
    if urlsplit(source).scheme in ("http", "https"):
        return document_fetch(source, networks=list(plan.private_networks))
    try:
        path = Path(source)
        if path.stat().st_size > MAX_DOCUMENT:
            raise InterfaceInvalid(reason="interface.too_large")
        return path.read_bytes()
    except OSError as error:
        raise SystemUndescribed(
            reason="document.unreadable", detail=f"The file cannot be read: {error.strerror}."
        ) from error


def _titled(document: dict[str, JsonValue], title: str) -> dict[str, JsonValue]:
    info = document.get("info")
    return document | {"info": {**info, "title": title}} if title and isinstance(info, dict) else document
