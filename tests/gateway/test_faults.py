"""What happens when something is down, slow, wrong, full or killed: a clear refusal, nothing lost, nothing let through."""

import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from terpadu_wire.contracts import content_hash
from terpadu_wire.keys import generate_key
from terpadu_wire.snapshot import Revocation
from tests.gateway import registry
from tests.gateway.country import NIK
from tests.gateway.forger import Forger
from tests.gateway.processes import Program, wait_until
from tests.gateway.road import Road
from tests.gateway.segments import by_transaction, records_in, records_of

SYSTEM_FAULTS = {
    registry.GARBAGE: (502, "system.not_json", False),
    registry.HTML: (502, "system.not_json", False),
    registry.TWICE: (502, "system.not_json", False),
    registry.WRONG: (502, "subject.mismatch", False),
    registry.BROKEN: (502, "system.failed", True),
    registry.UNKNOWN: (404, "system.not_found", False),
    registry.REDIRECT: (502, "system.failed", True),
    registry.HUGE: (502, "system.too_large", False),
}


@pytest.mark.parametrize("nik", SYSTEM_FAULTS)
def test_system_that_misbehaves_is_reported_and_its_answer_withheld(road: Road, nik: str) -> None:
    status, code, retryable = SYSTEM_FAULTS[nik]

    answer = road.call(nik)

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["side"]) == (status, code, "system")
    assert problem["retryable"] is retryable
    assert "SITI" not in answer.text
    assert "3671010101010001" not in answer.text
    records = records_of(road.portal.segments, problem["transaction_id"])
    records += records_of(road.agency.segments, problem["transaction_id"])
    assert [one.error_code for one in records] == ["", code, "", code]


def test_system_slower_than_the_deadline_is_given_up_in_time(road: Road) -> None:
    answer = road.call(registry.SLOW, terpadu_deadline_ms="400")

    assert answer.status_code == 504
    assert answer.json()["code"] in ("system.slow", "gateway.deadline")
    assert answer.json()["retryable"] is True


def test_system_down_is_reported_and_comes_back(fresh_road: Road) -> None:
    fresh_road.registry.kill()
    answer = fresh_road.call()
    assert (answer.status_code, answer.json()["code"]) == (502, "system.unreachable")
    assert answer.headers["retry-after"]
    assert answer.headers["fsc-error-code"] == "ERROR_CODE_SERVICE_UNREACHABLE"

    fresh_road.registry.start()
    wait_until(lambda: fresh_road.call().status_code == 200)


def test_provider_gateway_down_is_reported_recorded_and_comes_back(fresh_road: Road) -> None:
    assert fresh_road.call().status_code == 200
    fresh_road.agency.kill()

    answer = fresh_road.call()

    assert (answer.status_code, answer.json()["code"]) == (502, "provider.unreachable")
    assert answer.json()["side"] == "provider-gateway"
    last = records_in(fresh_road.portal.segments)[-1]
    assert (last.phase, last.outcome, last.error_code) == ("response", "failed", "provider.unreachable")
    fresh_road.agency.start()
    wait_until(lambda: fresh_road.call().status_code == 200)


def test_contract_revoked_is_refused_within_seconds_without_a_restart(fresh_road: Road) -> None:
    assert fresh_road.call().status_code == 200
    contract = fresh_road.country.content
    assert contract is not None
    fresh_road.country.revoked = (Revocation("contract", content_hash(contract), 1),)
    fresh_road.plane.publish()

    answer = wait_until(lambda: _refused(fresh_road))

    assert answer.json()["code"] == "contract.revoked"


def test_contract_replaced_while_calls_run_drops_no_call(fresh_road: Road) -> None:
    statuses: list[int] = []

    with _again_and_again(lambda: statuses.append(fresh_road.call().status_code), at_once=3):
        for _ in range(5):
            seen = len(statuses)
            fresh_road.republish()
            wait_until(lambda seen=seen: len(statuses) > seen + 3)

    assert set(statuses) == {200}


def test_token_endpoint_away_is_made_up_for_by_the_providers_gateway(build_road: Callable[..., Road]) -> None:
    road = build_road()
    road.start()
    road.plane.close()

    assert road.call().status_code == 200
    assert "token.given" in road.agency.log()


def test_token_endpoint_and_provider_away_is_reported_as_retryable(build_road: Callable[..., Road]) -> None:
    road = build_road()
    road.start()
    road.plane.close()
    road.agency.kill()

    answer = road.call()

    assert (answer.status_code, answer.json()["code"]) == (503, "token.unavailable")
    assert answer.json()["retryable"] is True
    assert records_in(road.portal.segments) == []


def test_control_plane_away_changes_nothing_for_running_calls(fresh_road: Road) -> None:
    assert fresh_road.call().status_code == 200
    fresh_road.plane.close()

    assert fresh_road.call().status_code == 200
    assert fresh_road.portal.health()["snapshot"]["state"] == "fresh"


def test_control_plane_away_at_start_uses_the_copy_on_disk(fresh_road: Road) -> None:
    assert fresh_road.call().status_code == 200
    version = fresh_road.country.version
    fresh_road.plane.close()
    for gateway in (fresh_road.portal, fresh_road.agency):
        assert gateway.terminate() == 0
        gateway.start()

    assert fresh_road.portal.has_snapshot(version)
    assert fresh_road.agency.has_snapshot(version)
    assert (
        fresh_road.call().status_code == 200
    )  # the provider's gateway gives the token that the manager cannot


def test_snapshot_copy_altered_on_disk_is_not_used(fresh_road: Road) -> None:
    fresh_road.portal.terminate()
    copy = fresh_road.portal.folder / "data" / "snapshot.jws"
    raw = bytearray(copy.read_bytes())
    raw[len(raw) // 2] ^= 1
    copy.write_bytes(raw)
    fresh_road.plane.close()

    fresh_road.portal.start()

    assert fresh_road.portal.health()["snapshot"]["state"] == "none"
    assert fresh_road.call().json()["code"] == "gateway.no_snapshot"


def test_snapshot_of_another_group_key_is_refused_and_the_good_one_kept(fresh_road: Road) -> None:
    version = fresh_road.country.version
    fresh_road.country.group_key = generate_key()
    fresh_road.plane.publish()

    wait_until(lambda: "snapshot.refused" in fresh_road.portal.log())
    assert fresh_road.portal.health()["snapshot"]["version"] == version
    assert fresh_road.call().status_code == 200


def test_snapshot_older_than_ours_is_refused(fresh_road: Road) -> None:
    old = fresh_road.plane.snapshot
    fresh_road.republish()
    fresh_road.plane.snapshot = old

    wait_until(lambda: "snapshot.older" in fresh_road.portal.log())
    assert fresh_road.call().status_code == 200


def test_snapshot_past_its_soft_date_warns_and_past_its_hard_date_refuses(
    build_road: Callable[..., Road],
) -> None:
    road = build_road()
    road.country.soft_seconds, road.country.hard_seconds = 0, 3600
    road.start()
    assert road.call().status_code == 200
    wait_until(lambda: road.portal.health()["snapshot"]["state"] == "stale")
    wait_until(lambda: "snapshot.stale" in road.portal.log())

    road.country.hard_seconds = 0
    road.plane.publish()
    wait_until(lambda: httpx.get(road.portal.health_url).status_code == 503)
    answer = road.call()

    assert (answer.status_code, answer.json()["code"]) == (503, "snapshot.expired")


@pytest.mark.parametrize("side", ["portal", "agency"])
def test_record_folder_not_writable_refuses_every_exchange(
    build_road: Callable[..., Road], side: str
) -> None:
    road = build_road()
    folder: Path = getattr(road, side).segments
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")
    road.start()

    answer = road.call()

    assert (answer.status_code, answer.json()["code"]) == (503, "gateway.records_unwritable")
    assert "SITI" not in answer.text
    assert getattr(road, side).health()["records"]["writable"] is False
    folder.unlink()
    wait_until(lambda: road.call().status_code == 200)


@pytest.mark.parametrize("side", ["portal", "agency"])
def test_gateway_killed_under_load_keeps_the_records_of_every_answered_exchange(
    fresh_road: Road, side: str
) -> None:
    answered: list[str] = []

    def call() -> None:
        with suppress(httpx.TransportError):
            answer = fresh_road.call()
            if answer.status_code == 200:
                answered.append(answer.headers["fsc-transaction-id"])

    victim = getattr(fresh_road, side)
    with _again_and_again(call, at_once=8):
        wait_until(lambda: len(answered) > 60)
        os.kill(victim.pid, signal.SIGKILL)
        victim.kill()
        victim.start()
        before = len(answered)
        wait_until(lambda: len(answered) > before + 30)

    out, into = by_transaction(fresh_road.portal.segments), by_transaction(fresh_road.agency.segments)
    for transaction in answered:
        assert [one.outcome for one in out[transaction]] == ["asked", "answered"]
        assert [one.outcome for one in into[transaction]] == ["asked", "answered"]
    # What the provider answered was asked for by the consumer, and is on record there.
    assert set(into) <= set(out)
    wait_until(lambda: _all_shipped(fresh_road))


def test_message_replayed_after_the_gateway_was_killed_is_refused(fresh_road: Road) -> None:
    forger = Forger(fresh_road)
    message = forger.message()
    signature = forger.sign(message)
    assert forger.send(message, signature).status_code == 200
    fresh_road.agency.kill()
    fresh_road.agency.start()

    again = forger.send(message, signature)
    forger.close()

    assert again.json()["code"] == "signature.replayed"


def test_records_are_shipped_after_the_control_plane_refused_them_for_a_while(fresh_road: Road) -> None:
    fresh_road.plane.takes_records = False
    transaction = fresh_road.call().headers["fsc-transaction-id"]
    wait_until(lambda: "records.not_shipped" in fresh_road.portal.log())
    unshipped = fresh_road.portal.health()["records"]["unshipped_bytes"]
    assert isinstance(unshipped, int) and unshipped > 0

    fresh_road.plane.takes_records = True

    wait_until(lambda: sum(one.transaction_id == transaction for one in fresh_road.plane.records) == 4)
    wait_until(lambda: fresh_road.portal.health()["records"]["unshipped_bytes"] == 0)
    offsets = [batch["offset"] for batch in fresh_road.plane.batches if batch["gateway"] == "portal-side"]
    assert offsets == sorted(offsets, key=lambda one: int(str(one)))


def test_records_survive_a_restart_and_are_shipped_from_where_it_left_off(fresh_road: Road) -> None:
    fresh_road.call()
    wait_until(lambda: _all_shipped(fresh_road))
    fresh_road.plane.takes_records = False
    transaction = fresh_road.call().headers["fsc-transaction-id"]
    fresh_road.portal.terminate()
    shipped = len(fresh_road.plane.records)
    fresh_road.plane.takes_records = True
    fresh_road.portal.start()

    wait_until(lambda: sum(one.transaction_id == transaction for one in fresh_road.plane.records) == 4)
    assert len(fresh_road.plane.records) == shipped + 4


def test_gateway_told_to_stop_finishes_the_call_in_hand(fresh_road: Road) -> None:
    # The system holds this call until it is given up, while the gateways are told to stop.
    answers: list[httpx.Response] = []
    caller = threading.Thread(
        target=lambda: answers.append(fresh_road.call(registry.SLOW, terpadu_deadline_ms="1500"))
    )
    caller.start()
    wait_until(lambda: fresh_road.agency.segments.is_dir() and records_in(fresh_road.agency.segments))

    code = fresh_road.portal.terminate()
    caller.join()

    assert code == 0
    assert answers[0].status_code == 504
    assert [one.outcome for one in records_in(fresh_road.portal.segments)] == ["asked", "failed"]
    events = [json.loads(line)["event"] for line in fresh_road.portal.log().splitlines()]
    assert events[-2:] == ["gateway.draining", "gateway.stopped"] or events[-1] == "gateway.stopped"


def test_gateway_over_its_limit_refuses_with_retry_after(build_road: Callable[..., Road]) -> None:
    road = build_road(limits="in_flight = 1\n")
    road.start()
    caller = threading.Thread(target=lambda: road.call(registry.SLOW, terpadu_deadline_ms="30000"))
    caller.start()
    wait_until(lambda: road.agency.segments.is_dir() and records_in(road.agency.segments))

    answer = road.call()
    road.registry.kill()
    caller.join()

    assert (answer.status_code, answer.json()["code"]) == (503, "gateway.overloaded")
    assert answer.headers["retry-after"] == "1"


def test_gateway_with_its_port_in_use_says_so_in_one_line(build_road: Callable[..., Road]) -> None:
    road = build_road()
    port = int(road.outway_url.rpartition(":")[2])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        Program.start(road.portal)
        code = wait_until(
            lambda: road.portal.exit_code() is not None and (road.portal.exit_code() or 0) + 100
        )

    assert code == 102
    lines = [line for line in road.portal.log().splitlines() if "cannot listen" in line]
    assert lines == [f"terpadu gateway: cannot listen on 127.0.0.1:{port}: Address already in use"]
    assert "Traceback" not in road.portal.log()


def test_exchange_with_names_logs_codes_only(road: Road) -> None:
    road.call(registry.WRONG)

    assert NIK not in road.portal.log() + road.agency.log()
    assert "3671010101010001" not in road.portal.log() + road.agency.log()


@contextmanager
def _again_and_again(do: Callable[[], object], *, at_once: int) -> Iterator[None]:
    """Do something in so many threads until the end, also of a test that fails."""
    stop = threading.Event()

    def keep_doing() -> None:
        while not stop.is_set():
            do()

    threads = [threading.Thread(target=keep_doing) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _refused(road: Road) -> httpx.Response | None:
    answer = road.call()
    return answer if answer.status_code >= 400 else None


def _all_shipped(road: Road) -> bool:
    sides = (road.portal, road.agency)
    return all(side.health()["records"]["unshipped_bytes"] == 0 for side in sides)
