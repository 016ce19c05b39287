"""A measured figure beside its bar, and the time of a page over HTTP: what several benchmarks print alike."""

from __future__ import annotations

import time
from statistics import quantiles
from typing import Any

import httpx

Figure = dict[str, Any]
TIMES = 40


def figure_of(subject: str, name: str, value: float, *, unit: str, bar: float | None) -> Figure:
    """Return a figure of a benchmark's subject with its bar, None where there is none; a ratio of at most 1 keeps the bar."""
    return {
        "bench": f"{subject}: {name}",
        "value": round(value, 3),
        "unit": unit,
        "baseline": bar,
        "ratio": round(value / bar, 3) if bar else None,
    }


def page_ms(client: httpx.Client, path: str) -> float:
    """Return the 95th percentile of a page's time, after one request that fills the caches of the process."""
    request_s(client, path)
    return p95([request_s(client, path) * 1000 for _ in range(TIMES)])


def request_s(client: httpx.Client, path: str) -> float:
    """Return the seconds of one request. Raises httpx.HTTPStatusError when it is refused."""
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return time.perf_counter() - started


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(values, n=20)[-1]
