"""Server time and transfer of the story's pages, over HTTP on this machine, one web process, 5,000 persons.

Times are the 95th percentile of requests made one after the other on one connection; the baseline is the health page of the
same process, which makes one query and draws nothing. Transfer counts the bytes of bodies as compressed on the wire.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial

import httpx

from bench.figures import Figure, p95
from tools.launch import Platform, running_platform

TIMES = 40
DRAFTS = 20
SERVICE = "/layanan/dukcapil.kia.baru/"
START = f"{SERVICE}mulai/"
CHILD = re.compile(r'name="anak" value="([^"]+)"[^>]*>\s*(?:<[^>]+>\s*)*RAKA')
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
CITIZEN_PAGES = {
    "home": "/",
    "service": SERVICE,
    "applications": "/permohonan/",
    "inbox": "/pesan/",
    "wallet": "/dompet/",
    "trail": "/jejak/",
}
OFFICER_PAGES = {"queue": "/petugas/", "signing": "/petugas/tanda-tangan/", "performance": "/kinerja/"}


def run() -> Iterator[Figure]:
    """Yield the figures of every page."""
    with running_platform({"TERPADU_WEB_WORKERS": "1"}) as platform:
        yield from _transfer(platform)
        yield from _times(platform)


class Walker:
    """A person with a browser's habits: one connection, cookies, forms with their token."""

    def __init__(self, platform: Platform) -> None:
        self.client = httpx.Client(base_url=platform.url, follow_redirects=True)
        self.page = self.client.get("/")

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        self.page = self.client.get(path)
        self.page.raise_for_status()
        return self.page

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send the open page's form to `path`."""
        token = first(CSRF, self.page.text)
        self.page = self.client.post(path, data={"csrfmiddlewaretoken": token, **fields})
        self.page.raise_for_status()
        return self.page

    def answer(self, **fields: str) -> httpx.Response:
        """Send the open page's form to itself."""
        return self.post(self.page.url.path, **fields)

    def sign_in(self, name: str) -> None:
        """Sign in as a demo account."""
        button = re.compile(rf'name="persona" value="([^"]+)"[^>]*>[^<]*{name}')
        self.post("/demo/masuk/", persona=first(button, self.get("/demo/masuk/").text))


def first(pattern: re.Pattern[str], text: str) -> str:
    """Return the first group of the first match. Raises LookupError."""
    found = pattern.search(text)
    if not found:
        raise LookupError(pattern.pattern)
    return found[1]


def timed(action: Callable[[], object]) -> float:
    """Return how many milliseconds an action takes."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def _times(platform: Platform) -> Iterator[Figure]:
    mother, officer = Walker(platform), Walker(platform)
    mother.sign_in("Siti")
    officer.sign_in("Budi")
    baseline = p95([timed(lambda: mother.get("/health")) for _ in range(TIMES)])
    for walker, pages in ((mother, CITIZEN_PAGES), (officer, OFFICER_PAGES)):
        for name, path in pages.items():
            walker.get(path)
            yield _figure(f"page.{name}", [timed(partial(walker.get, path)) for _ in range(TIMES)], baseline)
    yield from _drafts(mother, baseline)


def _drafts(mother: Walker, baseline: float) -> Iterator[Figure]:
    """Time an application's pages, each with the answer sent before it; the first two read a registry over the toll road."""
    times: dict[str, list[float]] = {
        "which-child (exchange)": [],
        "check-data (exchange)": [],
        "check-answers": [],
    }
    for _ in range(DRAFTS):
        mother.get(SERVICE)
        times["which-child (exchange)"].append(timed(lambda: mother.post(START)))
        child = first(CHILD, mother.page.text)
        times["check-data (exchange)"].append(timed(partial(mother.answer, anak=child)))
        times["check-answers"].append(timed(lambda: mother.answer(cara="digital")))
    for name, values in times.items():
        yield _figure(f"page.{name}", values[1:], baseline)


def _figure(name: str, values: list[float], baseline: float) -> Figure:
    value = p95(values)
    return {
        "bench": name,
        "value": round(value, 1),
        "unit": "ms p95",
        "baseline": round(baseline, 1),
        "ratio": round(value / baseline, 1),
    }


def _transfer(platform: Platform) -> Iterator[Figure]:
    with httpx.Client(base_url=platform.url, headers={"Accept-Encoding": "gzip, br"}) as client:
        home = client.get("/")
        assets = sorted(set(ASSET.findall(home.text)))
        sizes = [_wire_bytes(client, path) for path in ["/", *assets]]
    yield {
        "bench": "transfer.first-visit",
        "value": sum(sizes),
        "unit": "bytes",
        "baseline": 50_000,
        "ratio": round(sum(sizes) / 50_000, 2),
    }
    yield {
        "bench": "transfer.first-visit-requests",
        "value": len(sizes),
        "unit": "requests",
        "baseline": 6,
        "ratio": round(len(sizes) / 6, 2),
    }
    walker = Walker(platform)
    walker.sign_in("Siti")
    walker.get(SERVICE)
    walker.post(START)
    size = _wire_bytes(walker.client, walker.page.url.path)
    yield {
        "bench": "transfer.next-form-page",
        "value": size,
        "unit": "bytes",
        "baseline": 15_000,
        "ratio": round(size / 15_000, 2),
    }


def _wire_bytes(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path) as response:
        return sum(len(chunk) for chunk in response.iter_raw())
