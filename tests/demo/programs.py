"""Start a demo agency's system as a real process and ask it over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.processes import free_port

ROOT = Path(__file__).parents[2]
START_TRIES = 400


@dataclass(frozen=True)
class Program:
    """A running system: where it listens, its process and a client that knows its secret."""

    client: httpx.Client
    process: "subprocess.Popen[str]"
    url: str
    data: Path
    faults: Path

    def post(self, path: str, body: Any) -> httpx.Response:
        """Send `body` as JSON with the right secret."""
        return self.client.post(path, json=body)

    @contextmanager
    def failing(self, operation: str, **fault: Any) -> Iterator[None]:
        """Switch a fault on, and off again."""
        self.faults.write_text(json.dumps({operation: fault}))
        try:
            yield
        finally:
            self.faults.unlink()


def command(module: str, data: Path, *options: str) -> list[str]:
    """Return the command line that starts a program of the demo country."""
    return [sys.executable, "-m", module, "--data", str(data), *options]


def run_to_end(module: str, data: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run a program that is expected to end by itself."""
    return subprocess.run(
        command(module, data, *options),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=_environment(),
    )


@contextmanager
def running(module: str, data: Path, *, secret: tuple[str, str], size: int = 600) -> Iterator[Program]:
    """Start a program, wait until it answers, and stop it at the end.

    Args:
        module: such as `demo.dukcapil`.
        data: its data directory.
        secret: header name and the file in `data` that holds its value.
        size: persons on record.
    """
    port, faults = free_port(), data / "faults.json"
    log = data.parent / f"{data.name}.log"
    options = ("--port", str(port), "--size", str(size), "--faults", str(faults))
    with log.open("w") as output:
        process = subprocess.Popen(
            command(module, data, *options),
            stdout=output,
            stderr=output,
            text=True,
            cwd=ROOT,
            env=_environment(),
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(process, url, log)
        header, file = secret
        with httpx.Client(base_url=url, headers={header: (data / file).read_text()}) as client:
            yield Program(client, process, url, data, faults)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def _wait_until_it_answers(process: "subprocess.Popen[str]", url: str, log: Path) -> None:
    for _ in range(START_TRIES):
        try:
            httpx.get(f"{url}/openapi.json")
        except httpx.TransportError:
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"ended at the start: {log.read_text()}") from None
        else:
            return
    raise RuntimeError(f"does not answer: {log.read_text()}")
