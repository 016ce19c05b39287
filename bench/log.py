"""The transparency log: how fast it grows, how soon a call can be proven, how long the proof of a receipt takes to check.

The platform runs with its demo and a real witness; `bench.log_book` works in a second process on the same database. The
baseline is the bar that issue 3 sets, the ratio is value to bar: above 1 is good for a rate, below 1 for the others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tools.launch import ROOT, running_platform


def run() -> Iterator[dict[str, Any]]:
    """Yield one figure for each thing measured: {"bench", "value", "unit", "baseline", "ratio"}."""
    with running_platform() as platform:
        environment = os.environ | {
            "TERPADU_DATA": str(platform.data_dir),
            "PORT": str(platform.port),
            "TERPADU_DEMO": "1",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "terpadu.config.settings",
        }
        command = [sys.executable, "-m", "bench.log_book"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    for line in done.stdout.splitlines():
        if line.startswith('{"bench"'):
            yield json.loads(line)
