"""A listener that tells its handler which certificate the caller showed; the fast server of the other listeners does not.

Foreign peers call here, few and unsigned: HTTP/1.1 over mutual TLS, one request after the other, bodies of at most a
megabyte. Whatever a caller says in the header that names a certificate is thrown away, and the true one put there.
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import h11
import structlog

from terpadu_gateway.answers import fsc_answer
from terpadu_gateway.config import FscConfig, split_listen
from terpadu_gateway.listeners import Handler
from terpadu_gateway.messages import MAX_BODY, Refusal

log = structlog.get_logger()
CERTIFICATE = "client-cert"
"""Header with the caller's certificate (RFC 9440)."""
_NAMES = frozenset({CERTIFICATE, "client-cert-chain"})
_READ_SECONDS = 10.0
_IDLE_SECONDS = 60.0
_BLOCK = 64 << 10


@dataclass(frozen=True, slots=True)
class Lines:
    """Header lines of a request."""

    lines: list[tuple[str, str]]

    def items(self) -> list[tuple[str, str]]:
        """Return every header line, names in lower case."""
        return self.lines


@dataclass(slots=True)
class MutualScope:
    """What is said of a request (the names are RSGI's)."""

    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Lines


class WholeExchange:
    """A request that has arrived, and the answer that a handler gives to it (the names are RSGI's)."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.answer = b""

    async def __call__(self) -> bytes:
        """Return the whole body."""
        return self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body."""
        yield self._body

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""
        self.status, self.headers, self.answer = status, headers, body

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        """Refuse: nothing is streamed to foreign peers."""
        raise NotImplementedError


class MutualListener:
    """Serves a handler over mutual TLS.

    Args:
        handler: answers requests.
        config: where to listen and what to show.
        anchors: whom to trust.
    """

    def __init__(self, handler: Handler, config: FscConfig, *, anchors: Path) -> None:
        self._handler = handler
        self._context = _context(config, anchors)
        self._stopped = asyncio.Event()
        self.bind_addr, self.bind_port = split_listen(config.listen)

    async def serve(self) -> None:
        """Serve until stopped."""
        server = await asyncio.start_server(
            self._connected,
            self.bind_addr,
            self.bind_port,
            ssl=self._context,
            ssl_handshake_timeout=_READ_SECONDS,
            limit=_BLOCK,
        )
        async with server:
            await self._stopped.wait()

    def stop(self) -> None:
        """Take no more connections."""
        self._stopped.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_BLOCK)
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        try:
            while await self._serve_one(connection, reader, writer, certificate):
                connection.start_next_cycle()
        except (h11.RemoteProtocolError, OSError, TimeoutError, ssl.SSLError) as error:
            log.info("mutual.connection_ended", reason=type(error).__name__)
        finally:
            writer.close()

    async def _serve_one(
        self,
        connection: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        certificate: bytes,
    ) -> bool:
        """Answer one request; say whether another one may follow on the connection."""
        async with asyncio.timeout(_IDLE_SECONDS):
            request = await _next_event(connection, reader)
        if not isinstance(request, h11.Request):
            return False
        body = await _read_body(connection, reader)
        exchange = WholeExchange(body if body is not None else b"")
        if body is None:
            fsc_answer(Refusal("gateway.body_too_large").problem(side="provider-gateway")).send(exchange)
        else:
            await self._handler(_scope(request, certificate), exchange)
        await _send(connection, writer, exchange, is_last=body is None or self._stopped.is_set())
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE


def _context(config: FscConfig, anchors: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(anchors))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(config.certificate, config.key)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _scope(request: h11.Request, certificate: bytes) -> MutualScope:
    target = request.target.decode("latin-1")
    path, _, query = target.partition("?")
    lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    lines = [(name, value) for name, value in lines if name not in _NAMES]
    lines.append((CERTIFICATE, f":{base64.b64encode(certificate).decode('ascii')}:"))
    return MutualScope(
        method=request.method.decode("latin-1"),
        path=path,
        query_string=query,
        authority=None if target.startswith("/") else target,
        headers=Lines(lines),
    )


async def _next_event(connection: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(_BLOCK))
    return event


async def _read_body(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes | None:
    """Return the body of a request, None when it is larger than a gateway carries."""
    pieces = bytearray()
    async with asyncio.timeout(_READ_SECONDS):
        while isinstance(event := await _next_event(connection, reader), h11.Data):
            pieces += event.data
            if len(pieces) > MAX_BODY:
                return None
    return bytes(pieces)


async def _send(
    connection: h11.Connection, writer: asyncio.StreamWriter, exchange: WholeExchange, *, is_last: bool
) -> None:
    headers = [(name, value) for name, value in exchange.headers if name != "content-length"]
    headers.append(("content-length", str(len(exchange.answer))))
    if is_last:
        headers.append(("connection", "close"))
    response = h11.Response(status_code=exchange.status, headers=headers)
    for event in (response, h11.Data(data=exchange.answer), h11.EndOfMessage()):
        writer.write(connection.send(event) or b"")
    async with asyncio.timeout(_READ_SECONDS):
        await writer.drain()
