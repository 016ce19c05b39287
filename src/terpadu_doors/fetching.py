"""Calls of doors to the systems behind them: bounded in time and size, never redirected, to allowed addresses alone."""

import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpcore

from terpadu_doors.problems import DoorProblem
from terpadu_doors.targets import check_target
from terpadu_wire.addresses import Network, may_be_called

MAX_ANSWER = 4 << 20
_CONNECT_S = 3.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: status, headers by lower-case name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Until(threading.local):
    """When the patience of the call that a thread makes ends, by the monotonic clock."""

    moment = 0.0


class _Timed(httpcore.NetworkStream):
    """A connection on which nothing waits beyond the end of a call, in however small pieces it comes."""

    def __init__(self, stream: httpcore.NetworkStream, until: _Until) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come."""
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS."""
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, timeout), self._until)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self._stream.get_extra_info(info)

    def _left(self) -> float:
        left = self._until.moment - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _Guard(httpcore.SyncBackend):
    """Connects like its parent, and gives up when the very address it reached may not be called (DNS rebinding)."""

    def __init__(self, allowed: tuple[Network, ...], until: _Until) -> None:
        super().__init__()
        self._allowed, self._until = allowed, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to an address that may be called."""
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        reached = str(stream.get_extra_info("server_addr")[0])
        if not may_be_called(reached, allowed=self._allowed):
            stream.close()
            raise DoorProblem("door.target_refused", "the name leads to a private address")
        return _Timed(stream, self._until)


class Fetcher:
    """Sends requests to systems; safe to use from several threads.

    Args:
        allowed: private networks that the operator lets doors call.
        max_answer: bytes of the largest answer.
    """

    def __init__(self, allowed: Iterable[Network], *, max_answer: int = MAX_ANSWER) -> None:
        self._allowed = tuple(allowed)
        self._max_answer = max_answer
        self._until = _Until()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=64,
            keepalive_expiry=4.0,
            network_backend=_Guard(self._allowed, self._until),
        )

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", seconds: float
    ) -> Fetched:
        """Return the answer to a request, whatever its status.

        Raises:
            DoorProblem: ``door.target_refused``, ``.unavailable``, ``.slow`` or ``.answer_too_large``.
        """
        check_target(url, allowed=self._allowed)
        self._until.moment = time.monotonic() + seconds
        wait = {"connect": min(seconds, _CONNECT_S), "read": seconds, "write": seconds, "pool": seconds}
        try:
            with self._pool.stream(
                method,
                url,
                headers=[(name, value) for name, value in headers.items()],
                content=body,
                extensions={"timeout": wait},
            ) as response:
                pieces = self._read(response)
                given = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                return Fetched(response.status, given, pieces)
        except httpcore.TimeoutException as error:
            raise DoorProblem("door.slow") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise DoorProblem("door.unavailable") from error

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of a block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close every connection."""
        self.close()

    def _read(self, response: httpcore.Response) -> bytes:
        pieces = bytearray()
        for piece in response.iter_stream():
            pieces += piece
            if len(pieces) > self._max_answer:
                raise DoorProblem("door.answer_too_large")
        return bytes(pieces)
