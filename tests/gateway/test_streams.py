"""Answers of any size: whole or clearly not, resumed by range, in constant memory, and recorded before they are whole."""

import asyncio
import hashlib
import socket
import time
from pathlib import Path

import httpx
import pytest

from terpadu_gateway import pipes
from terpadu_gateway.receipts import SignedResponse
from terpadu_gateway.replies import stream_answer
from terpadu_gateway.streaming import Passage, VerifiedContent
from terpadu_wire.digest import digest_field
from terpadu_wire.keys import SigningSecret, generate_key
from terpadu_wire.records import Record
from terpadu_wire.signing import VerifiedSignature
from terpadu_wire.streams import StreamReader, StreamWriter
from tests.gateway.country import REGISTRY, SERVICE
from tests.gateway.processes import Program, wait_until
from tests.gateway.road import Road, call_headers
from tests.gateway.segments import records_in, records_of

MB = 1 << 20


def url(road: Road, size: int) -> str:
    return f"{road.outway_url}/{REGISTRY}/{SERVICE}/arsip/{size}"


def headers(**further: str) -> dict[str, str]:
    return call_headers() | {name.replace("_", "-"): value for name, value in further.items()}


def resident_mb(program: Program) -> float:
    lines = Path(f"/proc/{program.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@pytest.mark.parametrize("size", [1, 1000, MB, MB + 1, 5 * MB])
def test_stream_of_any_size_arrives_whole_and_recorded_on_both_sides(road: Road, size: int) -> None:
    answer = httpx.get(url(road, size), headers=headers())

    assert answer.status_code == 200
    assert len(answer.content) == size
    assert answer.headers["content-type"] == "application/x-arsip"
    is_stream = size > MB
    assert (answer.headers.get("etag") == '"arsip-1"') is is_stream
    transaction = answer.headers["fsc-transaction-id"]
    digest = digest_field(hashlib.sha256(answer.content).digest())
    for side in (road.portal, road.agency):
        asked, given = records_of(side.segments, transaction)
        assert (asked.outcome, given.outcome, given.status) == ("asked", "answered", 200)
        assert given.response_digest == digest
        assert bool(given.response_end) is is_stream
    ends = {records_of(side.segments, transaction)[1].response_end for side in (road.portal, road.agency)}
    assert len(ends) == 1


def test_stream_that_broke_is_resumed_by_range(road: Road) -> None:
    whole = httpx.get(url(road, 3 * MB), headers=headers()).content
    answer = httpx.get(url(road, 3 * MB), headers=headers(range=f"bytes={MB}-", if_range='"arsip-1"'))

    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {MB}-{3 * MB - 1}/{3 * MB}"
    assert whole[:MB] + answer.content == whole


def test_stream_is_not_passed_for_an_operation_that_reads_its_answers(road: Road) -> None:
    answer = road.call(method="GET", path="/wilayah/36.71", body=b"", range="bytes=0-1")

    assert answer.status_code == 200
    assert answer.json() == {"nama": "TANGERANG"}


def test_stream_of_a_system_that_ends_early_is_cut_off_and_recorded_as_failed(fresh_road: Road) -> None:
    answers: list[bytes] = []
    with (
        pytest.raises(httpx.HTTPError),
        httpx.stream("GET", url(fresh_road, 600 * MB), headers=headers()) as answer,
    ):
        transaction = answer.headers["fsc-transaction-id"]
        for piece in answer.iter_raw():
            if not answers:
                fresh_road.registry.kill()
            answers.append(piece)

    for side in (fresh_road.portal, fresh_road.agency):
        failed = wait_until(lambda side=side: records_of(side.segments, transaction)[1:])
        assert [(one.outcome, one.error_code) for one in failed] == [("failed", "stream.broken")]


def test_stream_to_a_slow_reader_takes_no_memory_and_ends_when_it_hangs_up(fresh_road: Road) -> None:
    assert fresh_road.call().status_code == 200
    before = {side: resident_mb(side) for side in (fresh_road.portal, fresh_road.agency)}
    host, port = fresh_road.outway_url.removeprefix("http://").split(":")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers().items())
    path = f"/{REGISTRY}/{SERVICE}/arsip/{800 * MB}"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\n{lines}\r\n".encode())
        received, until = 0, time.monotonic() + 1.5
        while time.monotonic() < until:
            received += len(connection.recv(MB))
        growth = {side: resident_mb(side) - before[side] for side in before}

    assert received > 10 * MB
    assert max(growth.values()) < 32
    for side in before:
        outcomes = wait_until(lambda side=side: _last_outcome(side.segments, "failed"))
        assert outcomes.error_code == "stream.broken"
    assert fresh_road.call().status_code == 200


def _last_outcome(folder: Path, outcome: str) -> Record | None:
    return next((one for one in reversed(records_in(folder)) if one.outcome == outcome), None)


class Gone:
    """A request whose sender hung up before the answer: nobody opens the pipe."""

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self.status = status


class Opened:
    """A provider's streamed answer, and whether its connection was closed."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.is_closed = False

    async def read(self, amount: int) -> memoryview:
        taken, self._body = self._body[:amount], self._body[amount:]
        return memoryview(taken)

    async def close(self) -> None:
        self.is_closed = True


class Written:
    """A journal in memory."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def write(self, record: Record) -> None:
        self.records.append(record)


def test_stream_nobody_begins_to_read_is_closed_and_recorded_as_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipes, "_OPEN_SECONDS", 0.0)
    key, signature, journal = generate_key(), "exchange=:x:", Written()
    opened = Opened(StreamWriter(SigningSecret(key), signature).head({"content-type": "text/plain"}))
    asked = Record("tx", "out", "request", 1, "1", "2", "s", "o", "g", "p", "asked", "salt")
    passage = Passage(asked, SignedResponse(200, {}), journal, time.time)  # type: ignore[arg-type]  # a double
    content = VerifiedContent(opened, StreamReader(key.public_key(), signature), passage)  # type: ignore[arg-type]  # a double

    async def main() -> None:
        answer = await stream_answer("tx", 200, content, VerifiedSignature("k", 0, 60, "tx"))
        await answer.pour(Gone())  # type: ignore[arg-type]  # a double

    asyncio.run(main())
    assert opened.is_closed
    assert [(one.outcome, one.error_code) for one in journal.records] == [("failed", "stream.broken")]
