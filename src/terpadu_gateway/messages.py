"""Requests in, and why they are refused: size limits, header rules and path rules of both listeners."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl

from terpadu_wire.problems import KINDS, Problem, Side
from terpadu_wire.signing import REQUEST_HEADERS, STREAM

MAX_BODY = 1 << 20
MAX_HEADERS = 100
MAX_HEADER_VALUE = 16 << 10
READ_SECONDS = 10.0
IDLE_SECONDS = 30.0
"""Longest time that the sender of a large body may send nothing."""
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

_PATH = re.compile(r"(/[A-Za-z0-9_~@:$.-]+)+/?")
_DOTS = re.compile(r"/\.{1,2}(/|$)")
_QUERY = re.compile(r"([A-Za-z0-9._-]{1,50}=([A-Za-z0-9._~+:,-]|%[0-9A-F]{2})*(&|$))*")
_SINGLE = frozenset(
    {
        *REQUEST_HEADERS,
        "signature",
        "signature-input",
        "authorization",
        "content-length",
        "fsc-authorization",
        "fsc-grant-hash",
        "host",
        "idempotency-key",
        "transfer-encoding",
    }
)


class Refusal(Exception):
    """End a call with a problem.

    Args:
        code: stable code.
        detail: one sentence without personal values.
        status: status code when it is not the usual one.
        side: where it happened, when not at this gateway.
        retry_after: seconds to wait before another try.
        quota: which quota is used up, as :class:`terpadu_wire.problems.Problem` says it.

    ``transaction_id`` is set as soon as the exchange has one.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int = 0,
        side: Side | None = None,
        retry_after: int = 0,
        quota: Mapping[str, int | str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.status = status
        self.side = side
        self.retry_after = retry_after
        self.quota = quota or {}
        self.transaction_id = ""

    def problem(self, *, side: Side) -> Problem:
        """Return the problem to answer with, by default of this side."""
        code = self.code if self.code in KINDS else "gateway.internal"
        return Problem(
            code,
            self.side or side,
            self.detail,
            self.transaction_id,
            self.retry_after,
            self.status,
            self.quota,
        )


class HeaderItems(Protocol):
    """Headers as the server gives them."""

    def items(self) -> list[tuple[str, str]]:
        """Return every header line, names in lower case."""


class Scope(Protocol):
    """What the server says of a request (RSGI)."""

    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> HeaderItems:
        """The request's headers."""


class Exchange(Protocol):
    """The server's side of one request (RSGI): its body, and the way to answer."""

    async def __call__(self) -> bytes:
        """Return the whole body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        """Answer with what a file holds, read as fast as it is taken."""


class Incoming(NamedTuple):
    """A request that kept the limits: header values by lower-case name, path without query.

    A body over MAX_BODY, or one that is a stream, is not read yet: it is ``upload``, and ``body`` is empty.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    upload: "Upload | None" = None

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        """Names and decoded values of the query parameters, in order."""
        return parse_qsl(self.query, keep_blank_values=True) if self.query else []

    @property
    def query_names(self) -> frozenset[str]:
        """Names of the query parameters."""
        return (
            frozenset(part.partition("=")[0] for part in self.query.split("&")) if self.query else frozenset()
        )


def read_head(scope: Scope) -> dict[str, str]:
    """Return the headers of a request whose head keeps the rules.

    Raises:
        Refusal: ``gateway.method_refused``, ``gateway.path_refused`` or ``gateway.header_refused``.
    """
    if scope.method not in METHODS:
        raise Refusal("gateway.method_refused")
    # The server gives the authority of an absolute request target only; ours are always relative.
    if scope.authority is not None or not _PATH.fullmatch(scope.path) or _DOTS.search(scope.path):
        raise Refusal("gateway.path_refused", "plain segments only: no dots, no empty segment, no escapes")
    if len(scope.query_string) > 2000 or not _QUERY.fullmatch(scope.query_string):
        raise Refusal("gateway.path_refused", "the query string has characters that are not allowed")
    return _read_headers(scope.headers.items())


class Upload:
    """A request's body that comes in pieces and is not held.

    Args:
        exchange: the request.
        size: bytes of it as its sender says; None for a stream, which says it itself.
    """

    def __init__(self, exchange: Exchange, *, size: int | None) -> None:
        self._pieces = aiter(exchange)
        self._held = bytearray()
        self.size = size

    async def read(self, amount: int) -> bytes:
        """Return so many bytes of the body; fewer at its end, none after it.

        Raises:
            Refusal: ``upload.broken``; nothing came for IDLE_SECONDS, or the sender hung up.
        """
        try:
            while len(self._held) < amount:
                async with asyncio.timeout(IDLE_SECONDS):
                    self._held += await anext(self._pieces)
        except StopAsyncIteration:
            pass
        except (TimeoutError, OSError, RuntimeError) as error:
            raise Refusal("upload.broken") from error
        taken = bytes(memoryview(self._held)[:amount])
        del self._held[:amount]
        return taken

    async def drain(self) -> None:
        """Read what is left of the body and forget it, for READ_SECONDS: who is cut off while sending may see no answer."""
        with suppress(Refusal, TimeoutError):
            async with asyncio.timeout(READ_SECONDS):
                while await self.read(MAX_BODY):
                    pass


async def receive(scope: Scope, headers: dict[str, str], exchange: Exchange) -> Incoming:
    """Return a request with its body, or with the way to read it when it is large. Raises Refusal as :func:`read_body`."""
    length = headers.get("content-length", "")
    upload, body = None, b""
    if headers.get("content-type") == STREAM and "signature" in headers:
        upload = Upload(exchange, size=None)
    elif length.isdecimal() and len(length) < 16 and int(length) > MAX_BODY:
        upload = Upload(exchange, size=int(length))
    else:
        body = await read_body(headers, exchange)
    return Incoming(scope.method, scope.path, scope.query_string, headers, body, upload)


async def read_body(headers: dict[str, str], exchange: Exchange) -> bytes:
    """Return the body of a request, at most MAX_BODY bytes and within READ_SECONDS.

    Raises:
        Refusal: ``gateway.body_too_large`` or ``gateway.deadline``.
    """
    length = headers.get("content-length", "")
    if not length and "transfer-encoding" not in headers:
        return b""
    if length.isdecimal() and int(length) > MAX_BODY:
        raise Refusal("gateway.body_too_large")
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await exchange() if length else await _read_pieces(exchange)
    except TimeoutError as error:
        raise Refusal("gateway.deadline", "the body did not arrive in time") from error


async def _read_pieces(exchange: Exchange) -> bytes:
    pieces = bytearray()
    async for piece in exchange:
        pieces += piece
        if len(pieces) > MAX_BODY:
            raise Refusal("gateway.body_too_large")
    return bytes(pieces)


def _read_headers(items: list[tuple[str, str]]) -> dict[str, str]:
    if len(items) > MAX_HEADERS:
        raise Refusal("gateway.header_refused", "too many headers")
    headers = dict(items)
    if len(headers) < len(items):
        names = [name for name, _ in items]
        repeated = {name for name in names if names.count(name) > 1}
        if repeated & _SINGLE:
            raise Refusal("gateway.header_refused", f"{sorted(repeated & _SINGLE)[0]} is repeated")
    if max(map(len, headers.values()), default=0) > MAX_HEADER_VALUE:
        raise Refusal("gateway.header_refused", "a header is too long")
    return headers
