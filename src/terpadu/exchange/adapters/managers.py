"""The way to foreign peers' managers (FSC core, manager.yaml): mutual TLS in the name of one of our peers."""

from __future__ import annotations

import base64
import binascii
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from pydantic import JsonValue

from terpadu.kernel.http.pinning import HostUnknown, Pinned, PrivateAddress, pin
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


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def manager_send(url: str, letter: Letter) -> None:
    """Send a contract or a signature to a manager. Raises ManagerAway or ManagerRefused."""
    answer = _ask(
        url,
        letter.method,
        letter.path,
        identity=letter.sender,
        body=letter.body,
        address=letter.sender_address,
    )
    if answer.status not in (200, 201):
        raise ManagerRefused(answer.headers.get("fsc-error-code", "")[:100] or f"status {answer.status}")


def manager_chains(url: str, *, identity: FscIdentity) -> list[list[bytes]]:
    """Return the certificate chains (DER) of a manager's key set. Raises ManagerAway or ManagerRefused."""
    answer = _ask(url, "GET", "/.well-known/jwks.json", identity=identity)
    try:
        value = parse_json(answer.body)
        keys = value.get("keys") if isinstance(value, dict) else None
        return [_chain(one) for one in (keys if isinstance(keys, list) else [])[:MAX_KEYS]]
    except (JsonError, binascii.Error, UnicodeEncodeError) as error:
        raise ManagerRefused("manager.garbled") from error


def _pinned(url: str) -> Pinned:
    """Refuse an address that is not https, or leads into a private network that the operator has not named.

    Raises ManagerAway or ManagerRefused.
    """
    parts = urlsplit(url)
    is_plain = url.isascii() and not (parts.username or parts.password)
    if parts.scheme != "https" or not parts.hostname or not is_plain:
        raise ManagerRefused("manager.address")
    allowed = [ip_network(one) for one in settings.FSC_PRIVATE_NETWORKS]
    try:
        return pin(url, may_be_called=lambda address: may_be_called(address, allowed=allowed))
    except HostUnknown as error:
        raise ManagerAway("manager.unknown_host") from error
    except PrivateAddress as error:
        raise ManagerRefused("manager.private_address") from error


def _ask(
    url: str, method: str, path: str, *, identity: FscIdentity, body: JsonValue = None, address: str = ""
) -> _Answer:
    pinned = _pinned(f"{url.rstrip('/')}{VERSION_PATH}{path}")
    headers = {
        "host": pinned.authority,
        "accept-encoding": "identity",
    }  # what is packed may unpack without end
    if address:
        headers["fsc-manager-address"] = address
    try:
        with (
            _client(identity) as client,
            client.stream(
                method, pinned.url, json=body, headers=headers, extensions=pinned.extensions
            ) as response,
        ):
            answer = _Answer(response.status_code, response.headers, _read(response))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise ManagerAway(type(error).__name__) from error
    if answer.status >= 500:
        raise ManagerAway(f"status {answer.status}")
    return answer


def _read(response: httpx.Response) -> bytes:
    """Return the body of an answer; one that is too large or drips is given up before it is all there."""
    body, deadline = b"", time.monotonic() + TIMEOUT_S
    for piece in response.iter_raw():
        body += piece
        if len(body) > MAX_ANSWER:
            raise ManagerAway("manager.answer_too_large")
        if time.monotonic() > deadline:
            raise ManagerAway("manager.slow")
    return body


def _client(identity: FscIdentity) -> httpx.Client:
    context = ssl.create_default_context(cadata=identity.anchors_pem.decode("ascii"))
    context.load_cert_chain(identity.certificate_path, identity.key_path)
    return httpx.Client(verify=context, trust_env=False, follow_redirects=False, timeout=TIMEOUT_S)


def _chain(key: JsonValue) -> list[bytes]:
    members = key.get("x5c") if isinstance(key, dict) else None
    texts = members if isinstance(members, list) else []
    return [base64.b64decode(str(one), validate=True) for one in texts]
