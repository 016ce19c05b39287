"""Ships records to the control plane: at least once, in order, from where it left off. The local segments stay the truth.

``POST {control_url}/exchange/records``, signed like every request (purpose, evidence and token empty). Body: JSON lines;
the first is ``{"gateway", "segment", "offset", "end"}``, each further one is one record. Answer 2xx: the batch is kept.
Answer 409 with ``{"offset": n}``: the control plane already has the segment up to byte n, go on from there.
"""

import asyncio
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
import structlog
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.clients import AnswerTooLargeError, fetch
from terpadu_gateway.identities import Identity
from terpadu_gateway.journal import Journal
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import RecordError
from terpadu_wire.records import MAGIC, RECORD_KIND, Frame, read_frames
from terpadu_wire.signing import REQUEST_HEADERS
from terpadu_wire.transactions import new_transaction_id

log = structlog.get_logger()
MAX_BATCH = 500
MAX_BATCH_BYTES = 4 << 20
_TIMEOUT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Position:
    """How far records were shipped: segment name and byte offset of the next frame."""

    segment: str
    offset: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records from a position to a byte of its segment; ``more_waits`` says whether there is another batch behind it."""

    position: Position
    end: int
    records: list[bytes]
    more_waits: bool


class Shipper:
    """Ships a gateway's segments one after another.

    Args:
        name: the gateway's name.
        folder: its data folder; segments are below ``segments``.
        url: address of the control plane's record intake.
        client: HTTP client towards it.
        identity: agency whose key signs the batches.
        journal: tells how far the segment being written is durable.
        clock: gives Unix seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        folder: Path,
        url: str,
        client: Client,
        identity: Identity,
        journal: Journal,
        clock: Callable[[], float],
    ) -> None:
        self._name = name
        self._segments = folder / "segments"
        self._state = folder / "shipped.json"
        self._url = url
        self._client = client
        self._identity = identity
        self._journal = journal
        self._clock = clock
        self._failing = False
        self._position = self._read_position()

    async def keep(self, *, every: float) -> None:
        """Ship for ever; without a pause while there are full batches, else every so many seconds.

        What comes in between is gathered: a batch costs the control plane much the same, however small it is.
        """
        while True:
            if not await self.ship_once():
                await asyncio.sleep(every)

    async def ship_once(self) -> bool:
        """Ship one batch; say whether the next one is full already."""
        try:
            batch = await asyncio.to_thread(self._next_batch)
            if batch is None:
                return False
            accepted = await self._send(batch)
            await asyncio.to_thread(self._keep_position, Position(batch.position.segment, accepted))
        except (PyreqwestError, AnswerTooLargeError, OSError, RecordError, _RefusedError) as error:
            self._note(failing=True, reason=type(error).__name__)
            return False
        self._note(failing=False, reason="")
        return batch.more_waits

    def backlog(self) -> tuple[int, int]:
        """Return (segments not yet shipped whole, bytes not yet shipped)."""
        sizes = {path.name: path.stat().st_size for path in self._waiting_segments()}
        ahead = sum(sizes.values()) - (self._position.offset if self._position.segment in sizes else 0)
        empty = len(MAGIC) * sum(name != self._position.segment for name in sizes)
        unshipped = max(0, ahead - empty)
        return (len(sizes) if unshipped else 0), unshipped

    def _waiting_segments(self) -> list[Path]:
        # Names begin with the time, so their order is the order of writing.
        if not self._segments.is_dir():
            return []
        return sorted(path for path in self._segments.glob("*.seg") if path.name >= self._position.segment)

    def _next_batch(self) -> _Batch | None:
        active, waiting = self._journal.active, self._waiting_segments()
        for path in waiting:
            start = self._position.offset if path.name == self._position.segment else len(MAGIC)
            durable = active[1] if active is not None and active[0] == path.name else None
            frames = _read_some(path, start=start, durable=durable)
            if frames:
                lines = [frame.payload for frame in frames if frame.kind == RECORD_KIND]
                more_waits = len(frames) == MAX_BATCH or path != waiting[-1]
                return _Batch(Position(path.name, start), frames[-1].end, lines, more_waits)
        return None

    async def _send(self, batch: _Batch) -> int:
        start, end = batch.position, batch.end
        head = {"gateway": self._name, "segment": start.segment, "offset": start.offset, "end": end}
        body, now = b"\n".join([orjson.dumps(head), *batch.records]) + b"\n", self._clock()
        headers = dict.fromkeys(REQUEST_HEADERS, "") | {
            "content-type": "application/x-ndjson",
            "content-digest": content_digest(body),
            "fsc-transaction-id": new_transaction_id(now=now),
        }
        signature = self._identity.signer.sign_request(
            method="POST", target_uri=self._url, headers=headers, now=now
        )
        request = self._client.post(self._url).headers(headers | signature.headers()).body_bytes(body)
        status, _, answer = await fetch(request.timeout(_TIMEOUT))
        if status == 409:
            return _resume_at(answer)
        if not 200 <= status < 300:
            raise _RefusedError(f"status {status}")
        return end

    def _read_position(self) -> Position:
        try:
            value = orjson.loads(self._state.read_bytes())
            return Position(str(value["segment"]), int(value["offset"]))
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return Position("", 0)  # ship everything again: at least once

    def _keep_position(self, position: Position) -> None:
        fresh = self._state.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(orjson.dumps({"segment": position.segment, "offset": position.offset}))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._state)
        self._position = position

    def _note(self, *, failing: bool, reason: str) -> None:
        if failing and not self._failing:
            log.warning("records.not_shipped", reason=reason)
        elif self._failing and not failing:
            log.info("records.shipped_again")
        self._failing = failing


class _RefusedError(Exception):
    """Say that the control plane did not keep a batch."""


def _read_some(path: Path, *, start: int, durable: int | None) -> list[Frame]:
    """Return the next frames of a segment, one batch at most; of the one being written only what is durable."""
    frames: list[Frame] = []
    with path.open("rb") as file:
        for frame in itertools.islice(read_frames(file, start=start), MAX_BATCH):
            if frame.end - start > MAX_BATCH_BYTES and frames:
                break
            if durable is not None and frame.end > durable:
                break
            frames.append(frame)
    return frames


def _resume_at(answer: bytes) -> int:
    try:
        value = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise _RefusedError("409 without an offset") from error
    offset = value.get("offset") if isinstance(value, dict) else None
    if not isinstance(offset, int) or offset < len(MAGIC):
        raise _RefusedError("409 without an offset")
    return offset
