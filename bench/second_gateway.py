"""A second gateway process of the consumer's agency: what an exchange costs through one and through two, and their one quota.

On two cores two processes cannot be faster than one, since everything else runs there as well; what counts is that the CPU
of an exchange does not grow, so that more cores carry more. Then both together ask for twice what the contract lets pass.
"""

import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.load import Result
from bench.roads import (
    CONNECTIONS,
    GATEWAY,
    Lane,
    cpu_seconds,
    road_lane,
    running_road,
    settle,
    two_cores,
)
from terpadu_wire.properties import Quota
from tests.gateway.country import standard_properties
from tests.gateway.processes import Gateway, free_port, portal_gateway, wait_until
from tests.gateway.road import Road

ROUNDS = 3
SECONDS = 4.0
QUOTA = 200
"""Calls a second that the contract lets pass."""


def run() -> Iterator[dict[str, object]]:
    """Yield CPU and throughput of two gateways beside those of one, and what of a shared quota they let pass."""
    with (
        tempfile.TemporaryDirectory(prefix="terpadu-bench-") as folder,
        running_road(Path(folder) / "road") as road,
        _second_gateway(road) as (second, lane),
    ):
        one, both = [road_lane(road)], [road_lane(road), lane]
        pids = (road.portal.pid, second.pid, road.agency.pid)
        _measure(both, pids, seconds=1.0)
        rounds = [(_measure(one, pids), _measure(both, pids)) for _ in range(ROUNDS)]
        for place, name, unit in (
            (0, "throughput", "exchanges/s"),
            (1, "cpu_of_all_gateways", "ms/exchange"),
        ):
            alone, together = (statistics.median(one[at][place] for one in rounds) for at in (0, 1))
            yield _figure(name, unit, together, alone)
        yield _figure("shared_quota", "passed/s", _passed(road, second, both), float(QUOTA))


@contextmanager
def _second_gateway(road: Road) -> Iterator[tuple[Gateway, Lane]]:
    port = free_port()
    second = portal_gateway(road.country, control_url=road.plane.url, port=port, name="portal-two")
    settle(second, two_cores()[1])
    second.run_as([*GATEWAY, str(second.config)])
    try:
        second.start()
        yield second, replace(road_lane(road), port=port, pids=(second.pid,))
    finally:
        second.kill()


def _measure(lanes: list[Lane], pids: tuple[int, ...], *, seconds: float = SECONDS) -> tuple[float, float]:
    """Return (exchanges a second, CPU milliseconds of all gateways per exchange) through lanes that share the connections."""
    before = sum(map(cpu_seconds, pids))
    results = _at_once(lanes, seconds, connections=CONNECTIONS // len(lanes))
    if any(result.errors for result in results):
        raise RuntimeError("answers were not 200")
    rate = sum(result.per_second for result in results)
    return rate, (sum(map(cpu_seconds, pids)) - before) * 1000 / (rate * (seconds + 1.0))


def _passed(road: Road, second: Gateway, lanes: list[Lane]) -> float:
    """Return how many calls a second pass when each of two gateways is asked for the whole quota."""
    road.country.agree(replace(standard_properties(), quota=Quota(rps=QUOTA, burst=QUOTA // 10)))
    road.republish()
    wait_until(lambda: second.has_snapshot(road.country.version))
    _at_once(
        lanes, SECONDS, rate=float(QUOTA)
    )  # by then each has its share: leases are renewed every two seconds
    results = _at_once(lanes, SECONDS, rate=float(QUOTA))
    return sum(result.answers - result.errors for result in results) / SECONDS


def _at_once(lanes: list[Lane], seconds: float, *, connections: int = 16, rate: float = 0.0) -> list[Result]:
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(lane.measure, seconds, rate=rate, connections=connections) for lane in lanes]
        return [one.result()[0] for one in running]


def _figure(name: str, unit: str, value: float, baseline: float) -> dict[str, object]:
    return {
        "bench": f"second_gateway.{name}",
        "value": round(value, 3),
        "unit": unit,
        "baseline": round(baseline, 3),
        "ratio": round(value / baseline, 3),
    }
