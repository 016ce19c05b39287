"""Run the whole platform with its demo country for a while, from a throw-away data directory."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from terpadu.config import processes
from terpadu.config.ports import Ports

ROOT = Path(__file__).resolve().parent.parent
READY_LINE = "Ctrl-C stops everything"
START_WITHIN_S = 600.0
NOT_OURS = ("DATABASE_URL", "TERPADU_TEST_DATA", "DJANGO_SETTINGS_MODULE")


@dataclass(frozen=True)
class Platform:
    """A running Terpadu: where it answers, where its data are, its supervisor's process."""

    port: int
    data_dir: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The address of the home page."""
        return f"http://localhost:{self.port}"


def free_port() -> int:
    """Return a port from which on all ports of an installation are free. Raises LookupError when there is none."""
    for base in random.sample(range(20_000, 30_000, 50), 200):
        if not any(processes.port_in_use(port) for port in Ports(base).all(demo=True)):
            return base
    raise LookupError("no free ports")


def wait_until(condition: Callable[[], object], *, within_s: float = 60.0) -> None:
    """Ask again and again until a condition is true. Raises TimeoutError."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {within_s:.0f} s")
        pause.wait(0.02)


@contextmanager
def running_platform(extra: Mapping[str, str] | None = None) -> Iterator[Platform]:
    """Start the platform with `extra` environment variables and stop it at the end. Raises RuntimeError with its words."""
    with tempfile.TemporaryDirectory(prefix="terpadu-run-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o711)
        output, port = Path(directory) / "output.txt", free_port()
        environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        environment |= {
            "TERPADU_DATA": f"{directory}/data",
            "PORT": str(port),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            **(extra or {}),
        }
        with output.open("wb") as log:
            command = [sys.executable, "-m", "terpadu.config.cli", "up", "--demo"]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until(
                lambda: READY_LINE in output.read_text() or process.poll() is not None,
                within_s=START_WITHIN_S,
            )
            if process.poll() is not None:
                raise RuntimeError(output.read_text())
            yield Platform(port, Path(directory) / "data", process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=120)
