"""Answers of any size to a slow reader in constant memory.

The server takes streamed pieces without limit and keeps what the reader has not taken yet, so a slow reader would fill our
memory. A file it reads only as fast as the reader takes it, though: so it is given a named pipe as its file, and we write
into the other end and wait whenever the pipe is full.
"""

import asyncio
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from terpadu_gateway.messages import Exchange
from terpadu_wire.streams import Piece

IDLE_SECONDS = 30.0
"""Longest time that a reader may take nothing."""
_OPEN_SECONDS = 5.0
_F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)
_SIZE = 1 << 20


class ReaderGoneError(Exception):
    """Say that the reader of an answer hung up or took nothing for too long."""


async def pour(
    exchange: Exchange, status: int, headers: list[tuple[str, str]], pieces: AsyncIterator[Piece]
) -> None:
    """Answer with pieces as they come, no faster than they are taken.

    Args:
        exchange: the request to answer.
        status: status code.
        headers: every header; a ``content-length`` among them lets the reader notice when it ends too early.
        pieces: the body.

    Raises:
        ReaderGoneError: the reader hung up, or took nothing for IDLE_SECONDS.
    """
    # The folder is ours alone, and its name is never used again: what the server opens can only be this pipe.
    folder = Path(tempfile.mkdtemp(prefix="terpadu-answer-"))
    try:
        pipe = folder / "pipe"
        os.mkfifo(pipe, 0o600)
        exchange.response_file(status, headers, str(pipe))
        writing = await _open(pipe)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        with suppress(OSError):  # a smaller pipe does as well
            fcntl.fcntl(writing, _F_SETPIPE_SZ, _SIZE)
        async for piece in pieces:
            await _write(writing, piece)
    except BrokenPipeError as error:
        raise ReaderGoneError from error
    finally:
        os.close(writing)


async def _open(pipe: Path) -> int:
    """Return the writing end as soon as the server has opened the reading end."""
    pause, waited = 0.0005, 0.0
    while waited < _OPEN_SECONDS:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 0.05)
    raise ReaderGoneError


async def _write(writing: int, piece: Piece) -> None:
    view = memoryview(piece)
    while view:
        try:
            view = view[os.write(writing, view) :]
        except BlockingIOError:
            await _writable(writing)


async def _writable(writing: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_writer(writing, _settle, ready)
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            await ready
    except TimeoutError as error:
        raise ReaderGoneError from error
    finally:
        loop.remove_writer(writing)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
