"""Large bodies: 10 MB at a time, one of 1 GB, and X-Road's mix of sizes at a steady rate.

The mix is that of X-Road's own Gatling profile: 30 % 2 kB, 60 % 10 kB, 9 % 100 kB, 0.9 % 2 MB, 0.1 % 10 MB. Here it comes 300
times a second, each body a stream through both gateways. ``BENCH_SECONDS`` sets how long (120 by default).
"""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from bench.roads import Lane, memory_mb, request_text, road_lane, running_road
from tests.gateway.country import REGISTRY, SERVICE
from tests.gateway.road import Road, call_headers

KB, MB = 1 << 10, 1 << 20
MIX = ((10 * KB, 0.6), (100 * KB, 0.09), (2 * MB, 0.009), (10 * MB, 0.001))
RATE = 300.0
TIMES = 10


def run() -> Iterator[dict[str, object]]:
    """Yield speed and memory of large bodies, and the answers of the mix."""
    with (
        tempfile.TemporaryDirectory(prefix="terpadu-bench-") as folder,
        running_road(Path(folder) / "road") as road,
    ):
        _receive(road, MB)
        yield from _one_size(road, 10 * MB, times=TIMES, name="10MB")
        yield from _one_size(road, 1 << 30, times=1, name="1GB")
        yield from _mix(road)


def _one_size(road: Road, size: int, *, times: int, name: str) -> Iterator[dict[str, object]]:
    with _Memory(road) as memory:
        started = time.perf_counter()
        for _ in range(times):
            _receive(road, size)
        spent = time.perf_counter() - started
    yield _figure(f"{name}.speed", size * times / 1e6 / spent, "MB/s")
    yield _figure(f"{name}.memory_growth", memory.growth, "MB/gateway")


def _mix(road: Road) -> Iterator[dict[str, object]]:
    seconds = float(os.environ.get("BENCH_SECONDS", "120"))
    base = road_lane(road, f"/arsip/{2 * KB}")
    mix = tuple((_request(size), share) for size, share in MIX)
    with _Memory(road) as memory:
        result, cpu = Lane(base.port, base.request, base.pids).measure(seconds, rate=RATE, mix=mix)
    yield _figure("mix.rate", result.per_second, "exchanges/s")
    yield _figure("mix.p50", result.p50, "ms")
    yield _figure("mix.p95", result.p95, "ms")
    yield _figure("mix.p99", result.p99, "ms")
    yield _figure("mix.errors", float(result.errors), f"of {result.answers} answers in {seconds:.0f} s")
    yield _figure("mix.cpu_of_both_gateways", cpu, "ms/exchange")
    yield _figure("mix.memory_growth", memory.growth, "MB/gateway")


def _request(size: int) -> str:
    return request_text(f"/{REGISTRY}/{SERVICE}/arsip/{size}", call_headers())


def _receive(road: Road, size: int) -> None:
    with closing(HTTPConnection(road.outway_url.removeprefix("http://"), timeout=60)) as connection:
        connection.request("GET", f"/{REGISTRY}/{SERVICE}/arsip/{size}", headers=call_headers())
        answer, piece, received = connection.getresponse(), bytearray(MB), 0
        while count := answer.readinto(piece):
            received += count
    if answer.status != 200 or received != size:
        raise RuntimeError(f"status {answer.status}, {received} of {size} bytes arrived")


def _figure(name: str, value: float, unit: str) -> dict[str, object]:
    return {"bench": f"large.{name}", "value": round(value, 2), "unit": unit, "baseline": None, "ratio": None}


class _Memory:
    """Watches how far the memory of both gateways rises over what it was."""

    def __init__(self, road: Road) -> None:
        self._pids = (road.portal.pid, road.agency.pid)
        self._before = [memory_mb(pid) for pid in self._pids]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.growth = 0.0

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            now = [memory_mb(pid) for pid in self._pids]
            self.growth = max(self.growth, *(one - was for one, was in zip(now, self._before, strict=True)))
