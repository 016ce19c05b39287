"""Asking gateways and doors on their loopback addresses how they are."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import httpx

TIMEOUT_S = 0.8
AT_ONCE = 8

Health = Literal["well", "unwell", "away"]


@dataclass(frozen=True)
class Program:
    """A program that runs beside the platform. address: "host:port"; has_page: whether it says how it is over HTTP."""

    kind: Literal["gateway", "doors"]
    name: str
    address: str
    has_page: bool


def ask_programs(programs: Sequence[Program]) -> list[tuple[Program, Health]]:
    """Return how programs are, in their order, all asked at once; nobody is waited for longer than TIMEOUT_S."""
    if not programs:
        return []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(zip(programs, pool.map(_ask, programs), strict=True))


def _ask(program: Program) -> Health:
    if not program.has_page:
        return "well" if _listens(program.address) else "away"
    try:
        status = httpx.get(f"http://{program.address}/health", timeout=TIMEOUT_S).status_code
    except httpx.HTTPError:
        return "away"
    return "well" if status == 200 else "unwell"


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=TIMEOUT_S):
            return True
    except (OSError, ValueError):
        return False
