"""Events a second through the whole platform, once for each carrier: published by an application, pushed to two subscribers.

Each event goes: application → its gateway (pseudonym, signature) → control plane → carrier; then twice publisher's gateway →
mTLS → subscriber's gateway → its system, with contract, quota, signatures, records on disk and the id kept; and both subscribers
ask the registry what it is about. All on one machine with everything else of the demo country. The baseline is PostgreSQL. ``EVENTS`` sets how many (300).
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx

from bench.roads import cpu_seconds, descendants
from terpadu.config.ports import Ports
from tests.exchange.nats_servers import nats_servers
from tools.launch import Platform, running_platform, wait_until

Figure = dict[str, Any]
AT_ONCE = 8


def run() -> Iterator[Figure]:
    """Yield events a second with each carrier: published, and in the insurer's system; and the CPU that one costs."""
    small = {"TERPADU_DEMO_PORTFOLIO": "1500"}
    with running_platform(small) as platform:
        ours = _measure(platform)
    with (
        tempfile.TemporaryDirectory(prefix="terpadu-nats-") as folder,
        nats_servers(Path(folder)) as servers,
        running_platform(small | {"NATS_URL": servers[0].url}) as platform,
    ):
        theirs = _measure(platform)
    for carrier, found in (("postgres", ours), ("nats", theirs)):
        for name, value in found.items():
            yield {
                "bench": f"events.{carrier}.{name}",
                "value": round(value, 1),
                "unit": "ms CPU of all programs/event" if name == "cpu" else "events/s",
                "baseline": None if carrier == "postgres" else round(ours[name], 1),
                "ratio": None if carrier == "postgres" else round(value / ours[name], 2),
            }


def _measure(platform: Platform) -> dict[str, float]:
    count = int(os.environ.get("EVENTS", "300"))
    url = f"http://127.0.0.1:{Ports(platform.port).agencies_outway}/events"
    keys = platform.data_dir / "exchange" / "applications"
    key = (keys / "dukcapil.akta.key").read_text().strip()
    insurer = platform.data_dir / "demo" / "bpjs" / "bpjs.sqlite3"
    with httpx.Client(trust_env=False, timeout=30) as client:
        _publish(client, url, key, "warm-up")
        wait_until(lambda: _taken(insurer) == 1, within_s=30)
        began, spent = time.perf_counter(), _cpu(platform)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda number: _publish(client, url, key, f"b-{number}"), range(count)))
        published = time.perf_counter() - began
        wait_until(lambda: _taken(insurer) == count + 1, within_s=120)
        delivered = time.perf_counter() - began
    cpu = 1000 * (_cpu(platform) - spent) / count
    return {"published": count / published, "delivered": count / delivered, "cpu": cpu}


def _cpu(platform: Platform) -> float:
    """Return the CPU seconds of all programs of the platform so far."""
    return sum(cpu_seconds(pid) for pid in descendants(platform.process.pid))


def _publish(client: httpx.Client, url: str, key: str, event_id: str) -> None:
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "urn:terpadu:00000002:peristiwa",
        "type": "id.demo.kelahiran.tercatat.v1",
        "subject": f"{crc32(event_id.encode()):016}",
    }
    headers = {"authorization": f"Bearer {key}", "content-type": "application/cloudevents+json"}
    answer = client.post(url, json=event, headers=headers)
    if answer.status_code != 202:
        raise RuntimeError(answer.text)


def _taken(storage: Path) -> int:
    with sqlite3.connect(f"file:{storage}?mode=ro", uri=True) as file:
        count: int = file.execute("SELECT COUNT(*) FROM antrean").fetchone()[0]
    return count
