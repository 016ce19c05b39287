"""Keeps the newest snapshot: asks the control plane, checks the group's signature, keeps a copy on disk."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.response import Response

from terpadu_wire.errors import SnapshotError
from terpadu_wire.keys import PublicKey
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.snapshot_wire import load_snapshot_file

log = structlog.get_logger()
REVOKED_WITHIN = 5.0
"""Seconds after which no gateway that reaches the control plane lets a revoked contract pass: a period and a fetch."""
_TIMEOUT = timedelta(seconds=60)
_PIECE = 1 << 20


class SnapshotKeeper:
    """The snapshot that calls are decided by; swapped whole, so that a running call keeps the one it began with.

    Args:
        url: address of the control plane's snapshot.
        copy: file of the last good snapshot.
        group_key: key that must have signed it.
        client: HTTP client towards the control plane, which gives up on silence.
        clock: gives Unix seconds.
    """

    def __init__(
        self, url: str, *, copy: Path, group_key: PublicKey, client: Client, clock: Callable[[], float]
    ) -> None:
        self._url = url
        self._copy = copy
        self._group_key = group_key
        self._client = client
        self._clock = clock
        self._etag = ""
        self._reachable = True
        self._warned_stale = 0
        self.current: Snapshot | None = None

    async def start(self) -> None:
        """Take the copy on disk; without one, ask the control plane now, so that the first call finds a snapshot."""
        try:
            self._take(self._load(self._copy), source="disk")
        except FileNotFoundError:
            log.info("snapshot.no_copy")
        except (OSError, SnapshotError) as error:
            log.warning("snapshot.copy_unusable", reason=type(error).__name__)
        if self.current is None:
            await self.poll()

    async def keep(self, *, every: float) -> None:
        """Ask the control plane for ever, every so many seconds from question to question."""
        while True:
            asked = time.monotonic()
            await self.poll()
            took = time.monotonic() - asked
            if self._reachable and took > REVOKED_WITHIN - every:
                log.warning("snapshot.slow", seconds=round(took, 1))
            await asyncio.sleep(max(0.0, every - took))

    async def poll(self) -> None:
        """Ask the control plane once; a failure leaves the snapshot as it is."""
        request = self._client.get(self._url).timeout(_TIMEOUT)
        if self._etag:
            request = request.header("if-none-match", self._etag)
        try:
            async with request.build_streamed() as response:
                if response.status == 200:
                    await self._receive(response)
                    self._etag = response.get_header("etag") or ""
                self._note_reachable(response.status in (200, 304), f"status {response.status}")
        except PyreqwestError as error:
            self._note_reachable(False, type(error).__name__)
        except SnapshotError as error:
            log.error("snapshot.refused", code=error.code, reason=error.reason)
        except OSError as error:
            log.error("snapshot.copy_unwritable", errno=error.errno)
        self._warn_when_stale()

    async def _receive(self, response: Response) -> None:
        """Write a snapshot to disk as it arrives, check it there, act on it, and let it replace the copy."""
        fresh = self._copy.with_suffix(".new")
        with fresh.open("wb") as file:
            while (piece := await response.body_reader.read(_PIECE)) is not None:
                await asyncio.to_thread(file.write, piece)
        snapshot = await asyncio.to_thread(self._load, fresh)
        if self._take(snapshot, source="control plane"):
            await asyncio.to_thread(self._keep_copy, fresh)

    def _load(self, path: Path) -> Snapshot:
        return load_snapshot_file(path, group_key=self._group_key, now=self._clock())

    def _take(self, snapshot: Snapshot, *, source: str) -> bool:
        known = self.current
        if known is not None and snapshot.version < known.version:
            raise SnapshotError("snapshot.older", "the control plane offers an older snapshot than we have")
        if known is not None and snapshot.version == known.version and snapshot.issued_at <= known.issued_at:
            return False
        self.current = snapshot
        log.info("snapshot.taken", version=snapshot.version, source=source)
        return True

    def _keep_copy(self, fresh: Path) -> None:
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(self._copy)

    def _note_reachable(self, reachable: bool, reason: str) -> None:
        if reachable != self._reachable:
            self._reachable = reachable
            if reachable:
                log.info("control_plane.reachable")
            else:
                log.warning("control_plane.unreachable", reason=reason)

    def _warn_when_stale(self) -> None:
        current = self.current
        if current is None or current.version == self._warned_stale:
            return
        if self._clock() >= current.soft_expires_at:
            self._warned_stale = current.version
            log.warning("snapshot.stale", version=current.version, hard_expires_at=current.hard_expires_at)
