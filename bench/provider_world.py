"""A provider to measure: one web process on a database of its own, a person signed in, two clients; a baseline on Node.

``python -m bench.provider_world seed`` makes person and clients in the database and prints what the driver needs;
``… crowd`` adds a million accounts by COPY.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from terpadu.config import env, postgres, processes
from terpadu.config.ports import Ports
from terpadu.config.supervisor import Program
from tools.launch import free_port, wait_until

ROOT = Path(__file__).resolve().parents[1]
CROWD = 1_000_000
REDIRECT = "https://antre.contoho.go.id/balik"
NODE = Path(__file__).with_name("provider_baseline.mjs")
BASELINE = ("oidc-provider@9", "pg@8")


@dataclass(frozen=True)
class World:
    """A running provider: its address and first process, the environment of its programs, what `seed` printed."""

    url: str
    pid: int
    environment: dict[str, str]
    seed: dict[str, Any]

    def call(self, verb: str) -> str:
        """Run this module in a program of its own on the world's database."""
        command = [sys.executable, "-m", "bench.provider_world", verb]
        done = subprocess.run(  # noqa: S603 - our own program
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout


@contextmanager
def running_provider() -> Iterator[World]:
    """Start PostgreSQL and one web process in a throw-away directory, and stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="terpadu-provider-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        data, port = Path(folder) / "data", free_port()
        known = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL",)}
        environment = known | {
            "TERPADU_DATA": str(data),
            "PORT": str(port),
            "TERPADU_WEB_WORKERS": "1",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "terpadu.config.settings",
        }
        data.mkdir()
        data.chmod(0o711)
        postgres.prepare(data)
        with _running(processes.database(data), environment):
            postgres.make_database(data)
            prepare = [sys.executable, "-m", "terpadu.config.cli", "prepare"]
            subprocess.run(prepare, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
            os.environ[env.WEB_WORKERS.name] = "1"
            with _running(processes.web(Ports(port)), environment) as pid:
                world = World(f"http://localhost:{port}", pid, environment, {})
                yield replace(world, seed=json.loads(world.call("seed")))


@contextmanager
def _running(program: Program, environment: dict[str, str]) -> Iterator[int]:
    """Run a program and yield its process."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        program.command,
        env=environment,
        user=program.user,
        group=program.user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(program.ready, within_s=60)
        yield process.pid
    finally:
        process.send_signal(program.stop_signal or signal.SIGTERM)
        process.wait(timeout=30)


@contextmanager
def running_baseline(world: World, *, store: str) -> Iterator[World | None]:
    """Start npm's oidc-provider with the same clients, from a throw-away folder; None where Node or npm is missing.

    store: "postgres" (the world's own server, as ours) or "memory".
    """
    if not shutil.which("node") or not shutil.which("npm"):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="terpadu-node-") as folder:
        quiet = ["--silent", "--no-audit", "--no-fund", "--prefix", folder]
        install = subprocess.run(["npm", "install", *quiet, *BASELINE], check=False)  # noqa: S603, S607
        if install.returncode:
            yield None
            return
        port = free_port()
        script = Path(folder) / "server.mjs"
        script.write_text(NODE.read_text())
        environment = os.environ | {
            "PORT": str(port),
            "SEED": json.dumps(world.seed),
            "STORE": store,
            "PGHOST": str(postgres.socket_dir(Path(world.environment["TERPADU_DATA"]))),
            "PGUSER": postgres.SUPERUSER,
            "PGDATABASE": postgres.DATABASE,
        }
        process = subprocess.Popen(  # noqa: S603
            ["node", str(script)],  # noqa: S607
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: processes.answers(port, "/.well-known/openid-configuration"), within_s=30)
            yield replace(world, url=f"http://localhost:{port}", pid=process.pid)
        finally:
            process.terminate()
            process.wait(timeout=20)


def seed() -> None:
    """Make person, session, consent and clients; print what the driver needs."""
    from bench.provider_seed import make

    print(json.dumps(make(REDIRECT)))


def crowd() -> None:
    """Add a million persons with accounts and consents."""
    from bench.provider_seed import add_crowd

    add_crowd(CROWD)


if __name__ == "__main__":
    import django

    django.setup()
    {"seed": seed, "crowd": crowd}[sys.argv[1]]()
