"""The journal: records made durable in segment files, many at once (group commit), and messages signed with them.

Whatever arrives while one write is being synced to disk goes together into the next: under load hundreds of records
share one ``fdatasync``, and without load none waits for company. A message that we sign is recorded before it leaves, so
its signature is made here: all that are due at one moment share one signature operation (:mod:`terpadu_wire.batches`).
"""

import asyncio
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from terpadu_wire.records import MAGIC, Record, encode_record
from terpadu_wire.signing import MessageSignature, Unsigned, sign_together
from terpadu_wire.transactions import new_transaction_id

log = structlog.get_logger()


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
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int,
        clock: Callable[[], float],
        seen: Callable[[Record], None] | None = None,
    ) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._seen = seen
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Entry] = []
        self._writing = False
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._batches: queue.SimpleQueue[tuple[bytes, list[_Entry]] | None] = queue.SimpleQueue()
        self._file = -1
        self._path: Path | None = None
        self._durable = 0
        self._named_at_ms = 0
        self.writable = True
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def active(self) -> tuple[str, int] | None:
        """Name of the segment being written and how many of its bytes are durable; None before the first record."""
        path = self._path
        return (path.name, self._durable) if path is not None else None

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
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        batch, self._waiting = self._waiting, []
        self._sign(batch)
        self._batches.put((b"".join([entry.frame for entry in batch]), batch))

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

    def _run(self) -> None:
        while (work := self._batches.get()) is not None:
            frames, batch = work
            failure: OSError | None = None
            try:
                self._append(frames)
            except OSError as error:
                failure = error
            self._loop.call_soon_threadsafe(self._settle, batch, failure)
        self._close_file()

    def _append(self, frames: bytes) -> None:
        try:
            if self._file < 0 or self._durable >= self._segment_bytes:
                self._open_next()
            view = memoryview(frames)
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            # What reached the disk is not known, so nothing more is added to this file.
            self._close_file()
            raise
        self._durable += len(frames)

    def _open_next(self) -> None:
        self._close_file()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._next_name()}.seg"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        os.write(self._file, MAGIC)
        self._sync_folder()
        self._path, self._durable = path, len(MAGIC)

    def _next_name(self) -> str:
        """Return a name that sorts after every earlier one, also within a millisecond and when the clock is set back."""
        self._named_at_ms = max(int(self._clock() * 1000), self._named_at_ms + 1)
        middle_of_it = (self._named_at_ms + 0.5) / 1000
        return str(new_transaction_id(now=middle_of_it))

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _close_file(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

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
