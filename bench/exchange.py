"""How many signed, recorded exchanges a second go through both gateways, beside nginx as a two-hop mTLS proxy.

All on this machine: load generator, consumer's gateway, provider's gateway, the registry, a stand-in for the control plane
that takes the records. Two pairs of gateways are there: those of the native build (`make native`, made here when it is not
there), as on a gateway's machine, and those of the source. nginx does no token, no signature, no decision, no record: its
figures are the price of the transport alone. Each gateway and each nginx keeps to a core of its own, which it shares with the
generator and the registry; otherwise the gateways have their default settings. All take turns, over as many connections each;
medians count, and of the ratios those of the rounds, so that what else runs on the machine weighs on all alike. CPU time per
exchange depends on it least.
"""

import statistics
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from bench.load import Result
from bench.roads import (
    CONNECTIONS,
    MANY_CONNECTIONS,
    Lane,
    direct_lane,
    memory_mb,
    proxy_lane,
    road_lane,
    running_road,
    search_lane,
)
from terpadu_gateway.segments import SegmentFile
from tests.gateway.road import Road
from tools.native import make as make_native

ROUNDS = 8
SECONDS = 3.0
STEADY_RATE = 300.0


def run() -> Iterator[dict[str, object]]:
    """Yield the figures one by one: the disk, throughput, CPU, latency at full load and at a steady rate, memory."""
    native = make_native()
    with (
        tempfile.TemporaryDirectory(prefix="terpadu-bench-") as folder,
        running_road(Path(folder) / "road", build=native) as road,
        running_road(Path(folder) / "source") as source,
    ):
        yield _figure("disk_write_and_sync_50kB", "ms", _disk_times(Path(folder) / "disk"))
        yield _figure("memory_idle", "MB/gateway", [_memory(road)])
        yield from _full_load(road, source)
        yield from _steady(road)
        yield _figure("memory_at_load", "MB/gateway", [_memory(road)])


def _full_load(road: Road, source: Road) -> Iterator[dict[str, object]]:
    lanes = {"get_2kB": road_lane(road), "get_2kB_by_source": road_lane(source), "search": search_lane(road)}
    for lane in lanes.values():
        lane.measure(1.0)
    with proxy_lane(road) as proxy:
        lanes |= {"nginx": proxy} if proxy else {}
        for connections in (CONNECTIONS, MANY_CONNECTIONS):
            taken = _in_turn(lanes, connections)
            other = taken.pop("nginx", [])
            for name, own in taken.items():
                yield from _at_full_load(f"{name}.{connections}_connections", own, other)


def _in_turn(lanes: Mapping[str, Lane], connections: int) -> dict[str, list[tuple[Result, float]]]:
    """Measure all lanes in rounds. Each begins with another one, for it matters who was there before."""
    order, taken = deque(lanes.items()), defaultdict(list)
    for _ in range(ROUNDS):
        for name, lane in order:
            taken[name].append(lane.measure(SECONDS, connections=connections))
        order.rotate(-1)
    return dict(taken)


def _at_full_load(
    name: str, own: list[tuple[Result, float]], other: list[tuple[Result, float]]
) -> Iterator[dict[str, object]]:
    rates, costs = [one.per_second for one, _ in own], [cpu for _, cpu in own]
    yield _figure(f"{name}.throughput", "exchanges/s", rates, [one.per_second for one, _ in other])
    yield _figure(f"{name}.cpu_of_both_gateways", "ms/exchange", costs, [cpu for _, cpu in other])
    yield _figure(f"{name}.p99_at_full_load", "ms", [one.p99 for one, _ in own])
    yield _figure(f"{name}.errors", "answers", [float(one.errors) for one, _ in own])


def _steady(road: Road) -> Iterator[dict[str, object]]:
    """Yield what both gateways add to the registry's own time at a steady rate."""
    through = [road_lane(road).measure(SECONDS, rate=STEADY_RATE)[0] for _ in range(ROUNDS)]
    straight, _ = direct_lane(road).measure(SECONDS, rate=STEADY_RATE)
    for name in ("p50", "p99"):
        added = [getattr(one, name) - getattr(straight, name) for one in through]
        yield _figure(f"added_{name}_at_{STEADY_RATE:.0f}_per_s", "ms", added)
    errors = [float(one.errors) for one in (*through, straight)]
    yield _figure(f"errors_at_{STEADY_RATE:.0f}_per_s", "answers", [max(errors)])


def _disk_times(folder: Path) -> list[float]:
    """Return how long this disk takes for each of a hundred batches of records, in milliseconds; the throughput depends on it."""
    segment, times = SegmentFile(folder, segment_bytes=1 << 30, clock=time.time), []
    for _ in range(100):
        began = time.perf_counter()
        segment.append(bytes(50_000))
        times.append((time.perf_counter() - began) * 1000)
    segment.close()
    return times


def _memory(road: Road) -> float:
    return max(memory_mb(road.portal.pid), memory_mb(road.agency.pid))


def _figure(
    name: str, unit: str, values: Sequence[float], baselines: Sequence[float] = ()
) -> dict[str, object]:
    """Return medians; the ratio is that of the rounds, in each of which both were measured within seconds."""
    value = round(statistics.median(values), 3)
    baseline = round(statistics.median(baselines), 3) if baselines else None
    ratios = [one / other for one, other in zip(values, baselines, strict=False) if other]
    ratio = round(statistics.median(ratios), 3) if ratios else None
    return {"bench": f"exchange.{name}", "value": value, "unit": unit, "baseline": baseline, "ratio": ratio}


if __name__ == "__main__":
    for line in run():
        sys.stdout.write(orjson.dumps(line).decode() + "\n")
        sys.stdout.flush()
