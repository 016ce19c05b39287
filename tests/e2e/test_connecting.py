"""The commands of the guide to connecting systems work as printed, and each ends with a first call that is answered."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import Platform
from tests.gateway.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide" / "connecting.md"
SHELL_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PORTS = re.compile(r"127\.0\.0\.1:80(\d\d)")
PEOPLE = {
    "sekolah": "3671016005170002",
    "siswa": "3671016005170002",
    "surat": "3671010211890002",
    "fhir": "3671010403220001",
}
SITI = "3671015406920003"


def test_commands_of_the_guide_work_and_their_first_calls_are_answered(
    platform: Platform, tmp_path: Path
) -> None:
    terpadu = tmp_path / "terpadu"
    terpadu.write_text(f'#!/bin/sh\nexec {sys.executable} -m terpadu.config.cli "$@"\n')
    terpadu.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "TERPADU_DATA": str(platform.data_dir),
        "TERPADU_DEMO": "1",
        "PORT": str(platform.port),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    blocks = SHELL_BLOCK.findall(GUIDE.read_text())

    calls = [_first_call(_run(_placed(block, platform), environment)) for block in blocks]

    assert len(blocks) >= 7
    for call in filter(None, calls):
        wait_until(lambda call=call: _is_answered(call))


def _placed(block: str, platform: Platform) -> str:
    moved = PORTS.sub(lambda match: f"127.0.0.1:{platform.port + int(match[1])}", block)
    return moved.replace("$PWD/.data", str(platform.data_dir)).replace(".data/", f"{platform.data_dir}/")


def _first_call(said: str) -> str:
    """Return the printed call, about a person whom the system knows."""
    call = said.partition("First call:\n")[2].strip()
    name = next((name for name in PEOPLE if f"/36710009/{name}/" in call), "")
    return re.sub(r'"nik":"[0-9]+"', f'"nik":"{PEOPLE.get(name, SITI)}"', call)


def _is_answered(call: str) -> bool:
    done = subprocess.run(
        ["bash", "-c", f"{call} -o /dev/null -w '%{{http_code}}'"], capture_output=True, text=True
    )
    return done.stdout == "200"


def _run(block: str, environment: dict[str, str]) -> str:
    done = subprocess.run(["bash", "-c", block], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout
