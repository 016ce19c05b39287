"""NATS JetStream as the carrier of events: one stream of the group, on as many servers as there are, up to three."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from terpadu.exchange.adapters.carriers import KEPT, Carried, CarrierAway

log = structlog.get_logger(__name__)

STREAM: Final = "TERPADU_EVENTS"
DEDUP_S: Final = 86_400
"""How long the id of an event is remembered; gateways remember as long."""
TIMEOUT_S: Final = 5.0
REPLICAS: Final = 3
T = TypeVar("T")


class NatsCarrier:
    """See `carriers.Carrier`. Django is synchronous and NATS's client is not, so its loop runs in a thread of its own.

    url: one or several servers, by comma.
    """

    name = "nats"

    def __init__(self, url: str) -> None:
        self.timeout_s = TIMEOUT_S
        self._servers = [one.strip() for one in url.split(",") if one.strip()]
        self._loop = asyncio.new_event_loop()
        self._client: Any = None
        self._stream: Any = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._thread.start()

    def append(self, topic: str, *, event_id: str, body: bytes) -> Carried:
        """Keep an event: confirmed by most servers of the stream before this returns."""
        marks = {"Nats-Msg-Id": _digest(f"{topic}\n{event_id}"), "Event-Id": event_id}
        confirmed = self._run(
            lambda stream: stream.publish(_subject(topic), body, timeout=self.timeout_s, headers=marks)
        )
        place = int(confirmed.seq)
        known = self.read(topic, after=place - 1, limit=1) if confirmed.duplicate else []
        return known[0] if known else Carried(place, body, datetime.now(UTC))

    def read(self, topic: str, *, after: int, limit: int) -> list[Carried]:
        """Return the events behind a place, asked for one by one of the stream's leader."""
        found: list[Carried] = self._run(lambda stream: _read(stream, _subject(topic), after, limit))
        return found

    def head(self, topic: str) -> int:
        """Return the newest place."""
        newest: int = self._run(lambda stream: _head(stream, _subject(topic)))
        return newest

    def leader(self) -> str:
        """Return the name of the server that orders the stream, "" for a server alone."""
        found: str = self._run(_leader)
        return found

    def prune(self) -> None:
        """The stream forgets by itself what is too old."""

    def close(self) -> None:
        """Close the connection and end the thread."""
        with self._lock:
            self._stream = None
            asyncio.run_coroutine_threadsafe(_finish(self._client), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        try:
            stream = self._connected()
            return self._wait(work(stream))
        except (NatsError, TimeoutError, OSError) as error:
            log.warning("events_carrier_away", reason=type(error).__name__)
            raise CarrierAway(type(error).__name__) from error

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result(2 * self.timeout_s)
        except TimeoutError:
            waiting.cancel()
            raise

    def _connected(self) -> Any:
        with self._lock:
            if self._stream is None:
                if self._client is None:
                    self._client = self._wait(_connect(self._servers, patience=self.timeout_s))
                stream = self._client.jetstream(timeout=self.timeout_s)
                self._wait(_ensure_stream(stream, servers=len(self._servers)))
                self._stream = stream
            return self._stream


async def _connect(servers: list[str], *, patience: float) -> Any:
    """Return a client that is connected, and connects again by itself for ever. Raises TimeoutError."""
    client = Client()
    try:
        async with asyncio.timeout(patience):
            await client.connect(
                servers, connect_timeout=2, max_reconnect_attempts=-1, reconnect_time_wait=1, error_cb=_note
            )
    except BaseException:
        await client.close()
        raise
    return client


async def _finish(client: Any) -> None:
    """Close a client, and wait for whatever it still has under way."""
    if client is not None:
        await client.close()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.sleep(0)


async def _ensure_stream(stream: Any, *, servers: int) -> None:
    """Make the stream if it is not there; on three servers when there are, so that one may be lost."""
    wanted = StreamConfig(
        name=STREAM,
        subjects=["terpadu.events.*"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=KEPT.total_seconds(),
        duplicate_window=DEDUP_S,
        num_replicas=REPLICAS if servers >= REPLICAS else 1,
        deny_delete=True,
    )
    try:
        await stream.stream_info(STREAM)
    except NotFoundError:
        await stream.add_stream(wanted)


async def _read(stream: Any, subject: str, after: int, limit: int) -> list[Carried]:
    found: list[Carried] = []
    while len(found) < limit:
        try:
            message = await stream.get_msg(STREAM, seq=after + 1, subject=subject, next=True)
        except NotFoundError:
            break
        after = int(message.seq)
        found.append(Carried(after, bytes(message.data or b""), _moment(message.time)))
    return found


async def _head(stream: Any, subject: str) -> int:
    try:
        message = await stream.get_last_msg(STREAM, subject)
    except NotFoundError:
        return 0
    return int(message.seq)


async def _leader(stream: Any) -> str:
    cluster = (await stream.stream_info(STREAM)).cluster
    return str(cluster.leader) if cluster else ""


async def _note(error: Exception) -> None:
    log.warning("events_carrier_error", reason=type(error).__name__)


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.now(UTC)


def _subject(topic: str) -> str:
    """Return the subject of a topic, whose own name may hold what subjects may not."""
    return f"terpadu.events.{_digest(topic)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]
