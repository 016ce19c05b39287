"""Listeners: Granian servers inside our own event loop, and the gate every request passes first."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from terpadu_gateway.answers import Answer, StreamAnswer, problem_answer
from terpadu_gateway.config import ConfigError, split_listen
from terpadu_gateway.envelopes import fault_answer
from terpadu_gateway.journal import JournalError
from terpadu_gateway.logs import trace_of
from terpadu_gateway.messages import Exchange, Incoming, Refusal, Scope, read_head, receive
from terpadu_wire.addresses import try_to_listen
from terpadu_wire.envelopes import media_type_of
from terpadu_wire.problems import Side

log = structlog.get_logger()
_HTTP1 = HTTP1Settings(header_read_timeout=10_000, max_buffer_size=128 << 10)
_HANG_UP = frozenset({"gateway.header_refused", "gateway.path_refused", "gateway.method_refused"})
"""Refusals of a head that is not understood: what follows on the same connection may be no request at all."""

Handler = Callable[[Scope, Exchange], Coroutine[Any, Any, None]]
Caller = TypeVar("Caller")


class Role(Protocol[Caller]):
    """What stands behind a listener: the outway or the inway."""

    side: Side

    def authenticate(self, headers: dict[str, str]) -> Caller:
        """Return who calls, or what says so; refuse a stranger before the body is read."""

    async def answer(self, caller: Caller, incoming: Incoming) -> Answer:
        """Return the answer to a request."""


class Listening(Protocol):
    """A server of one address."""

    bind_addr: str
    bind_port: int

    def serve(self) -> Coroutine[Any, Any, None]:
        """Serve until stopped."""

    def stop(self) -> None:
        """Take no more connections."""


class Watcher(Protocol):
    """Wants to know of every answer: metrics, traces."""

    def note_answer(self, side: Side, answer: Answer, *, started: float, ended: float) -> None:
        """Take note of an answer; times in seconds of ``time.perf_counter``."""


class Gate:
    """Counts the calls in hand: refuses above a limit or while draining, and tells when the last one ended.

    Args:
        limit: how many calls at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in_hand = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self.draining = False

    def enter(self) -> None:
        """Take a call in hand.

        Raises:
            Refusal: ``gateway.draining`` or ``gateway.overloaded``.
        """
        if self.draining:
            raise Refusal("gateway.draining", retry_after=1)
        if self._in_hand >= self._limit:
            raise Refusal("gateway.overloaded", retry_after=1)
        self._in_hand += 1
        self._empty.clear()

    @property
    def in_hand(self) -> int:
        """How many calls are in hand."""
        return self._in_hand

    def leave(self) -> None:
        """Give a call out of hand."""
        self._in_hand -= 1
        if self._in_hand == 0:
            self._empty.set()

    async def drain(self, *, seconds: float) -> int:
        """Take no more calls and wait for those in hand; return how many were left after so many seconds."""
        self.draining = True
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            log.warning("gateway.drain_timeout", left=self._in_hand)
        return self._in_hand


def exchange_handler(role: Role[Caller], gate: Gate, *watchers: Watcher) -> Handler:
    """Return the handler of a listener whose every request is an exchange; the watchers are told of every answer."""

    async def handle(scope: Scope, exchange: Exchange) -> None:
        started = time.perf_counter()
        headers: dict[str, str] = {}
        try:
            headers = read_head(scope)
            caller = role.authenticate(headers)
            gate.enter()
        except Refusal as refusal:
            refused = _refuse(refusal, role.side, headers)
            if refusal.code in _HANG_UP:
                refused.headers["connection"] = "close"
            refused.send(exchange)
            return
        answer: Answer | None = None
        incoming: Incoming | None = None
        try:
            incoming = await receive(scope, headers, exchange)
            answer = await role.answer(caller, incoming)
            if isinstance(answer, StreamAnswer):
                await answer.pour(exchange)
        except Refusal as refusal:
            answer = _refuse(refusal, role.side, headers)
        except JournalError:
            answer = _refuse(Refusal("gateway.records_unwritable", retry_after=5), role.side, headers)
        finally:
            gate.leave()
            answer = answer or _own_mistake(role.side)
            if incoming is not None and incoming.upload is not None:
                await incoming.upload.drain()
            if not isinstance(answer, StreamAnswer):
                answer.send(exchange)
            for watcher in watchers:
                watcher.note_answer(role.side, answer, started=started, ended=time.perf_counter())

    return handle


def make_server(handler: Handler, listen: str, *, tls: tuple[Path, Path, Path] | None = None) -> Server:
    """Return a server that is not started yet.

    Args:
        handler: answers its requests.
        listen: address such as ``127.0.0.1:8011``.
        tls: (certificate, key, authority of client certificates); None for plain HTTP.

    Raises:
        ConfigError: the port is in use or may not be used.
    """
    host, port = split_listen(listen)
    _check_port(host, port)
    certificate, key, authority = tls or (None, None, None)
    return Server(
        handler,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=_HTTP1,
        websockets=False,
        backlog=1024,
        log_enabled=False,
        ssl_cert=certificate,
        ssl_key=key,
        ssl_ca=authority,
        ssl_client_verify=tls is not None,
    )


def _own_mistake(side: Side) -> Answer:
    log.error("gateway.internal", **trace_of(sys.exception()))
    return problem_answer(Refusal("gateway.internal").problem(side=side))


def _refuse(refusal: Refusal, side: Side, headers: dict[str, str]) -> Answer:
    problem = refusal.problem(side=side)
    if problem.code == "gateway.internal":
        log.error("gateway.internal", **trace_of(refusal))
    log.warning(
        "exchange.refused", code=refusal.code, side=problem.side, transaction_id=refusal.transaction_id
    )
    media_type = media_type_of(headers.get("content-type", ""))
    is_soap_client = media_type and side == "consumer-gateway"
    return fault_answer(problem, media_type) if is_soap_client else problem_answer(problem)


def _check_port(host: str, port: int) -> None:
    try:
        try_to_listen(host, port)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from error
