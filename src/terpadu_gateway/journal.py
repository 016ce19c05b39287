"""The journal: records made durable in segment files, many at once (group commit), and messages signed with them.

Whatever is due in one turn of the loop, or arrives while a write is being synced to disk, goes together into one write:
under load many records share one ``fdatasync``, and without load none waits for company. A message that we sign is
recorded before it leaves, so its signature is made here: all that are due at one moment share one signature operation
(:mod:`terpadu_wire.batches`).

A quick disk is synced by the loop itself. That stops it for less than a thread would wait for its turn at the interpreter:
under load several milliseconds, in which the calls gather into a herd and the other gateway has nothing to do. A disk that
turns out slow is left to the thread.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from terpadu_gateway.segments import SegmentFile
from terpadu_wire.records import Record, encode_record
from terpadu_wire.signing import MessageSignature, Unsigned, sign_together

log = structlog.get_logger()
QUICK_WRITE = 0.002
"""Longest time that a quick disk takes for a write with its sync, in seconds."""
SLOW_WRITES = 8
"""So many slower ones on end make a slow disk; single ones waited for another thread rather than for the disk."""
SLOW_SECONDS = 10.0
"""So long everything goes through the thread then, before the disk is tried again."""


class JournalError(Exception):
    """Say that a record could not be made durable; the exchange it belongs to must not go on."""


@dataclass(slots=True)
class _Entry:
    """What waits for the disk: a record as bytes, or a message to sign and what makes its record of the signature."""

    done: asyncio.Future[None]
    frame: bytes = b""
    message: Unsigned | None = None
    record: Callable[[MessageSignature], Record] | None = None
    signature: MessageSignature | None = None


class Journal:
    """Append-only segments in a folder; one per process and at most ``segment_bytes`` long.

    Args:
        folder: where segments live; made on the first record.
        segment_bytes: size after which the next segment is begun.
        clock: gives Unix seconds, for segment names in order of time.
        seen: is told of every record when it is made.
        timer: gives seconds that only grow, to see how quick the disk is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int,
        clock: Callable[[], float],
        seen: Callable[[Record], None] | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._segment = SegmentFile(folder, segment_bytes=segment_bytes, clock=clock)
        self._seen = seen
        self._timer = timer
        self._slow_writes = 0
        self._slow_until = timer()
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Entry] = []
        self._writing = False
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._batches: queue.SimpleQueue[tuple[bytes, list[_Entry]] | None] = queue.SimpleQueue()
        self.writable = True
        self._writer = threading.Thread(target=self._run, name="journal", daemon=True)
        self._writer.start()

    @property
    def active(self) -> tuple[str, int] | None:
        """Name of the segment being written and how many of its bytes are durable; None before the first record."""
        return self._segment.active

    async def write(self, record: Record) -> None:
        """Return when a record is on disk.

        Raises:
            JournalError: it is not, and the exchange must not go on.
        """
        if self._seen is not None:
            self._seen(record)
        await self._enter(_Entry(self._loop.create_future(), encode_record(record)))

    async def write_signed(
        self, message: Unsigned, record: Callable[[MessageSignature], Record]
    ) -> MessageSignature:
        """Sign a message and return its signature when the record that holds it is on disk.

        Args:
            message: the message, ready to be signed.
            record: makes the record out of the signature.

        Raises:
            JournalError: it is not, and the message must not leave.
        """
        entry = _Entry(self._loop.create_future(), message=message, record=record)
        await self._enter(entry)
        if entry.signature is None:
            raise JournalError("the message was not signed")
        return entry.signature

    async def _enter(self, entry: _Entry) -> None:
        if self._closed:
            raise JournalError("the journal is closed")
        self._waiting.append(entry)
        if not self._writing:
            self._writing = True
            self._idle.clear()
            # Not at once: what else is ready to run in this turn of the loop may bring its record along.
            self._loop.call_soon(self._hand_over)
        await entry.done

    async def close(self) -> None:
        """Write what is waiting and end the thread."""
        self._closed = True
        await self._idle.wait()
        self._batches.put(None)
        await asyncio.to_thread(self._writer.join)

    def _hand_over(self) -> None:
        batch, self._waiting = self._waiting, []
        self._sign(batch)
        frames = b"".join([entry.frame for entry in batch])
        if self._timer() < self._slow_until:
            self._batches.put((frames, batch))
        else:
            self._settle(batch, self._write_here(frames))

    def _sign(self, batch: list[_Entry]) -> None:
        """Sign the messages of a batch together and make their records."""
        unsigned = [entry for entry in batch if entry.message is not None]
        signatures = sign_together([entry.message for entry in unsigned if entry.message is not None])
        for entry, signature in zip(unsigned, signatures, strict=True):
            entry.signature = signature
            if entry.record is not None:
                record = entry.record(signature)
                entry.frame = encode_record(record)
                if self._seen is not None:
                    self._seen(record)

    def _write_here(self, frames: bytes) -> OSError | None:
        """Write frames without the thread, and notice when the disk is too slow for that."""
        began = self._timer()
        failure = self._write(frames)
        ended = self._timer()
        self._slow_writes = self._slow_writes + 1 if ended - began > QUICK_WRITE else 0
        if self._slow_writes == SLOW_WRITES:
            self._slow_writes, self._slow_until = 0, ended + SLOW_SECONDS
        return failure

    def _write(self, frames: bytes) -> OSError | None:
        try:
            self._segment.append(frames)
        except OSError as error:
            return error
        return None

    def _run(self) -> None:
        while (work := self._batches.get()) is not None:
            frames, batch = work
            self._loop.call_soon_threadsafe(self._settle, batch, self._write(frames))
        self._segment.close()

    def _settle(self, batch: list[_Entry], failure: OSError | None) -> None:
        if failure is not None and self.writable:
            log.error("journal.unwritable", errno=failure.errno)
        elif failure is None and not self.writable:
            log.info("journal.writable_again")
        self.writable = failure is None
        for entry in batch:
            if entry.done.done():
                continue
            if failure is None:
                entry.done.set_result(None)
            else:
                entry.done.set_exception(JournalError("the record could not be written"))
        if not self._waiting:
            self._writing = False
            self._idle.set()
        else:
            self._hand_over()
