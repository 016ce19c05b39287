"""A load generator in a process of its own: keep-alive connections, closed or open model, times in a histogram.

``python -m bench.load`` reads a :class:`Plan` as JSON from standard input and prints a :class:`Result` as JSON.

Closed model: every connection sends its next request when it has its answer. Open model (``rate`` > 0): requests fall
due at a steady rate whatever the answers do, and a time is counted from when its request fell due, so that a stall is
not hidden by the generator's own waiting (coordinated omission).
"""

import asyncio
import dataclasses
import random
import sys
import time
from collections import deque
from typing import Protocol, runtime_checkable

import orjson
import uvloop


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to send: raw request bytes to a port, over so many connections, for so many seconds, at a rate (0: closed).

    ``mix`` are further requests, each with the share of all requests that it is; ``request`` gets the rest.
    """

    port: int
    request: str
    connections: int
    seconds: float
    warm_up: float = 1.0
    rate: float = 0.0
    mix: tuple[tuple[str, float], ...] = ()


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of it: answers per second, percentiles in milliseconds, answers that were not 200."""

    per_second: float
    p50: float
    p95: float
    p99: float
    longest: float
    answers: int
    errors: int


class _Run:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.request = plan.request.encode("latin-1")
        self._mix = [(text.encode("latin-1"), share) for text, share in plan.mix]
        self._chance = random.Random(1)  # the same order of requests in every run
        self.begin = time.perf_counter() + plan.warm_up
        self.end = self.begin + plan.seconds
        self.times: list[float] = []
        self.errors = 0
        self.lost = 0
        self.idle: deque[_Connection] = deque()
        self.due: deque[float] = deque()

    def next_request(self) -> bytes:
        """Return the request to send next."""
        chance = self._chance.random() if self._mix else 1.0
        for request, share in self._mix:
            if chance < share:
                return request
            chance -= share
        return self.request

    def note(self, due: float, *, good: bool) -> None:
        now = time.perf_counter()
        if self.begin <= now < self.end:
            self.times.append(now - due)
            self.errors += not good

    def next_due(self) -> float | None:
        """Return when the next request of a free connection fell due; None when it has to wait."""
        if not self.plan.rate:
            now = time.perf_counter()
            return now if now < self.end else None
        return self.due.popleft() if self.due else None


@runtime_checkable
class _Writer(Protocol):
    def write(self, data: bytes) -> None: ...


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._due = 0.0
        self._buffer = b""
        self._left = 0
        self._good = False
        self._transport: _Writer | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, _Writer):
            self._transport = transport
            self.send()

    def send(self) -> None:
        """Send the next request, or wait for one."""
        due = self._run.next_due()
        if due is None or self._transport is None:
            self._run.idle.append(self)
            return
        self._due = due
        self._transport.write(self._run.next_request())

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        else:
            self._buffer = self._buffer + data if self._buffer else data
            head_end = self._buffer.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = self._buffer[:head_end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
            self._good = head.startswith(b"http/1.1 200")
            self._left = head_end + 4 + length - len(self._buffer)
            self._buffer = b""
        if self._left <= 0:
            self._left = 0
            self._run.note(self._due, good=self._good)
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._run.lost += self._left > 0


async def _pace(run: _Run) -> None:
    """Let requests fall due at the plan's rate."""
    start, sent = time.perf_counter(), 0
    while (now := time.perf_counter()) < run.end:
        while sent < (now - start) * run.plan.rate:
            run.due.append(start + sent / run.plan.rate)
            sent += 1
            if run.idle:
                run.idle.popleft().send()
        await asyncio.sleep(0.001)


async def _measure(plan: Plan) -> Result:
    run, loop = _Run(plan), asyncio.get_running_loop()
    for _ in range(plan.connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", plan.port)
    if plan.rate:
        await _pace(run)
    await asyncio.sleep(max(0.0, run.end - time.perf_counter()))
    return _summary(run)


def _summary(run: _Run) -> Result:
    times = sorted(run.times) or [0.0]

    def percentile(part: float) -> float:
        return round(times[min(len(times) - 1, int(len(times) * part))] * 1000, 2)

    rate = round(len(run.times) / run.plan.seconds, 1)
    longest = round(times[-1] * 1000, 2)
    return Result(
        rate,
        percentile(0.5),
        percentile(0.95),
        percentile(0.99),
        longest,
        len(run.times),
        run.errors + run.lost,
    )


def main() -> None:
    """Run the plan on standard input."""
    plan = Plan(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(_measure(plan))))


if __name__ == "__main__":
    main()
