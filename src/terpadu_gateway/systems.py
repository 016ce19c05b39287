"""The agencies' systems behind an inway: called with their own credentials, believed only as far as checked."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson
from pydantic import JsonValue
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError

from terpadu_gateway.clients import AnswerTooLargeError, Clients, fetch
from terpadu_gateway.config import InwayConfig, ServiceConfig
from terpadu_gateway.identities import read_file
from terpadu_gateway.messages import Refusal
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json


@dataclass(frozen=True, slots=True)
class SystemAnswer:
    """A system's answer: status and JSON value (None for an empty body)."""

    status: int
    value: JsonValue
    empty: bool


@dataclass(frozen=True, slots=True)
class _System:
    base_url: str
    credentials: Mapping[str, str]


class Systems:
    """The systems of one inway.

    Args:
        config: the inway's services.
        clients: HTTP clients.
    """

    def __init__(self, config: InwayConfig, *, clients: Clients) -> None:
        self._clients = clients
        self._systems = {
            (one.peer_id, one.name): _System(one.base_url.rstrip("/"), _credentials(one))
            for one in config.services
        }

    def knows(self, peer_id: str, service: str) -> bool:
        """Say whether a service's system stands behind this inway."""
        return (peer_id, service) in self._systems

    async def call(
        self,
        place: tuple[str, str],
        *,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        patience: float,
    ) -> SystemAnswer:
        """Return a system's answer.

        Args:
            place: (peer id, service name).
            method: upper-case method.
            path: path and query below the system's base URL.
            headers: headers to pass on.
            body: the request's body.
            patience: seconds to wait.

        Raises:
            Refusal: ``system.unreachable``, ``.slow``, ``.failed``, ``.refused``, ``.not_found``, ``.not_json`` or
                ``.too_large``.
        """
        system = self._systems[place]
        if patience <= 0:
            raise Refusal("gateway.deadline")
        client = self._clients.systems
        builder = client.request(method, system.base_url + path).headers({**headers, **system.credentials})
        if body:
            builder = builder.body_bytes(body)
        try:
            status, given, raw = await fetch(builder.timeout(timedelta(seconds=patience)))
        except RequestTimeoutError as error:
            raise Refusal("system.slow", retry_after=2) from error
        except AnswerTooLargeError as error:
            raise Refusal("system.too_large") from error
        except PyreqwestError as error:
            raise Refusal("system.unreachable", retry_after=2) from error
        _check_status(status)
        return SystemAnswer(status, _parse(given.get("content-type", ""), raw), not raw)


def to_bytes(value: JsonValue) -> bytes:
    """Return a JSON value as bytes.

    Raises:
        Refusal: ``system.not_json``; a value cannot be written.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise Refusal("system.not_json") from error


def _credentials(service: ServiceConfig) -> dict[str, str]:
    credentials: dict[str, str] = {}
    if service.header_value_file is not None:
        credentials[service.header_name.lower()] = (
            read_file(service.header_value_file).decode("ascii").strip()
        )
    if service.basic_file is not None:
        pair = base64.b64encode(read_file(service.basic_file).strip()).decode("ascii")
        credentials["authorization"] = f"Basic {pair}"
    return credentials


def _check_status(status: int) -> None:
    """Refuse everything but success; a system's own error text stays with the provider, it may hold anything."""
    if status < 200 or 300 <= status < 400:
        raise Refusal("system.failed", "the system redirects instead of answering")
    if status == 404:
        raise Refusal("system.not_found")
    if 400 <= status < 500:
        raise Refusal(
            "system.refused", f"the system answered {status}", status=502 if status in (401, 403) else status
        )
    if status >= 500:
        raise Refusal("system.failed", f"the system answered {status}", retry_after=2)


def _parse(content_type: str, raw: bytes) -> JsonValue:
    if not raw:
        return None
    essence = content_type.partition(";")[0].strip().lower()
    if essence != "application/json" and not essence.endswith("+json"):
        raise Refusal("system.not_json")
    try:
        return parse_json(raw)
    except JsonError as error:
        raise Refusal("system.not_json", error.reason) from error
