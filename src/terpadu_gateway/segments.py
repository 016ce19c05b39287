"""The segment file that a gateway writes its records to, and the next one when it is full."""

import os
from collections.abc import Callable
from pathlib import Path

from terpadu_wire.records import MAGIC
from terpadu_wire.transactions import new_transaction_id


class SegmentFile:
    """Appends to one segment after the other; used by one thread at a time.

    Args:
        folder: where segments live; made on the first write.
        segment_bytes: size after which the next segment is begun.
        clock: gives Unix seconds, for names in order of time.
    """

    def __init__(self, folder: Path, *, segment_bytes: int, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._clock = clock
        self._file = -1
        self._named_at_ms = 0
        # Set as one, since whoever ships reads it from another thread.
        self.active: tuple[str, int] | None = None
        """Name of the segment being written and how many of its bytes are durable; None before the first."""

    def append(self, frames: bytes) -> None:
        """Return when frames are on disk.

        Raises:
            OSError: they are not, or nobody knows; the next frames go into a new segment.
        """
        try:
            name, durable = self._with_room()
            view = memoryview(frames)
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            # What reached the disk is not known, so nothing more is added to this file.
            self.close()
            raise
        self.active = name, durable + len(frames)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _with_room(self) -> tuple[str, int]:
        """Return the segment that takes the next frames, as ``active`` has it; a new one when none is open, or it is full."""
        if self._file >= 0 and self.active is not None and self.active[1] < self._segment_bytes:
            return self.active
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._next_name()}.seg"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        os.write(self._file, MAGIC)
        self._sync_folder()
        self.active = path.name, len(MAGIC)
        return self.active

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
