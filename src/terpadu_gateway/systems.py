"""The agencies' systems behind an inway: called with their own credentials, believed only as far as checked."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import orjson
import structlog
from pydantic import JsonValue
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.request import RequestBuilder

from terpadu_gateway.breakers import Breaker
from terpadu_gateway.clients import AnswerTooLargeError, fetch, knows_authorities, system_client_settings
from terpadu_gateway.config import ConfigError, InwayConfig, ServiceConfig
from terpadu_gateway.credentials import ClientCredentials, Credentials, fixed_headers
from terpadu_gateway.envelopes import is_fault
from terpadu_gateway.messages import Refusal
from terpadu_gateway.streaming import OpenAnswer
from terpadu_gateway.targets import Target
from terpadu_gateway.uploads import Passing
from terpadu_wire.envelopes import media_type_of
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json

log = structlog.get_logger()
_DAY = 86_400


class Question(NamedTuple):
    """What to ask a system.

    Args:
        place: (peer id, service name).
        method: upper-case method.
        path: path and query below the system's base URL.
        headers: headers to pass on.
        body: the request's body.
        patience: seconds to wait; for the answer to an upload, from its end.
        upload: the body instead, when it comes in pieces.
    """

    place: tuple[str, str]
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    patience: float
    upload: Passing | None = None


class SystemAnswer(NamedTuple):
    """A system's answer: status, JSON value (None for an empty body), and the bytes that the value was read from."""

    status: int
    value: JsonValue
    raw: bytes

    def body_of(self, kept: JsonValue) -> bytes:
        """Return the bytes of what may pass of the value; those that came when it is the value itself.

        Raises:
            Refusal: ``system.not_json``; a value cannot be written.
        """
        return self.raw if kept is self.value or not self.raw else to_bytes(kept)


@dataclass(frozen=True, slots=True)
class _System:
    target: Target
    base_url: str
    credentials: Credentials
    breaker: Breaker


class Systems:
    """The systems of one inway.

    Args:
        config: the inway's services and the private networks they may stand in.
        clock: gives seconds that only grow.

    A system whose files are missing keeps nobody else out: the log tells it at once, its own calls are refused, and each
    of them looks again.
    """

    def __init__(self, config: InwayConfig, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed = config.private_networks
        self._clock = clock
        self._services = {(one.peer_id, one.name): one for one in config.services}
        self._systems: dict[tuple[str, str], _System] = {}
        for place in self._services:
            with suppress(Refusal):
                self._make(place)
        if any(one.authority is None for one in config.services) and not knows_authorities():
            log.error(
                "gateway.no_authorities",
                reason="this machine has no certificates of authorities: install them (ca-certificates), or name the "
                "authority of each system; calls to systems without one are refused",
            )

    async def close(self) -> None:
        """Close every connection."""
        for system in self._systems.values():
            await system.target.close()

    def retire(self) -> None:
        """Close every connection once no call can use them any more."""
        for system in self._systems.values():
            system.target.retire()

    def knows(self, peer_id: str, service: str) -> bool:
        """Say whether a service's system stands behind this inway."""
        return (peer_id, service) in self._services

    async def call(self, question: Question) -> SystemAnswer:
        """Return a system's answer.

        Raises:
            Refusal: ``system.not_set_up``, ``.target_refused``, ``.sign_in_failed``, ``.unreachable``, ``.slow``, ``.failed``,
                ``.refused``, ``.not_found``, ``.not_json`` or ``.too_large``.
        """
        system = self._systems.get(question.place) or self._make(question.place)
        with system.breaker:
            status, given, raw = await self._send_signed_in(system, question)
            _check_status(status, given)
        return SystemAnswer(status, _parse(given.get("content-type", ""), raw), raw)

    async def pass_envelope(self, question: Question) -> tuple[int, bytes]:
        """Return (status, envelope) of a SOAP system's answer as it came; a fault is one too.

        Raises:
            Refusal: as :meth:`call`, with ``system.not_soap`` instead of ``.not_json``.
        """
        system = self._systems.get(question.place) or self._make(question.place)
        with system.breaker:
            status, given, raw = await self._send_signed_in(system, question)
            content_type = given.get("content-type", "")
            # A fault comes with 500 (SOAP 1.1) or also 400 (SOAP 1.2); any other answer with these is none.
            if status != 200 and not (status in (400, 500) and is_fault(content_type, raw)):
                _check_status(status, given)
                raise Refusal("system.not_soap")
        if not media_type_of(content_type):
            raise Refusal("system.not_soap")
        return status, raw

    async def open(self, question: Question) -> OpenAnswer:
        """Return a system's answer that has begun, to be read as it comes; else as :meth:`call`.

        Raises:
            Refusal: as :meth:`call`, and ``system.length_unknown``.
        """
        system = self._systems.get(question.place) or self._make(question.place)
        until = self._clock() + question.patience
        with system.breaker:
            opened = await self._begin(system, question, until)
            if opened.status == 401 and system.credentials.renew():
                await opened.close()
                opened = await self._begin(system, question, until)
            try:
                _check_status(opened.status, opened.headers)
                if not opened.headers.get("content-length", "").isdecimal():
                    raise Refusal("system.length_unknown")
            except Refusal:
                await opened.close()
                raise
        return opened

    async def _send_signed_in(self, system: _System, question: Question) -> tuple[int, dict[str, str], bytes]:
        until = self._clock() + question.patience
        status, given, raw = await self._send(system, question, until)
        if status == 401 and system.credentials.renew() and question.upload is None:
            # What is not signed in was not carried out, so a second try is safe for every method.
            status, given, raw = await self._send(system, question, until)
        return status, given, raw

    async def _begin(self, system: _System, question: Question, until: float) -> OpenAnswer:
        builder = await self._build(system, question)
        try:
            return await OpenAnswer.of(builder, patience=until - self._clock())
        except TimeoutError as error:
            raise Refusal("system.slow", retry_after=2) from error
        except PyreqwestError as error:
            raise Refusal("system.unreachable", retry_after=2) from error

    async def _send(
        self, system: _System, question: Question, until: float
    ) -> tuple[int, dict[str, str], bytes]:
        builder = await self._build(system, question)
        left = until - self._clock()
        if left <= 0:
            raise Refusal("gateway.deadline")
        try:
            if question.upload is not None:
                late = Refusal("system.slow", retry_after=2)
                return await question.upload.fetch(builder, patience=left, late=late)
            return await fetch(builder.timeout(timedelta(seconds=left)))
        except RequestTimeoutError as error:
            raise Refusal("system.slow", retry_after=2) from error
        except AnswerTooLargeError as error:
            raise Refusal("system.too_large") from error
        except PyreqwestError as error:
            raise Refusal("system.unreachable", retry_after=2) from error

    async def _build(self, system: _System, question: Question) -> RequestBuilder:
        client = await system.target.client()
        credentials = await system.credentials.headers()
        url = system.base_url + question.path
        builder = client.request(question.method, url).headers({**question.headers, **credentials})
        return builder.body_bytes(question.body) if question.body else builder

    def _make(self, place: tuple[str, str]) -> _System:
        """Make a system ready to be called, also later, when its files are there again.

        Raises:
            Refusal: ``system.not_set_up``; a credential file is missing or holds no plain text.
        """
        try:
            self._systems[place] = made = self._system(self._services[place])
        except ConfigError as error:
            log.error("system.not_set_up", peer_id=place[0], service=place[1], reason=str(error))
            raise Refusal("system.not_set_up", "a file that the gateway needs is missing") from error
        return made

    def _system(self, service: ServiceConfig) -> _System:
        target = self._target(service, service.base_url)
        credentials: Credentials = fixed_headers(service)
        if service.auth == "oauth2" and service.token_url is not None:
            credentials = ClientCredentials(
                service, self._target(service, service.token_url), clock=self._clock
            )
        breaker = Breaker(service.name, clock=self._clock)
        return _System(target, service.base_url.rstrip("/"), credentials, breaker)

    def _target(self, service: ServiceConfig, url: str) -> Target:
        builder = system_client_settings(service)
        return Target(url, builder=builder, allowed=self._allowed, clock=self._clock)


def to_bytes(value: JsonValue) -> bytes:
    """Return a JSON value as bytes.

    Raises:
        Refusal: ``system.not_json``; a value cannot be written.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise Refusal("system.not_json") from error


def _check_status(status: int, headers: Mapping[str, str]) -> None:
    """Refuse everything but success; a system's own error text stays with the provider, it may hold anything."""
    if status < 200 or 300 <= status < 400:
        raise Refusal("system.failed", "the system redirects instead of answering")
    if status == 404:
        raise Refusal("system.not_found")
    if status == 429:
        raise Refusal("system.busy", retry_after=_wait_of(headers))
    if 400 <= status < 500:
        raise Refusal(
            "system.refused", f"the system answered {status}", status=502 if status in (401, 403) else status
        )
    if status >= 500:
        raise Refusal("system.failed", f"the system answered {status}", retry_after=_wait_of(headers))


def _wait_of(headers: Mapping[str, str]) -> int:
    """Return for how many seconds a system wants to be left alone (RFC 9110, section 10.2.3), a day at most; 2 if it names none."""
    text = headers.get("retry-after", "")
    return min(max(int(text), 1), _DAY) if text.isdecimal() and len(text) < 10 else 2


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
