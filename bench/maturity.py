"""The index of every agency computed anew, and the time of the public pages and of a report, on this machine.

Pages are asked over HTTP of the running platform with its demo: 615 agencies, four published years, one web process; the
figure is the 95th percentile of requests made one after the other on one connection. The report is one that has not been
asked for before, so it is typeset in the request. The baseline is the bar that issue 6 sets.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from functools import partial

import httpx

from bench.figures import Figure, figure_of, page_ms, request_s
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.rules.score import score_indicators
from tools.launch import running_platform

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terpadu.config.settings")
figure = partial(figure_of, "maturity")
AGENCIES = 615
YEARS = 4
BAR_RECOMPUTE_S = 1.0
BAR_PAGE_MS = 150.0
BAR_REPORT_S = 3.0
FIVE = "&".join(f"i=regency.contoh.{number:03}" for number in range(1, 6))
PAGES = {
    "overview": "/indeks/2025/",
    "ranking": "/indeks/2025/peringkat/?page=3",
    "compare": f"/indeks/2025/bandingkan/?{FIVE}",
    "agency": "/indeks/instansi/regency.contoh.001/",
}
REPORT = "/indeks/instansi/regency.contoh.001/2025/laporan.pdf"


def run() -> Iterator[Figure]:
    """Yield all figures with their bars."""
    yield figure("recompute 615 agencies x 4 years", recompute_s(), unit="s", bar=BAR_RECOMPUTE_S)
    with running_platform({"TERPADU_WEB_WORKERS": "1"}) as platform:
        client = httpx.Client(base_url=platform.url)
        for name, path in PAGES.items():
            yield figure(f"{name} p95", page_ms(client, path), unit="ms", bar=BAR_PAGE_MS)
        yield figure("report first asked", request_s(client, REPORT), unit="s", bar=BAR_REPORT_S)


def recompute_s() -> float:
    """Return the seconds for index, domains and aspects of 615 agencies in four years, from random levels."""
    form = instrument_get("permenpanrb-59-2020")
    dice = random.Random(6)
    answers = [{number: dice.randint(1, 5) for number in form.indicators} for _ in range(AGENCIES * YEARS)]
    started = time.perf_counter()
    for levels in answers:
        score_indicators(form, levels)
    return time.perf_counter() - started
