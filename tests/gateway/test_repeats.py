"""A call that is sent again is carried out once; a system that keeps failing is left alone."""

import asyncio
import threading
import time
from pathlib import Path

import httpx
import pytest

from terpadu_gateway.breakers import FAILURES, Breaker
from terpadu_gateway.idempotency import KEEP_SECONDS, KeptOutcome, Outcomes
from terpadu_gateway.messages import Refusal
from tests.gateway.processes import wait_until
from tests.gateway.road import Road
from tests.gateway.segments import records_of

ASKED = ("kependudukan", "POST", "https://inway/pengajuan", "sha-256=:x=:")
OUTCOME = KeptOutcome(200, b'{"nomor":1,"nama":"SITI"}', ("/nomor",), "pseudonym")


def submit(road: Road, key: str = "", body: bytes = b'{"isi":1}', **changes: str) -> httpx.Response:
    named = {"idempotency_key": key} if key else {}
    return road.call(path="/pengajuan", body=body, **named, **changes)


def test_call_sent_again_with_its_key_is_carried_out_once(fresh_road: Road) -> None:
    first, again = submit(fresh_road, "a-1"), submit(fresh_road, "a-1")

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() == {"nomor": 1}
    assert submit(fresh_road, "a-2").json() == {"nomor": 2}
    assert submit(fresh_road).json() == {"nomor": 3}
    for answer in (first, again):
        transaction = answer.headers["fsc-transaction-id"]
        for side in (fresh_road.portal, fresh_road.agency):
            assert [one.outcome for one in records_of(side.segments, transaction)] == ["asked", "answered"]
    fresh_road.agency.kill()
    fresh_road.agency.start()

    assert submit(fresh_road, "a-1").json() == {"nomor": 1}
    assert submit(fresh_road, "a-1", b'{"isi":2}').json()["code"] == "idempotency.mismatch"
    assert submit(fresh_road, "a b").json()["code"] == "gateway.header_refused"


def test_call_whose_answer_never_came_is_not_carried_out_again(fresh_road: Road) -> None:
    def refused() -> httpx.Response | None:
        answer = submit(fresh_road, "b-1", b'{"isi":"diam"}', terpadu_deadline_ms="300")
        # On a busy machine the time may be up before the call has reached the system.
        lost = answer.json()["code"] in ("system.slow", "gateway.deadline")
        return None if lost else answer

    assert refused() is None
    again = wait_until(refused)

    assert (again.status_code, again.json()["code"]) == (409, "idempotency.unknown")
    assert again.headers["retry-after"]
    assert submit(fresh_road).json() == {"nomor": 2}


def test_call_cut_off_by_a_killed_gateway_is_not_carried_out_again(fresh_road: Road) -> None:
    body = b'{"isi":"diam"}'
    caller = threading.Thread(target=lambda: submit(fresh_road, "c-1", body, terpadu_deadline_ms="30000"))
    caller.start()
    folder = fresh_road.agency.folder / "data" / "outcomes"
    wait_until(lambda: list(folder.glob("*")))
    fresh_road.agency.kill()
    caller.join()
    fresh_road.agency.start()

    assert submit(fresh_road, "c-1", body).json()["code"] == "idempotency.unknown"


def test_system_down_is_left_alone_after_a_while_and_tried_again(fresh_road: Road) -> None:
    fresh_road.registry.kill()
    codes = [fresh_road.call().json()["code"] for _ in range(FAILURES)]

    assert codes == ["system.unreachable"] * FAILURES
    refused = wait_until(lambda: _unless("system.unreachable", fresh_road.call()))
    assert refused.json()["code"] == "system.circuit_open"
    assert (refused.status_code, refused.json()["retryable"]) == (503, True)
    assert int(refused.headers["retry-after"]) >= 1
    fresh_road.registry.start()
    wait_until(lambda: fresh_road.call().status_code == 200)
    assert "system.circuit_closed" in fresh_road.agency.log()


def _unless(code: str, answer: httpx.Response) -> httpx.Response | None:
    """Return an answer unless it is of this code: once in a while a call is let through to try the system."""
    return None if answer.json()["code"] == code else answer


def test_breaker_opens_tries_one_call_and_closes() -> None:
    now = [0.0]
    breaker = Breaker("kependudukan", clock=lambda: now[0])
    for _ in range(FAILURES):
        breaker.enter()
        breaker.note(failed=True)
    with pytest.raises(Refusal, match=r"system\.circuit_open"):
        breaker.enter()
    now[0] = 1.1
    breaker.enter()
    with pytest.raises(Refusal):  # one at a time
        breaker.enter()
    breaker.note(failed=True)
    now[0] = 2.5
    with pytest.raises(Refusal):  # the second pause is longer
        breaker.enter()
    now[0] = 3.2
    breaker.enter()
    breaker.note(failed=False)
    assert not breaker.is_open
    breaker.enter()


def test_breaker_counts_failures_in_a_row_only() -> None:
    breaker = Breaker("kependudukan", clock=lambda: 0.0)
    for number in range(FAILURES * 3):
        breaker.enter()
        breaker.note(failed=number % 3 != 2)
    assert not breaker.is_open


def outcomes(folder: Path) -> Outcomes:
    return Outcomes(folder, secret=b"s" * 32, clock=time.time)


def test_outcomes_keep_the_answer_sealed_and_give_it_to_who_has_the_key(tmp_path: Path) -> None:
    async def main() -> None:
        kept = outcomes(tmp_path)
        attempt = kept.attempt("key-1", caller="36710000", asked=ASKED)
        assert await kept.begin(attempt) is None
        await kept.finish(attempt, OUTCOME)
        assert await outcomes(tmp_path).begin(attempt) == OUTCOME
        other = kept.attempt("key-1", caller="36710009", asked=ASKED)
        assert await kept.begin(other) is None

    asyncio.run(main())
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"SITI" not in written
    assert b"key-1" not in written
    assert not any("key-1" in path.name for path in tmp_path.iterdir())


def test_outcomes_of_two_processes_let_one_call_pass(tmp_path: Path) -> None:
    async def main() -> list[object]:
        begun = [outcomes(tmp_path) for _ in range(8)]
        return await asyncio.gather(
            *(one.begin(one.attempt("k", caller="c", asked=ASKED)) for one in begun), return_exceptions=True
        )

    found = asyncio.run(main())
    assert [one for one in found if one is None] == [None]
    assert {getattr(one, "code", "") for one in found if one is not None} == {"idempotency.unknown"}


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:10], lambda raw: raw[:-1], lambda raw: b"", lambda raw: raw + b"x"]
)
def test_outcomes_of_a_damaged_file_are_unknown(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]  # a table of changes
    async def main() -> None:
        kept = outcomes(tmp_path)
        attempt = kept.attempt("k", caller="c", asked=ASKED)
        await kept.begin(attempt)
        await kept.finish(attempt, OUTCOME)
        attempt.path.write_bytes(damage(attempt.path.read_bytes()))
        with pytest.raises(Refusal, match=r"idempotency\.unknown"):
            await kept.begin(attempt)

    asyncio.run(main())


def test_outcomes_are_removed_after_a_day(tmp_path: Path) -> None:
    now = [time.time()]
    kept = Outcomes(tmp_path, secret=b"s" * 32, clock=lambda: now[0])

    async def main() -> None:
        attempt = kept.attempt("k", caller="c", asked=ASKED)
        await kept.begin(attempt)
        kept._clean()
        assert list(tmp_path.iterdir())
        now[0] += KEEP_SECONDS + 1
        kept._clean()

    asyncio.run(main())
    assert not list(tmp_path.iterdir())
