"""Requests of any size through both gateways: verified, signed and recorded as they pass, in constant memory.

The head of such a request is recorded before it leaves; its digest is recorded before its last part is passed on, so that
no system has a whole request that is not on record.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import structlog
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import RequestBuilder

from terpadu_gateway.clients import fetch
from terpadu_gateway.journal import Journal, JournalError
from terpadu_gateway.messages import Refusal, Upload
from terpadu_gateway.streaming import verified_frames
from terpadu_wire.errors import SignatureError
from terpadu_wire.records import Record
from terpadu_wire.streams import CHUNK, DATA, Frame, StreamReader, StreamWriter, read_head

log = structlog.get_logger()


class Passing:
    """A large body on its way through this gateway.

    Args:
        asked: the record of its request; gets the content's digest.
        journal: where that becomes durable.
        declared: Content-Digest that the sender named beforehand, "" for none.
    """

    def __init__(self, asked: Record, journal: Journal, *, declared: str) -> None:
        self._asked = asked
        self._journal = journal
        self._declared = declared
        self._failure: Refusal | JournalError | None = None
        self._on_whole: Callable[[], None] = lambda: None

    async def fetch(
        self, builder: RequestBuilder, *, patience: float, late: Refusal
    ) -> tuple[int, dict[str, str], bytes]:
        """Send the body; return the answer as :func:`terpadu_gateway.clients.fetch`.

        Args:
            builder: the request without its body.
            patience: seconds to wait for the answer once the body is sent.
            late: what to say when there is none by then.

        Raises:
            Refusal: ``late``; or the body does not hold, or broke off.
            JournalError: its digest could not be recorded.
            PyreqwestError: the request failed.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as limit:
                self._on_whole = lambda: limit.reschedule(loop.time() + patience)
                return await fetch(builder.body_stream(self._watched()))
        except PyreqwestError as error:
            if self._failure is not None:
                raise self._failure from error
            raise
        except TimeoutError as error:
            raise late from error
        finally:
            self._on_whole = lambda: None

    async def _watched(self) -> AsyncIterator[memoryview]:
        try:
            async for piece in self._pieces():
                yield piece
            self._on_whole()
        except (Refusal, JournalError) as error:
            self._failure = error
            raise

    def _pieces(self) -> AsyncIterator[memoryview]:
        raise NotImplementedError

    async def _complete(self, *, digest: str, proof: str) -> None:
        """Record the digest of the whole; before its last part is passed on.

        Raises:
            Refusal: ``signature.digest``; it is not the digest that was named.
        """
        if self._declared not in ("", digest):
            raise Refusal("signature.digest", "the content is not the one that Content-Digest names")
        self._asked.request_digest, self._asked.request_end = digest, proof
        await self._journal.write(replace(self._asked))


class Sending(Passing):
    """An application's upload, signed frame by frame.

    Args:
        upload: the application's body.
        headers: what describes it.
        writer: signs its frames.
    """

    def __init__(
        self,
        asked: Record,
        journal: Journal,
        *,
        declared: str,
        upload: Upload,
        headers: dict[str, str],
        writer: StreamWriter,
    ) -> None:
        super().__init__(asked, journal, declared=declared)
        self._upload = upload
        self._headers = headers
        self._writer = writer

    async def _pieces(self) -> AsyncIterator[memoryview]:
        writer = self._writer
        yield memoryview(writer.head(self._headers))
        while chunk := await self._upload.read(CHUNK):
            yield memoryview(writer.data(chunk))
        if writer.size != self._upload.size:
            raise Refusal("upload.broken")
        end = writer.end()
        await self._complete(digest=writer.digest, proof=writer.proof)
        yield memoryview(end)


class Receiving(Passing):
    """Another gateway's upload; each piece is passed on when it is verified, and the last when the whole is recorded.

    Args:
        upload: the frames.
        reader: verifies them.
    """

    def __init__(
        self, asked: Record, journal: Journal, *, declared: str, upload: Upload, reader: StreamReader
    ) -> None:
        super().__init__(asked, journal, declared=declared)
        self._reader = reader
        self._frames = self._read(upload)

    async def head(self) -> dict[str, str]:
        """Return the headers that describe the content, its length among them.

        Raises:
            Refusal: ``upload.invalid``, ``upload.broken`` or ``gateway.length_required``.
        """
        async for frame in self._frames:
            try:
                headers = read_head(frame.payload)
            except SignatureError as error:
                raise Refusal("upload.invalid", error.reason) from error
            if not headers.get("content-length", "").isdecimal():
                raise Refusal("gateway.length_required")
            return {name: headers[name] for name in ("content-type", "content-length") if name in headers}
        raise Refusal("upload.broken")

    async def _pieces(self) -> AsyncIterator[memoryview]:
        held = memoryview(b"")
        async for frame in self._frames:
            if frame.kind == DATA:
                if held:
                    yield held
                held = memoryview(frame.payload)
        if not self._reader.ended:
            raise Refusal("upload.broken")
        await self._complete(digest=self._reader.digest, proof=self._reader.proof)
        if held:
            yield held

    async def _read(self, upload: Upload) -> AsyncIterator[Frame]:
        try:
            async for frame in verified_frames(upload, self._reader):
                yield frame
        except SignatureError as error:
            log.error("upload.invalid", reason=error.reason)
            raise Refusal("upload.invalid", error.reason) from error
