"""Answers of any size through both gateways: verified, signed and recorded as they pass, in constant memory.

An answer is recorded before its last frame leaves, so that nobody has a whole answer without a record of it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

import structlog
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import RequestBuilder
from pyreqwest.response import Response

from terpadu_gateway.journal import Journal
from terpadu_gateway.messages import MAX_BODY, Refusal
from terpadu_gateway.receipts import SignedResponse, answered, failed
from terpadu_wire.errors import SignatureError
from terpadu_wire.records import Record
from terpadu_wire.streams import CHUNK, DATA, Frame, Piece, StreamReader, StreamWriter, read_head

log = structlog.get_logger()
IDLE_SECONDS = 30.0
"""Longest time that a sender may send nothing."""
_AHEAD = 256 << 10
"""Bytes that are taken from the network before they are asked for."""
RANGE_HEADERS = ("range", "if-range")
"""Headers with which an application goes on where an earlier answer ended (RFC 9110, section 14)."""


class OpenAnswer:
    """A streamed answer that has begun: status, headers, and its body to be read.

    Args:
        stack: closes the connection.
        response: the response.
    """

    def __init__(self, stack: AsyncExitStack, response: Response) -> None:
        self._stack = stack
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = dict(response.headers.items())

    @classmethod
    async def of(cls, request: RequestBuilder, *, patience: float) -> "OpenAnswer":
        """Return the answer to a request when its head and the first bytes of it have come.

        Raises:
            TimeoutError: it did not within ``patience`` seconds.
            PyreqwestError: the request failed.
        """
        stack = AsyncExitStack()
        async with asyncio.timeout(patience):
            streamed = request.streamed_read_buffer_limit(_AHEAD).build_streamed()
            response = await stack.enter_async_context(streamed)
        return cls(stack, response)

    async def read(self, amount: int) -> memoryview:
        """Return so many bytes of the body; fewer at its end, none after it.

        Raises:
            Refusal: ``stream.broken``; it ended too early or they did not come within IDLE_SECONDS.
        """
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                return memoryview(await self._response.body_reader.read(amount) or b"")
        except (TimeoutError, PyreqwestError) as error:
            raise Refusal("stream.broken") from error

    @property
    def size(self) -> int:
        """Bytes of the body as the sender says; a large number when it does not."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isdecimal() and len(text) < 16 else 1 << 50

    @property
    def content_type(self) -> str:
        """Content type of the body, as it can be signed."""
        text = self.headers.get("content-type", "")
        return text if text.isascii() and text.isprintable() and text else "application/octet-stream"

    async def whole(self) -> bytes:
        """Return a body of at most MAX_BODY bytes at once, and close the connection.

        Raises:
            Refusal: ``stream.broken``; it is larger, or ended too early.
        """
        try:
            body = bytes(await self.read(MAX_BODY + 1))
        finally:
            await self.close()
        if len(body) > MAX_BODY:
            raise Refusal("stream.broken")
        return body

    async def close(self) -> None:
        """Close the connection."""
        await self._stack.aclose()


@dataclass(frozen=True, slots=True)
class Passage:
    """What makes a stream's record: the record of its request, the signed head, the journal, and the time."""

    asked: Record
    head: SignedResponse
    journal: Journal
    clock: Callable[[], float]

    async def complete(self, *, digest: str, proof: str, fields: tuple[str, ...]) -> None:
        """Record that the answer is whole; before its last part leaves."""
        given = answered(self.asked, self.head, fields=fields, subject="", now=self.clock())
        given.response_digest, given.response_end = digest, proof
        await self.journal.write(given)

    async def broken(self, code: str) -> None:
        """Record that the answer did not become whole."""
        await self.journal.write(failed(self.asked, self.head, code=code, refused=False, now=self.clock()))


async def begun(pieces: AsyncGenerator[Piece, None]) -> AsyncGenerator[Piece, None]:
    """Return pieces that close and record what they hold open even when nobody takes the first of them.

    A generator that was never entered passes over its ``finally``; so those here yield nothing first, at once.
    """
    await anext(pieces)
    return pieces


async def signed_frames(
    opened: OpenAnswer, writer: StreamWriter, passage: Passage
) -> AsyncGenerator[Piece, None]:
    """Yield nothing, then the frames of a system's answer; close it at the end. See :func:`begun`."""
    whole = False
    try:
        yield b""
        yield writer.head(opened.headers)
        while chunk := await opened.read(CHUNK):
            yield writer.data(chunk)
        if writer.size != int(opened.headers["content-length"]):
            raise Refusal("stream.broken")
        end = writer.end()
        await passage.complete(digest=writer.digest, proof=writer.proof, fields=("",))
        whole = True
        yield end
    finally:
        await opened.close()
        if not whole:
            await passage.broken("stream.broken")


class Source(Protocol):
    """A body that is read piece by piece."""

    async def read(self, amount: int) -> Piece:
        """Return so many bytes; fewer at its end, none after it."""


async def verified_frames(source: Source, reader: StreamReader) -> AsyncIterator[Frame]:
    """Yield the frames of a body, each when it is verified.

    Raises:
        SignatureError: ``stream.invalid``.
        Refusal: the source broke off.
    """
    while piece := await source.read(reader.wanted):
        for frame in reader.feed(piece):
            yield frame


class VerifiedContent:
    """The content of a provider's streamed answer; each piece is passed on when it is verified, and not before.

    Args:
        opened: the answer.
        reader: verifies its frames.
        passage: makes its record.
    """

    def __init__(self, opened: OpenAnswer, reader: StreamReader, passage: Passage) -> None:
        self._opened = opened
        self._reader = reader
        self._passage = passage
        self._frames = self._read()

    async def head(self) -> dict[str, str]:
        """Return the headers that describe the content.

        Raises:
            Refusal: ``stream.invalid`` or ``stream.broken``.
        """
        async for frame in self._frames:
            try:
                return read_head(frame.payload)
            except SignatureError as error:
                raise Refusal(error.code, error.reason) from error
        raise Refusal("stream.broken")

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """Yield nothing, then the content; the last piece when the whole is recorded. See :func:`begun`."""
        whole, held = False, memoryview(b"")
        try:
            yield b""
            async for frame in self._frames:
                if frame.kind == DATA:
                    if held:
                        yield held
                    held = memoryview(frame.payload)
            await self._passage.complete(digest=self._reader.digest, proof=self._reader.proof, fields=())
            whole = True
            if held:
                yield held
        finally:
            await self._opened.close()
            if not whole:
                await self._passage.broken("stream.broken")

    async def _read(self) -> AsyncIterator[Frame]:
        try:
            async for frame in verified_frames(self._opened, self._reader):
                yield frame
        except SignatureError as error:
            log.error("stream.invalid", reason=error.reason)
            raise Refusal(error.code, error.reason) from error
        if not self._reader.ended:
            raise Refusal("stream.broken")
