"""Programs of a running platform killed outright while exchanges pass; what was answered is held against every record."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from demo.population.personas import persona
from terpadu.config import postgres
from terpadu.config.ports import Ports
from tests.gateway.segments import records_in
from tools.launch import Platform, wait_until

PURPOSES = ("kia.verifikasi", "kk.perubahan", "domisili.surat", "identitas.perwakilan")
"""Purposes for which the portal reads a family, each with a contract and a quota of its own."""
PATH = "/00000002/kependudukan/v1/keluarga/cari"
BODY = f'{{"nik":"{persona("siti").nik}"}}'
MARKS = {
    "postgres": "pginstall/bin/postgres",
    "worker": "terpadu.config.cli worker",
    "portal": "gateways/portal/",
    "agencies": "gateways/agencies/",
}
"""What the command of each program holds."""
WHOLE = ["asked", "answered"]


@dataclass(frozen=True)
class Kept:
    """What is on record of exchanges that were answered.

    lost: sides of exchanges that are not whole. half: exchanges that the provider recorded and the consumer did not,
    answered or not.
    """

    lost: int
    half: int


def headers_of(platform: Platform, purpose: str) -> dict[str, str]:
    """Return the headers with which the portal reads a family for a purpose."""
    key = platform.data_dir / "exchange" / "applications" / "portal.terpadu.key"
    return {
        "authorization": f"Bearer {key.read_text().strip()}",
        "content-type": "application/json",
        "terpadu-purpose": purpose,
        "terpadu-evidence": "KIA-2026-000001",
        "terpadu-on-behalf-of": "person:self",
    }


def outway_port(platform: Platform) -> int:
    """Return the port of the portal's outway."""
    return Ports(platform.port).outway


def kill(platform: Platform, name: str) -> float:
    """Kill a program with SIGKILL; return after how many seconds its work is done again, by a new one or by its twin."""
    victim, before = _pid_of(platform, name), _log_size(platform)
    ports = Ports(platform.port)
    health = {"postgres": ports.web, "portal": ports.outway, "agencies": ports.agencies_outway}
    os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    wait_until(lambda: _pid_of(platform, name) not in (0, victim))
    if name == "worker":
        wait_until(lambda: _log_size(platform) > before)
    else:
        wait_until(lambda: _is_well(health[name]))
    return time.monotonic() - began


def worker_starts(platform: Platform) -> int:
    """Return how often a worker has begun to work."""
    logs = (platform.data_dir / "logs").glob("worker*.log")
    return sum(log.read_text().count("worker_started") for log in logs)


def kept(platform: Platform, answered: Collection[str]) -> Kept:
    """Hold exchanges that were answered against the segments of both gateways."""
    out, into = (_side(platform, side) for side in ("out", "in"))
    lost = sum(side.get(transaction) != WHOLE for transaction in answered for side in (out, into))
    return Kept(lost, len(into.keys() - out.keys()))


def delivered(platform: Platform, answered: Collection[str]) -> int:
    """Return how many records of exchanges the control plane has; four of each when all are there."""
    query = "select count(*) from exchange_deliveredrecord where transaction_id = any(%s::uuid[])"
    return _count(platform, query, [list(answered)])


def _side(platform: Platform, side: str) -> dict[str, list[str]]:
    """Return the outcomes that all gateways recorded on one side, by transaction."""
    found: dict[str, list[str]] = {}
    for folder in (platform.data_dir / "exchange" / "gateways").glob("*/data/segments"):
        for record in records_in(folder):
            if record.side == side:
                found.setdefault(record.transaction_id, []).append(record.outcome)
    return found


def _pid_of(platform: Platform, name: str) -> int:
    """Return the process id of a program that the supervisor runs, 0 while there is none (Linux)."""
    supervisor = platform.process.pid
    started = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    for pid in started:
        with suppress(OSError):  # it may end while it is looked at
            if MARKS[name] in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                return int(pid)
    return 0


def _is_well(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def _log_size(platform: Platform) -> int:
    return _count(platform, "select coalesce(max(size), 0) from exchange_logcheckpoint", [])


def _count(platform: Platform, query: str, values: list[object]) -> int:
    try:
        with psycopg.connect(postgres.url_of(platform.data_dir)) as connection:
            row = connection.execute(query, values).fetchone()
    except psycopg.OperationalError:
        return 0
    return int(row[0]) if row else 0
