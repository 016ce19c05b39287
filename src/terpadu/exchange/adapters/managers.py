"""The way to foreign peers' managers (FSC core, manager.yaml): mutual TLS in the name of one of our peers."""

from __future__ import annotations

import base64
import binascii
import socket
import ssl
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from pydantic import JsonValue

from terpadu_wire.addresses import may_be_called
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json

TIMEOUT_S = 5.0
MAX_ANSWER = 1 << 20
MAX_KEYS = 50
VERSION_PATH = "/v1"


class ManagerAway(Exception):
    """The manager cannot be reached, or fails; another try may help. `reason`: stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ManagerRefused(Exception):
    """The manager does not take it, and will not take it later either. `reason`: its code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class FscIdentity:
    """A peer's key for contracts and tokens after FSC, where key and certificate chain are as files, and whom it trusts.

    anchors_pem: certificates of the group's trust anchors.
    """

    peer_id: str
    key: EllipticCurvePrivateKey
    thumbprint: str
    key_path: Path
    certificate_path: Path
    anchors_pem: bytes


@dataclass(frozen=True)
class Letter:
    """A request to a foreign manager. sender: our peer. sender_address: where that peer's own manager is."""

    method: Literal["POST", "PUT"]
    path: str
    body: dict[str, JsonValue]
    sender: FscIdentity
    sender_address: str


def manager_send(url: str, letter: Letter) -> None:
    """Send a contract or a signature to a manager. Raises ManagerAway or ManagerRefused."""
    response = _ask(
        url,
        letter.method,
        letter.path,
        identity=letter.sender,
        body=letter.body,
        address=letter.sender_address,
    )
    if response.status_code not in (200, 201):
        raise ManagerRefused(
            response.headers.get("fsc-error-code", "")[:100] or f"status {response.status_code}"
        )


def manager_chains(url: str, *, identity: FscIdentity) -> list[list[bytes]]:
    """Return the certificate chains (DER) of a manager's key set. Raises ManagerAway or ManagerRefused."""
    response = _ask(url, "GET", "/.well-known/jwks.json", identity=identity)
    try:
        value = parse_json(response.content)
        keys = value.get("keys") if isinstance(value, dict) else None
        return [_chain(one) for one in (keys if isinstance(keys, list) else [])[:MAX_KEYS]]
    except (JsonError, binascii.Error, UnicodeEncodeError) as error:
        raise ManagerRefused("manager.garbled") from error


def check_target(url: str) -> None:
    """Refuse an address that is not https, or leads into a private network that the operator has not named.

    Raises ManagerRefused.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise ManagerRefused("manager.address")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise ManagerAway("manager.unknown_host") from error
    allowed = [ip_network(one) for one in settings.FSC_PRIVATE_NETWORKS]
    if not all(may_be_called(str(entry[4][0]), allowed=allowed) for entry in found):
        raise ManagerRefused("manager.private_address")


def _ask(
    url: str, method: str, path: str, *, identity: FscIdentity, body: JsonValue = None, address: str = ""
) -> httpx.Response:
    check_target(url)
    headers = {"fsc-manager-address": address} if address else {}
    try:
        with _client(identity) as client:
            response = client.request(
                method, f"{url.rstrip('/')}{VERSION_PATH}{path}", json=body, headers=headers
            )
    except (httpx.HTTPError, OSError) as error:
        raise ManagerAway(type(error).__name__) from error
    if response.status_code >= 500 or len(response.content) > MAX_ANSWER:
        raise ManagerAway(f"status {response.status_code}")
    return response


def _client(identity: FscIdentity) -> httpx.Client:
    context = ssl.create_default_context(cadata=identity.anchors_pem.decode("ascii"))
    context.load_cert_chain(identity.certificate_path, identity.key_path)
    return httpx.Client(verify=context, trust_env=False, follow_redirects=False, timeout=TIMEOUT_S)


def _chain(key: JsonValue) -> list[bytes]:
    members = key.get("x5c") if isinstance(key, dict) else None
    texts = members if isinstance(members, list) else []
    return [base64.b64decode(str(one), validate=True) for one in texts]
