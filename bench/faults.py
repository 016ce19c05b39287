"""Gateways killed in the middle of 500 exchanges a second: what was answered and is not on record on both sides.

``FAULT_SECONDS`` sets how long each run takes (20 by default); each gateway is killed with SIGKILL at half time and started again.
"""

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.roads import road_lane, running_road
from tests.gateway.processes import wait_until
from tests.gateway.road import Road
from tests.gateway.segments import by_transaction

RATE = 500.0
CONNECTIONS = 64


def run() -> Iterator[dict[str, object]]:
    """Yield, for each gateway killed, how many exchanges were answered, how many of them lack a record, and the restart."""
    seconds = float(os.environ.get("FAULT_SECONDS", "20"))
    for side in ("portal", "agency"):
        with (
            tempfile.TemporaryDirectory(prefix="terpadu-bench-") as folder,
            running_road(Path(folder) / "road") as road,
        ):
            yield from _kill(road, side, seconds)


def _kill(road: Road, side: str, seconds: float) -> Iterator[dict[str, object]]:
    load, begun = Load(road_lane(road).port, road_lane(road).request), time.monotonic()
    load.start()
    time.sleep(seconds / 2)
    victim = getattr(road, side)
    victim.kill()
    answered, started = len(load.answered), time.monotonic()
    victim.start()
    wait_until(lambda: len(load.answered) > answered, seconds=60)
    restart = time.monotonic() - started
    time.sleep(seconds / 2)
    load.stop.set()
    load.join()
    spent = time.monotonic() - begun
    out, into = by_transaction(road.portal.segments), by_transaction(road.agency.segments)
    whole = ["asked", "answered"]
    lost = sum(
        [one.outcome for one in found.get(transaction, [])] != whole
        for transaction in load.answered
        for found in (out, into)
    )
    yield _figure(f"{side}.answered", len(load.answered), f"of {load.sent} sent in {spent:.0f} s")
    yield _figure(f"{side}.answered_without_record", lost, "exchanges")
    yield _figure(f"{side}.recorded_by_provider_alone", len(set(into) - set(out)), "exchanges")
    yield _figure(f"{side}.restart", round(restart, 2), "s until the next answer")


class Load(threading.Thread):
    """Requests at a steady rate; keeps the transaction ids of those that were answered 200."""

    def __init__(self, port: int, request: str) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._request = request.encode("latin-1")
        self.stop = threading.Event()
        self.answered: list[str] = []
        self.sent = 0

    def run(self) -> None:
        """Send until told to stop."""
        asyncio.run(self._main())

    async def _main(self) -> None:
        due: asyncio.Queue[None] = asyncio.Queue()
        workers = [asyncio.create_task(self._work(due)) for _ in range(CONNECTIONS)]
        begin, count = time.monotonic(), 0
        while not self.stop.is_set():
            now = time.monotonic()
            while count < (now - begin) * RATE:
                due.put_nowait(None)
                count += 1
            await asyncio.sleep(0.002)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, due: asyncio.Queue[None]) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                while True:
                    await due.get()
                    self.sent += 1
                    writer.write(self._request)
                    await self._read(reader)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
        await reader.readexactly(int(fields.get("content-length", "0")))
        if head.startswith("http/1.1 200"):
            self.answered.append(fields["fsc-transaction-id"])


def _figure(name: str, value: float, unit: str) -> dict[str, object]:
    return {"bench": f"faults.{name}", "value": value, "unit": unit, "baseline": None, "ratio": None}
