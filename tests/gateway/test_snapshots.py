"""What is revoked reaches a gateway in time: it asks at a steady pace, and a silent control plane is asked anew."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from terpadu_gateway import clients
from terpadu_gateway.config import Limits
from terpadu_gateway.snapshots import REVOKED_WITHIN, SnapshotKeeper
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.snapshot_wire import LONGEST_POLL
from tests.gateway.country import Country, make_country

SILENCES = {"no head": b"", "no body": b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nTERPSNAP2"}


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    return make_country(tmp_path_factory.mktemp("country"))


def keeper_of(country: Country, folder: Path, *, url: str = "", client: Any = None) -> SnapshotKeeper:
    key = country.group_key.public_key()
    return SnapshotKeeper(url, copy=folder / "copy", group_key=key, client=client, clock=time.time)


async def first_snapshot(country: Country, folder: Path, *, said: bytes) -> Snapshot | None:
    """Return what a gateway has got when its first question met only what was said, and silence."""
    raw, questions, hold = country.snapshot(), 0, asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal questions
        await reader.readuntil(b"\r\n\r\n")
        questions += 1
        if questions == 1:
            writer.write(said)
            await hold.wait()
        else:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(raw), raw))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = "http://127.0.0.1:{1}/".format(*server.sockets[0].getsockname())
    client = clients.snapshot_client((country.folder / "authority.pem").read_bytes())
    keeper = keeper_of(country, folder, url=url, client=client)
    async with server, asyncio.timeout(30):
        await keeper.poll()
        await keeper.poll()
        hold.set()
    await client.close()
    return keeper.current


@pytest.mark.parametrize("silence", SILENCES)
def test_poll_of_a_silent_control_plane_is_given_up_and_asked_anew(
    country: Country, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    monkeypatch.setattr(clients, "_SILENCE", timedelta(milliseconds=50))

    assert asyncio.run(first_snapshot(country, tmp_path, said=SILENCES[silence])) is not None


class _Stopped(Exception):
    """The test has seen enough."""


def rests_of(keeper: SnapshotKeeper, took: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """Return how long a keeper with a period of 2 s rests after a question that took so many seconds."""
    at, rests = [0.0], []

    async def poll() -> None:
        at[0] += took

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        raise _Stopped

    monkeypatch.setattr(keeper, "poll", poll)
    monkeypatch.setattr("terpadu_gateway.snapshots.time", type("Clock", (), {"monotonic": lambda: at[0]}))
    monkeypatch.setattr("terpadu_gateway.snapshots.asyncio", type("Loop", (), {"sleep": rest}))
    with pytest.raises(_Stopped):
        asyncio.run(keeper.keep(every=2.0))
    return rests[0]


@pytest.mark.parametrize(("took", "rest", "told"), [(0.5, 1.5, []), (2.5, 0.0, []), (3.5, 0.0, [3.5])])
def test_keep_asks_from_question_to_question_and_tells_what_breaks_the_promise(
    country: Country,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    took: float,
    rest: float,
    told: list[float],
) -> None:
    with capture_logs() as lines:
        assert rests_of(keeper_of(country, tmp_path), took, monkeypatch) == rest

    assert [line["seconds"] for line in lines if line["event"] == "snapshot.slow"] == told


def test_periods_leave_time_for_a_lost_question_and_a_fetch() -> None:
    silence = clients._SILENCE.total_seconds()

    assert LONGEST_POLL + 1 <= REVOKED_WITHIN
    assert Limits().snapshot_poll_seconds + silence + 1 <= REVOKED_WITHIN
