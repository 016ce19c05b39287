"""Programs killed in the middle of 500 exchanges a second: what was answered and is not on record on both sides.

The whole platform runs with its demo country. Gateways, PostgreSQL and the worker are killed with SIGKILL, one after the other,
each after ``FAULT_SECONDS`` (10) of load, and started again by the supervisor. The load is an open model over four contracts; one
contract alone has a quota below it. Afterwards every record must reach the control plane.
"""

import asyncio
import itertools
import os
import threading
import time
from collections.abc import Iterator, Sequence

from bench.roads import request_text
from tests.kills import BODY, PATH, PURPOSES, delivered, headers_of, kept, kill, outway_port, worker_starts
from tools.launch import Platform, running_platform, wait_until

RATE = 500.0
CONNECTIONS = 64
VICTIMS = ("portal", "agencies", "postgres", "worker")
DELIVERED_WITHIN_S = 300.0


def run() -> Iterator[dict[str, object]]:
    """Yield, for each program killed, exchanges answered before and while it was away, and its restart; then what lacks a record."""
    seconds = float(os.environ.get("FAULT_SECONDS", "10"))
    with running_platform({"TERPADU_DEMO_PORTFOLIO": "1500"}) as platform:
        load = Load(outway_port(platform), requests_of(platform))
        load.start()
        for name in VICTIMS:
            yield from _kill(platform, load, name, seconds)
        time.sleep(seconds)
        load.stop.set()
        load.join()
        yield from _reckoned(platform, load)


def requests_of(platform: Platform) -> list[str]:
    """Return the request of each contract, to be sent in turn."""
    return [
        request_text(PATH, headers_of(platform, purpose), method="POST", body=BODY) for purpose in PURPOSES
    ]


def _kill(platform: Platform, load: "Load", name: str, seconds: float) -> Iterator[dict[str, object]]:
    begun, before = time.monotonic(), len(load.answered)
    time.sleep(seconds)
    rate = (len(load.answered) - before) / (time.monotonic() - begun)
    before, starts, began = len(load.answered), worker_starts(platform), time.monotonic()
    restart = kill(platform, name)
    yield _figure(f"{name}.answered_before", round(rate), f"exchanges/s of {RATE:.0f} due")
    yield _figure(f"{name}.answered_while_away", len(load.answered) - before, "exchanges")
    yield _figure(f"{name}.restart", round(restart, 2), "s until its work is done again")
    if name == "worker":  # there are two
        wait_until(lambda: worker_starts(platform) > starts)
        yield _figure("worker.replaced", round(time.monotonic() - began, 2), "s until there are two again")


def _reckoned(platform: Platform, load: "Load") -> Iterator[dict[str, object]]:
    began, whole = time.monotonic(), 4 * len(load.answered)
    yield _figure("answered", len(load.answered), f"of {load.sent} sent; {load.refused} refused")
    try:
        wait_until(lambda: delivered(platform, load.answered) == whole, within_s=DELIVERED_WITHIN_S)
    finally:
        there, later = delivered(platform, load.answered), time.monotonic() - began
        found = kept(platform, load.answered)
        yield _figure("answered_without_record", found.lost, "of one side")
        yield _figure("recorded_by_provider_alone", found.half, "exchanges")
        yield _figure("delivered", there, f"records of {whole}, {later:.0f} s later")


class Load(threading.Thread):
    """Requests at a steady rate, in turn; keeps the transaction ids of those that were answered 200."""

    def __init__(self, port: int, requests: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._requests = itertools.cycle([one.encode("latin-1") for one in requests])
        self.stop = threading.Event()
        self.answered: list[str] = []
        self.sent = self.refused = 0

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
                    writer.write(next(self._requests))
                    await self._read(reader)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
        await reader.readexactly(int(fields.get("content-length", "0")))
        if head.startswith("http/1.1 200"):
            self.answered.append(fields["fsc-transaction-id"])
        else:
            self.refused += 1


def _figure(name: str, value: float, unit: str) -> dict[str, object]:
    return {"bench": f"faults.{name}", "value": value, "unit": unit, "baseline": None, "ratio": None}
