"""Calls of doors to the systems behind them: bounded in time and size, never redirected, to allowed addresses alone."""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

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


class _Guard(httpcore.SyncBackend):
    """Connects like its parent, and gives up when the very address it reached may not be called (DNS rebinding)."""

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        super().__init__()
        self._allowed = allowed

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
        return stream


class Fetcher:
    """Sends requests to systems; safe to use from several threads.

    Args:
        allowed: private networks that the operator lets doors call.
        max_answer: bytes of the largest answer.
    """

    def __init__(self, allowed: Iterable[Network], *, max_answer: int = MAX_ANSWER) -> None:
        self._allowed = tuple(allowed)
        self._max_answer = max_answer
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=64,
            keepalive_expiry=4.0,
            network_backend=_Guard(self._allowed),
        )

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", seconds: float
    ) -> Fetched:
        """Return the answer to a request, whatever its status.

        Raises:
            DoorProblem: ``door.target_refused``, ``.unavailable``, ``.slow`` or ``.answer_too_large``.
        """
        check_target(url, allowed=self._allowed)
        deadline = time.monotonic() + seconds
        wait = {"connect": min(seconds, _CONNECT_S), "read": seconds, "write": seconds, "pool": seconds}
        try:
            with self._pool.stream(
                method,
                url,
                headers=[(name, value) for name, value in headers.items()],
                content=body,
                extensions={"timeout": wait},
            ) as response:
                pieces = self._read(response, deadline)
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

    def _read(self, response: httpcore.Response, deadline: float) -> bytes:
        pieces = bytearray()
        for piece in response.iter_stream():
            pieces += piece
            if len(pieces) > self._max_answer:
                raise DoorProblem("door.answer_too_large")
            if time.monotonic() > deadline:
                raise DoorProblem("door.slow")
        return bytes(pieces)
