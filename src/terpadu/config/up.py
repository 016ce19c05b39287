"""`terpadu up`: prepare what is missing, start every program, watch over them, stop cleanly."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from terpadu.config import env, existing, postgres, processes
from terpadu.config.ports import Ports
from terpadu.config.supervisor import Program, StartFailed, Supervisor

DATA_FORMAT = "1"
FREE_BYTES_NEEDED = 300 * 1024 * 1024


class CannotStart(Exception):
    """Something outside is in the way; the text is one clear line that says what to do."""


class Launch:
    """One start of the platform from a data directory."""

    def __init__(self, *, demo: bool) -> None:
        """Read ports and data directory from the environment; `demo` adds the demo country."""
        self.demo = demo
        self.data_dir = env.data_dir()
        self.ports = Ports(env.port())
        self.supervisor = Supervisor(self.data_dir / "logs", self.say)
        self.began = time.monotonic()
        if demo:
            os.environ[env.DEMO.name] = "1"

    def say(self, text: str) -> None:
        """Print one line of progress with the seconds since the start."""
        print(f"  {time.monotonic() - self.began:5.1f} s  {text}", flush=True)  # noqa: T201 - the command's own output

    def run(self) -> None:
        """Start everything, watch until Ctrl-C or SIGTERM, then stop everything. Raises CannotStart."""
        with self._the_only_one():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._ask_to_stop)
            try:
                self._start()
                if not self.supervisor.stopping:
                    self.supervisor.watch()
            except StartFailed as error:
                raise CannotStart(str(error)) from error
            finally:
                self.say("stopping")
                self.supervisor.stop_all()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.supervisor.running and not self.supervisor.stopping:
            self.supervisor.stopping = True
            return
        raise KeyboardInterrupt

    def _start(self) -> None:
        """Start the web server first, beside the database: people wait for it, and it waits for the processor alone."""
        if not env.DATABASE_URL.read():
            self._launch_database()
        self._prepare()
        self._launch(processes.web(self.ports))
        self._wait_for_all()
        self._launch(*processes.gateways(self.data_dir), *processes.workers())
        self._launch(*processes.doors(self.data_dir))
        if self.demo:
            self._launch(*processes.demo_systems(self.data_dir, self.ports))
        self._wait_for_all()
        if self.demo:
            self._start_existing()
        self.say(f"{len(self.supervisor.running)} programs run: {self._names()}")
        self._welcome()

    def _start_existing(self) -> None:
        """Start the agencies' own web programs where they are installed; the country works without them."""
        for name in sorted(existing.NAMES.keys() - existing.installed()):
            self.say(f"not installed: {existing.NAMES[name]} (python -m tools.existing installs it)")
        for program in existing.programs(self.data_dir, self.ports):
            try:
                self.supervisor.start(program)
            except StartFailed as error:
                self.supervisor.give_up(program)
                self.say(f"left out: {error}")

    def _launch(self, *programs: Program) -> None:
        for program in programs:
            self.supervisor.launch(program)

    def _wait_for_all(self) -> None:
        """Wait until everything that was started answers."""
        for entry in list(self.supervisor.running):
            self.supervisor.wait_ready(entry)

    def _names(self) -> str:
        return ", ".join(entry.program.name for entry in self.supervisor.running)

    def _launch_database(self) -> None:
        """Start the embedded server; only the first time it is waited for, since its database has to be made."""
        first = not (postgres.cluster_dir(self.data_dir) / "PG_VERSION").exists()
        if first:
            self.say("making the database")
        try:
            postgres.prepare(self.data_dir)
        except subprocess.CalledProcessError as error:
            raise CannotStart(f"the database could not be made: {error.stderr.strip()}") from error
        self._launch(processes.database(self.data_dir))
        if first:
            self._wait_for_all()
            postgres.make_database(self.data_dir)

    def _prepare(self) -> None:
        """Migrate, collect static files and make the demo country, unless nothing has changed since last time."""
        stamp = self.data_dir / "prepared"
        mark = fingerprint(env.PROJECT_ROOT, demo=self.demo, ports=self.ports)
        if stamp.exists() and stamp.read_text() == mark:
            return
        self._wait_for_all()  # the steps need the database
        steps = [("preparing tables and pages", ["prepare"])]
        if self.demo:
            steps.append(("making the demo country", ["demo"]))
        for text, verb in steps:
            self.say(text)
            done = subprocess.run(
                [sys.executable, "-m", "terpadu.config.cli", *verb], env=_child_env(), check=False
            )
            if done.returncode:
                raise CannotStart(f"{text} failed; what it said is above")
        stamp.write_text(mark)

    def _welcome(self) -> None:
        lines = ["", f"  Terpadu: {self.url}"]
        if self.demo:
            lines += [
                "  DEMO: everyone can sign in as anybody. Made-up people, test signatures.",
                f"  Sign in with one tap at {self.url}/demo/masuk/ as:",
                "    Siti Rahmawati   mother; applies for her son's child identity card (KIA)",
                "    Budi Santoso     officer of Disdukcapil Kota Tangerang; checks cases on his phone",
                "    Hendra Wijaya    head of office; signs",
            ]
        print("\n".join([*lines, "  Ctrl-C stops everything.", ""]), flush=True)  # noqa: T201 - the command's own output

    @property
    def url(self) -> str:
        """The address of the home page."""
        return env.BASE_URL.read() or f"http://localhost:{self.ports.web}"

    @contextmanager
    def _the_only_one(self) -> Iterator[None]:
        """Hold the data directory for this start alone. Raises CannotStart for whatever is in the way."""
        self._check_data_dir()
        with (self.data_dir / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(f"Terpadu already runs from {self.data_dir}; stop it first") from None
            for port in self.ports.all(demo=self.demo):
                if processes.port_in_use(port):
                    raise CannotStart(
                        f"port {port} is in use; choose others with PORT=… (uses PORT to PORT+33)"
                    )
            yield

    def _check_data_dir(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        version = self.data_dir / "VERSION"
        found = version.read_text().strip() if version.exists() else None
        if found is None and any(self.data_dir.iterdir()):
            raise CannotStart(
                f"{self.data_dir} holds other files; name an empty directory with {env.DATA.name}=…"
            )
        if found not in (None, DATA_FORMAT):
            raise CannotStart(
                f"{self.data_dir} was made by another version (format {found}, this one reads {DATA_FORMAT}); "
                f"name another directory with {env.DATA.name}=…"
            )
        if shutil.disk_usage(self.data_dir).free < FREE_BYTES_NEEDED:
            raise CannotStart(f"the disk of {self.data_dir} is full: 300 MB must be free")
        version.write_text(DATA_FORMAT)


def _child_env() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(env.PROJECT_ROOT), os.environ.get("PYTHONPATH", "")]),
    }


def fingerprint(root: Path, *, demo: bool, ports: Ports) -> str:
    """Hash what decides whether the tables, static files and demo country must be made anew."""
    found = sorted(existing.installed())
    digest = hashlib.sha256(f"{root} {demo} {ports} {found} {env.DATABASE_URL.read()}".encode())
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in {".py", ".css", ".js", ".svg", ".yaml", ".typ", ".json"}:
            stat = path.stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()


def up(*, demo: bool) -> int:
    """Run the platform until it is told to stop; return the exit code, after one clear line when it cannot start."""
    try:
        Launch(demo=demo).run()
    except CannotStart as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _refuse(f"the disk of {env.data_dir()} is full")
    return 0


def _refuse(text: str) -> int:
    print(f"terpadu: {text}", file=sys.stderr)  # noqa: T201 - the command's own output
    return 1
