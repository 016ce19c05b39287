"""What time does to a contract between real gateways: closed hours, a control plane long away, a clock that is off."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from terpadu_wire.hours import Hours, Opening
from terpadu_wire.properties import Quota
from tests.gateway.country import standard_properties
from tests.gateway.processes import Gateway, wait_until
from tests.gateway.road import Road, agree, code_of, refusal


def test_hours_closed_is_refused_with_the_time_of_opening(build_road: Callable[..., Road]) -> None:
    road = build_road()
    road.country.hard_seconds = road.country.contract_seconds = 14 * 86_400
    road.start()
    day = datetime.now(UTC).isoweekday()
    agree(road, hours=Hours("UTC", (Opening((day,), "00:00", "24:00"),)))
    assert road.call().status_code == 200
    agree(road, hours=Hours("UTC", (Opening((day % 7 + 1,), "00:00", "24:00"),)))
    refused = road.call()
    assert (refused.status_code, code_of(refused)) == (503, "hours.closed")
    wait = int(refused.headers["retry-after"])
    assert 0 < wait <= 86_400

    # The same contract, once the day has come.
    road.set_clock(wait + 1)
    assert wait_until(lambda: road.call().status_code == 200)


def test_control_plane_away_for_72_hours_changes_nothing_but_the_day(build_road: Callable[..., Road]) -> None:
    road = build_road()
    road.country.soft_seconds, road.country.hard_seconds = 86_400, 14 * 86_400
    road.country.contract_seconds = 30 * 86_400
    agree_later = replace(standard_properties(), quota=Quota(rps=50, per_day=20))
    road.country.agree(agree_later)
    road.start()
    # Both gateways hold a lease, alone on their side, before the control plane goes away.
    wait_until(
        lambda: road.call().status_code == 200 and _holds_alone(road.portal) and _holds_alone(road.agency)
    )
    road.plane.close()

    road.set_clock(72 * 3600)
    wait_until(lambda: road.call().status_code == 200)
    statuses = [road.call().status_code for _ in range(30)]

    # One gateway alone had the whole quota, so it still has it, and not one call more.
    assert statuses.count(200) == 19
    assert set(statuses) == {200, 429}


def _holds_alone(gateway: Gateway) -> bool:
    file = gateway.folder / "data" / "leases.json"
    shares = json.loads(file.read_text()).values() if file.exists() else ()
    return any(share["shared_by"] == 1 for share in shares)


CLOCK_CODES = (
    "contract.not_yet",
    "signature.time",
    "token.expired",
    "token.not_yet",
    "token.refused",
    "provider.unproven",
)


@pytest.mark.parametrize("side", ["portal", "agency"])
def test_gateway_whose_clock_is_off_by_ten_minutes_gets_nothing_through(
    build_road: Callable[..., Road], side: str
) -> None:
    road = build_road()
    clock = road.country.folder / "own-clock"
    getattr(road, side).use_clock(clock)
    road.start()
    assert road.call().status_code == 200
    for offset in (600, -600):
        clock.write_text(str(offset))
        refused = wait_until(lambda: refusal(road.call()))
        assert code_of(refused) in CLOCK_CODES
        clock.write_text("0")
        assert wait_until(lambda: road.call().status_code == 200)
