"""The commands of the first-hour tutorial work as printed, in their order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import Platform

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "first-hour.md"
SHELL_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PORTS = re.compile(r"localhost:80(\d\d)")
PROMISES = {"/health": '"status": "ok"', "/exchange/snapshot": "200", "/v1/keluarga/cari": '"status":"01"'}


def test_commands_of_the_tutorial_work_as_printed(platform: Platform, tmp_path: Path) -> None:
    blocks = SHELL_BLOCK.findall(TUTORIAL.read_text())
    terpadu = tmp_path / "terpadu"
    terpadu.write_text(f'#!/bin/sh\nexec {sys.executable} -m terpadu.config.cli "$@"\n')
    terpadu.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "TERPADU_DATA": str(platform.data_dir),
        "PYTHONPATH": str(ROOT / "src"),
    }

    outputs = {
        block: run(PORTS.sub(lambda m: f"localhost:{platform.port + int(m[1])}", block), environment)
        for block in blocks
    }

    assert len(blocks) >= 7
    for address, promise in PROMISES.items():
        matching = [
            output
            for block, output in outputs.items()
            if f"8000{address}" in block or f"8021{address}" in block
        ]
        assert any(promise in output for output in matching), address


def run(block: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", block], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout
