"""The journal alone: durable in order, in batches, over several segments, and honest when the disk is not."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import structlog

from terpadu_gateway.journal import QUICK_WRITE, SLOW_SECONDS, SLOW_WRITES, Journal, JournalError
from terpadu_gateway.receipts import response_signed
from terpadu_wire.keys import generate_key
from terpadu_wire.signing import RESPONSE_HEADERS, MessageSignature, Signer
from tests.gateway.segments import records_in
from tests.wire.test_records import RECORD


def with_journal(
    folder: Path,
    work: Callable[[Journal], Awaitable[None]],
    *,
    segment_bytes: int = 1 << 20,
    clock: Callable[[], float] = time.time,
    timer: Callable[[], float] = time.monotonic,
) -> None:
    """Run work with an open journal and close it."""

    async def main() -> None:
        journal = Journal(folder, segment_bytes=segment_bytes, clock=clock, timer=timer)
        try:
            await work(journal)
        finally:
            await journal.close()

    asyncio.run(main())


async def write_many(journal: Journal, count: int, *, start: int = 0) -> None:
    """Write records with statuses start, start + 1, … at once."""
    await asyncio.gather(*(journal.write(replace(RECORD, status=start + one)) for one in range(count)))


def test_journal_write_returns_when_the_record_can_be_read(tmp_path: Path) -> None:
    async def work(journal: Journal) -> None:
        await journal.write(RECORD)
        assert records_in(tmp_path) == [RECORD]
        name, durable = journal.active or ("", 0)
        assert durable == (tmp_path / name).stat().st_size

    with_journal(tmp_path, work)


def test_journal_many_at_once_share_few_syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda file: (syncs.append(file), real(file))[1])

    with_journal(tmp_path, lambda journal: write_many(journal, 500))

    assert [record.status for record in records_in(tmp_path)] == list(range(500))
    assert len(syncs) <= 3


class Disk:
    """Lets a sync take as long as a test says, by a timer of its own, and keeps whether the loop itself waited for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.by_loop: list[bool] = []
        self._sync = os.fdatasync
        self._takes = 0.0
        monkeypatch.setattr(os, "fdatasync", self._wait)

    def _wait(self, file: int) -> None:
        self.now += self._takes
        self.by_loop.append(threading.current_thread() is threading.main_thread())
        self._sync(file)

    async def write(self, journal: Journal, *takes: float) -> list[bool]:
        """Write a record for each duration in seconds, one by one; return which of them the loop itself synced."""
        self.by_loop.clear()
        for seconds in takes:
            self._takes = seconds
            await journal.write(RECORD)
        return list(self.by_loop)


def test_journal_syncs_a_quick_disk_itself_and_leaves_a_slow_one_to_its_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    quick, slow = QUICK_WRITE / 2, QUICK_WRITE * 2

    async def work(journal: Journal) -> None:
        assert await disk.write(journal, *[quick] * 10) == [True] * 10
        assert await disk.write(journal, *[slow] * (SLOW_WRITES + 3)) == [True] * SLOW_WRITES + [False] * 3
        disk.now += SLOW_SECONDS
        assert await disk.write(journal, *[quick] * 10) == [True] * 10

    with_journal(tmp_path, work, timer=lambda: disk.now)

    assert len(records_in(tmp_path)) == 10 + SLOW_WRITES + 3 + 10


def test_journal_stays_with_a_quick_disk_when_single_writes_are_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    one_quick = [QUICK_WRITE * 9] * (SLOW_WRITES - 1) + [QUICK_WRITE / 2]

    async def work(journal: Journal) -> None:
        assert all(await disk.write(journal, *one_quick * 5))

    with_journal(tmp_path, work, timer=lambda: disk.now)


def test_journal_begins_a_new_segment_when_one_is_full(tmp_path: Path) -> None:
    async def work(journal: Journal) -> None:
        for start in range(0, 60, 20):
            await write_many(journal, 20, start=start)

    with_journal(tmp_path, work, segment_bytes=4096)

    assert len(list(tmp_path.glob("*.seg"))) == 3
    assert [record.status for record in records_in(tmp_path)] == list(range(60))


def test_journal_names_segments_in_order_when_the_clock_stands_still(tmp_path: Path) -> None:
    async def work(journal: Journal) -> None:
        for status in range(20):
            await journal.write(replace(RECORD, status=status))

    with_journal(tmp_path, work, segment_bytes=64, clock=lambda: 1_790_000_000.123)

    assert len(list(tmp_path.glob("*.seg"))) == 20
    assert [record.status for record in records_in(tmp_path)] == list(range(20))


def test_journal_on_a_full_disk_refuses_and_goes_on_in_a_new_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    real = os.fdatasync

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def work(journal: Journal) -> None:
        await journal.write(replace(RECORD, status=1))
        monkeypatch.setattr(os, "fdatasync", full)
        with pytest.raises(JournalError):
            await journal.write(replace(RECORD, status=2))
        assert not journal.writable
        monkeypatch.setattr(os, "fdatasync", real)
        await journal.write(replace(RECORD, status=3))
        assert journal.writable

    with_journal(tmp_path, work)

    segments = sorted(tmp_path.glob("*.seg"))
    assert len(segments) == 2
    statuses = [record.status for record in records_in(tmp_path)]
    assert statuses[0] == 1
    assert statuses[-1] == 3


def test_journal_closed_refuses(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(tmp_path, segment_bytes=4096, clock=time.time)
        await write_many(journal, 3)
        await journal.close()
        with pytest.raises(JournalError):
            await journal.write(RECORD)

    asyncio.run(main())
    assert len(records_in(tmp_path)) == 3


def test_journal_signs_what_waits_together_and_records_each_signature(tmp_path: Path) -> None:
    key = generate_key()
    signer = Signer(key, "a" * 64)
    found: list[MessageSignature] = []

    async def send(journal: Journal, number: int) -> None:
        headers = dict.fromkeys(RESPONSE_HEADERS, str(number))
        message = signer.prepare_response(status=200, headers=headers, request_signature="", now=1)
        record = replace(RECORD, status=number)
        found.append(await journal.write_signed(message, partial(response_signed, record)))

    async def work(journal: Journal) -> None:
        await asyncio.gather(*(send(journal, number) for number in range(20)))

    with_journal(tmp_path, work)

    kept = [record.response_signature for record in records_in(tmp_path)]
    assert kept == [one.signature for one in found]
    assert len(set(kept)) == 20
    assert len({text[:90] for text in kept}) == 1


def test_journal_that_cannot_write_gives_no_signature_away(tmp_path: Path) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    folder = tmp_path / "segments"
    folder.write_text("a file where the folder should be")
    signer = Signer(generate_key(), "a" * 64)
    message = signer.prepare_response(
        status=200, headers=dict.fromkeys(RESPONSE_HEADERS, ""), request_signature="", now=1
    )

    async def work(journal: Journal) -> None:
        with pytest.raises(JournalError):
            await journal.write_signed(message, partial(response_signed, replace(RECORD)))

    with_journal(folder, work)
