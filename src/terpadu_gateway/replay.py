"""Remembers the messages that were seen, for as long as their signatures live."""

from collections import deque
from pathlib import Path

from terpadu_wire.records import RECORD_KIND, read_frames, record_from_json
from terpadu_wire.signing import signer_of

_LIFE = 75
"""Seconds a message is remembered: the longest life of a signature and the clock skew on both sides, rounded up."""


class SeenMessages:
    """Keeps (key, nonce) pairs for a little longer than a signature can live; memory is bounded by time.

    What the process before this one accepted is read from its segments, so that a restart opens no gap.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._order: deque[tuple[float, tuple[str, str]]] = deque()

    def is_new(self, keyid: str, nonce: str, *, now: float) -> bool:
        """Say whether a message was not seen before, and remember it.

        Args:
            keyid: key that signed it.
            nonce: its nonce.
            now: Unix seconds.
        """
        while self._order and self._order[0][0] < now - _LIFE:
            self._seen.discard(self._order.popleft()[1])
        message = (keyid, nonce)
        if message in self._seen:
            return False
        self._seen.add(message)
        self._order.append((now, message))
        return True

    def recall(self, segments: Path, *, now: float) -> None:
        """Remember the messages that the segments of a folder say were accepted lately.

        Args:
            segments: the journal's folder.
            now: Unix seconds.

        Raises:
            OSError: a segment cannot be read.
            RecordError: a segment is not one of ours.
        """
        for path in sorted(segments.glob("*.seg")):
            if path.stat().st_mtime >= now - _LIFE:
                self._recall_segment(path, now=now)

    def _recall_segment(self, path: Path, *, now: float) -> None:
        with path.open("rb") as file:
            for frame in read_frames(file):
                if frame.kind != RECORD_KIND or b'"phase":"request"' not in frame.payload:
                    continue
                record = record_from_json(frame.payload)
                at = record.at / 1000
                if record.side == "in" and at >= now - _LIFE:
                    self.is_new(signer_of(record.request_signature_input), record.transaction_id, now=at)
