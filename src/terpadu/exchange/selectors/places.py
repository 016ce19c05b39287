"""Where things are: files of the exchange, addresses of the control plane."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from terpadu_wire.keys import PublicKey, load_public_key


def control_url() -> str:
    """Return the address under which gateways reach this control plane, without a slash at the end."""
    return str(settings.CONTROL_URL).rstrip("/")


def token_url(peer_id: str) -> str:
    """Return the address of a peer's token endpoint."""
    return f"{manager_url(peer_id)}/token"


def manager_url(peer_id: str) -> str:
    """Return the address of a peer's manager, which is hosted here."""
    return f"{control_url()}/fsc/v1/{peer_id}"


def fsc_manager_url(fsc_url: str, peer_id: str) -> str:
    """Return the address of a peer's manager behind the gateway that takes foreign peers."""
    return f"{fsc_url.rstrip('/')}/fsc/v1/{peer_id}"


def anchors_path() -> Path:
    """Return the file of foreign trust anchors (PEM), which the operator fills; it may not exist."""
    return group_dir() / "anchors.pem"


def fsc_identity_dir(peer_id: str) -> Path:
    """Return the directory of the key and certificate by which a peer acts towards foreign managers."""
    return Path(settings.EXCHANGE_DIR) / "peers" / peer_id


def records_url() -> str:
    """Return the address to which gateways deliver their records."""
    return f"{control_url()}/exchange/records"


def group_dir() -> Path:
    """Return the directory of the group's key."""
    return Path(settings.EXCHANGE_DIR) / "group"


def group_key_path() -> Path:
    """Return the file of the group's public key, which gateways trust."""
    return group_dir() / "group.pub.pem"


def group_public_key() -> PublicKey:
    """Return the group's public key; a snapshot must have been published."""
    return load_public_key(group_key_path().read_bytes())


def gateway_dir(name: str) -> Path:
    """Return the directory of a gateway: its configuration and its data."""
    return Path(settings.EXCHANGE_DIR) / "gateways" / name


def application_key_path(agency_code: str, name: str) -> Path:
    """Return the file of the key by which an application signs in to its gateway."""
    return Path(settings.EXCHANGE_DIR) / "applications" / f"{agency_code}.{name}.key"


def consent_url(consent_id: UUID) -> str:
    """Return the address at which gateways learn whether a consent still holds."""
    return f"{control_url()}/exchange/consents/{consent_id}"


def log_key_path() -> Path:
    """Return the file of the key that signs the transparency log."""
    return group_dir() / "log.key"


def log_origin() -> str:
    """Return the name of the transparency log: the address of its files without the scheme."""
    return f"{str(settings.PUBLIC_URL).partition('://')[2].rstrip('/')}/exchange/log"


def doors_dir(host: str) -> Path:
    """Return the directory of a program of doors: its configuration and its data."""
    return Path(settings.EXCHANGE_DIR) / "doors" / host


def door_file(agency_code: str, name: str, kind: str) -> Path:
    """Return a file of one door, such as its key ("key") or its saved WSDL ("wsdl.json")."""
    return Path(settings.EXCHANGE_DIR) / "doors" / "files" / f"{agency_code}.{name}.{kind}"


def sandbox_url(service: str, path: str) -> str:
    """Return the address of an operation in the sandbox; its shape is that of a gateway's. service: "<peer id>/<name>"."""
    return f"{control_url()}/exchange/sandbox/{service}{path}"


def events_key_path() -> Path:
    """Return the file of the key with which inways come to the control plane's own systems for events."""
    return Path(settings.EXCHANGE_DIR) / "events.key"
