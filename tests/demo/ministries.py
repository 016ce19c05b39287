"""The five ministries' systems as one real process, for tests of the systems and of the doors before them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.demo.programs import ROOT
from tests.gateway.processes import free_port, port_is_open, wait_until

NAMES = ("sekolah", "bansos", "kesehatan", "penerimaan", "kepegawaian", "bpjs")


@dataclass(frozen=True)
class Ministries:
    """Where the systems listen, and the directory above their own."""

    data: Path
    ports: dict[str, int]

    def url(self, name: str, *, scheme: str = "http") -> str:
        """Return the address of one system."""
        return f"{scheme}://127.0.0.1:{self.ports[name]}"

    def secret(self, name: str, file: str) -> str:
        """Return a secret of one system."""
        return (self.data / name / file).read_text()


@contextmanager
def running_ministries(data: Path, *, size: int = 200) -> Iterator[Ministries]:
    """Start the systems, wait until all listen, and stop them at the end."""
    ports = {name: free_port() for name in NAMES}
    command = [sys.executable, "-m", "demo.ministries", "--data", str(data), "--size", str(size)]
    for name, port in ports.items():
        command += [f"--{name}", str(port)]
    log = data / "ministries.log"
    with log.open("w") as output:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT, env=environment)
    try:
        wait_until(lambda: process.poll() is None and all(map(port_is_open, ports.values())))
        yield Ministries(data, ports)
    finally:
        process.terminate()
        process.wait(timeout=60)
