"""What each guarantee costs: the same run with one more of them from row to row, as CPU time of both gateways.

The gateways have no switch for this. The rows are programs of this package (:mod:`bench.stages`) that put something empty in
the place of a part: a relay without any guarantee, then the gateway without signatures and records, and so on.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.roads import road_lane, running_road
from bench.stages import STAGES

SECONDS = 5.0


def run() -> Iterator[dict[str, object]]:
    """Yield CPU milliseconds per exchange of each stage; the baseline is the stage before."""
    before = None
    for stage in STAGES:
        with (
            tempfile.TemporaryDirectory(prefix="terpadu-bench-") as folder,
            running_road(Path(folder) / "road", program=("-m", "bench.stages", stage)) as road,
        ):
            lane = road_lane(road)
            lane.measure(1.0)
            result, cpu = lane.measure(SECONDS)
            if result.errors:
                raise RuntimeError(f"{stage}: {result.errors} answers were not 200")
        yield {
            "bench": f"guarantees.{stage}",
            "value": round(cpu, 3),
            "unit": f"ms/exchange at {result.per_second:.0f}/s",
            "baseline": before,
            "ratio": round(cpu / before, 3) if before else None,
        }
        before = round(cpu, 3)
