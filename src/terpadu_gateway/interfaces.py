"""The OpenAPI documents that requests and answers are held against: fetched by their digest, kept on disk, compiled once."""

import asyncio
import hashlib
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import structlog
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.clients import AnswerTooLargeError, fetch
from terpadu_gateway.messages import Refusal
from terpadu_gateway.snapshots import SnapshotKeeper
from terpadu_wire.errors import JsonError, OpenApiError
from terpadu_wire.openapi import OpenApiChecker
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.strict_json import parse_json

log = structlog.get_logger()
_TIMEOUT = timedelta(seconds=10)
_LOOK_EVERY = 1.0


class Shelf:
    """The compiled documents of one gateway.

    Args:
        url: address below which the control plane gives documents by their SHA-256.
        folder: where they are kept.
        client: HTTP client towards the control plane.
        hosted: (peer id, service name) of the systems behind this gateway, whose documents are made ready beforehand.
    """

    def __init__(
        self, url: str, *, folder: Path, client: Client, hosted: Collection[tuple[str, str]]
    ) -> None:
        self._url = url
        self._folder = folder
        self._client = client
        self._hosted = frozenset(hosted)
        self._checkers: dict[str, OpenApiChecker] = {}
        self._unusable: set[str] = set()
        self._loading: dict[str, asyncio.Task[OpenApiChecker]] = {}

    async def keep(self, snapshots: SnapshotKeeper) -> None:
        """Make the documents of the systems behind this gateway ready whenever the snapshot changes, for ever."""
        seen: Snapshot | None = None
        while True:
            current = snapshots.current
            if current is not None and current is not seen:
                seen = current
                for digest in self._digests(current):
                    await self._try(digest)
            await asyncio.sleep(_LOOK_EVERY)

    async def checker(self, digest: str) -> OpenApiChecker:
        """Return the compiled document of a digest.

        Raises:
            Refusal: ``openapi.unavailable`` or ``openapi.invalid``.
        """
        found = self._checkers.get(digest)
        if found is not None:
            return found
        if digest in self._unusable:
            raise Refusal("openapi.invalid")
        task = self._loading.get(digest)
        if task is None:
            task = asyncio.create_task(self._load(digest))
            self._loading[digest] = task
            task.add_done_callback(lambda _: self._loading.pop(digest, None))
        return await asyncio.shield(task)

    def _digests(self, snapshot: Snapshot) -> set[str]:
        return {
            service.openapi_sha256
            for service in snapshot.services
            if (service.peer_id, service.name) in self._hosted
        }

    async def _try(self, digest: str) -> None:
        try:
            await self.checker(digest)
        except Refusal as refusal:
            log.warning("openapi.not_ready", code=refusal.code, sha256=digest)

    async def _load(self, digest: str) -> OpenApiChecker:
        raw = await asyncio.to_thread(self._kept, digest)
        if raw is None:
            raw = await self._fetch(digest)
            await asyncio.to_thread(self._keep_copy, digest, raw)
        try:
            checker = await asyncio.to_thread(_compiled, raw)
        except (OpenApiError, JsonError) as error:
            self._unusable.add(digest)
            raise Refusal("openapi.invalid", error.reason) from error
        self._checkers[digest] = checker
        return checker

    async def _fetch(self, digest: str) -> bytes:
        request = self._client.get(f"{self._url}/{digest}").timeout(_TIMEOUT)
        try:
            status, _, raw = await fetch(request)
        except (PyreqwestError, AnswerTooLargeError) as error:
            raise Refusal("openapi.unavailable", retry_after=2) from error
        if status != 200 or hashlib.sha256(raw).hexdigest() != digest:
            raise Refusal("openapi.unavailable", retry_after=2)
        return raw

    def _kept(self, digest: str) -> bytes | None:
        try:
            raw = (self._folder / f"{digest}.json").read_bytes()
        except OSError:
            return None
        return raw if hashlib.sha256(raw).hexdigest() == digest else None

    def _keep_copy(self, digest: str, raw: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._folder / f"{digest}.new"
            fresh.write_bytes(raw)
            fresh.replace(self._folder / f"{digest}.json")
        except OSError as error:
            log.warning("openapi.copy_unwritable", errno=error.errno)


def _compiled(raw: bytes) -> OpenApiChecker:
    return OpenApiChecker(parse_json(raw))
