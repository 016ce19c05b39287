"""A program that was killed comes back in seconds, so its start imports nothing that only some of its work needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = [
    "PIL",
    "aiohttp",
    "nats",
    "numpy",
    "openpyxl",
    "opentelemetry",
    "psutil",
    "pyhanko",
    "pyhanko_certvalidator",
    "scim2_models",
    "scipy",
    "sklearn",
    "sparse_dot_topn",
    "sqlalchemy",
    "zeep",
]
"""Libraries that take from 0.05 to 1 s of processor each."""
PROGRAMS = {
    "up": (
        "import terpadu.config.cli, terpadu.config.up",
        ["cryptography", "django", "lokal", "lxml", "pydantic"],
    ),
    "web": ("from terpadu.config.web import preload; preload()", []),
    "worker": ("import django; django.setup(); import terpadu.config.worker", ["lokal", "lxml"]),
    "gateway": (
        "import terpadu_gateway.__main__, terpadu_gateway.logs, terpadu_gateway.process, terpadu_gateway.foreign",
        ["lokal", "lxml"],
    ),
    "doors": ("import terpadu_doors.server", ["lokal", "lxml"]),
    "witness": ("import terpadu_witness.__main__", ["lokal", "lxml"]),
}
"""How each program starts, and what it has no need of beside."""


def modules_of(code: str) -> set[str]:
    """Return the modules of a new process that ran code; it must have one thread, since the web server is forked after."""
    told = f"{code}; import os, sys; assert len(os.listdir('/proc/self/task')) == 1; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", told],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("program", PROGRAMS)
def test_start_of_a_program_imports_no_heavy_library(program: str) -> None:
    code, needless = PROGRAMS[program]

    assert modules_of(code) & {*HEAVY, *needless} == set()
