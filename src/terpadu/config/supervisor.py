"""Start programs, wait until each answers, start again what dies, stop all in reverse order.

Every child gets a session of its own, so that Ctrl-C reaches only the supervisor, which then stops them in order; and
the kernel tells each child to end should the supervisor itself be killed (Linux).
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from terpadu.config.orphans import end_with_parent

POLL_S = 0.05
STOP_GRACE_S = 10.0
SECOND_RESTART_WAIT_S = 0.2  # the first is at once
LONGEST_RESTART_WAIT_S = 10.0
STEADY_AFTER_S = 30.0


class StartFailed(Exception):
    """A program ended, or did not answer in time, while it was being started; the text is one clear line."""


@dataclass(frozen=True)
class Program:
    """One program to keep running.

    ready: tells whether it answers; asked until it does. stop_signal: what makes it end cleanly.
    orphan_signal: what the kernel sends it should the supervisor itself be killed. user: system user (and its
    group) to run as, None for the own one. ready_within_s: seconds it may take to answer.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    user: str | None = None
    ready_within_s: float = 60.0


@dataclass
class Running:
    """A program with its process, and when it may be started again after it died."""

    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    restart_wait_s: float = 0.0
    restart_at: float | None = None


class Supervisor:
    """Keep a list of programs running until `stop_all`."""

    def __init__(self, log_dir: Path, say: Callable[[str], None]) -> None:
        """Write each program's output to `<log_dir>/<name>.log`; report through `say`."""
        self.log_dir = log_dir
        self.say = say
        self.running: list[Running] = []
        self.stopping = False

    def start(self, program: Program) -> None:
        """Start a program and wait until it answers. Raises StartFailed."""
        self.wait_ready(self.launch(program))

    def launch(self, program: Program) -> Running:
        """Start a program without waiting for it."""
        entry = Running(program, self._spawn(program), time.monotonic())
        self.running.append(entry)
        return entry

    def wait_ready(self, entry: Running) -> None:
        """Wait until a program answers. Raises StartFailed when it ends or takes too long."""
        program = entry.program
        while not program.ready():
            code = entry.process.poll()
            if code is not None:
                raise StartFailed(f"{program.name} ended with code {code}: {self.last_words(program)}")
            if time.monotonic() - entry.started_at > program.ready_within_s:
                raise StartFailed(f"{program.name} does not answer: {self.last_words(program)}")
            time.sleep(POLL_S)

    def watch(self) -> None:
        """Start again what dies, until `stopping` is set by a signal handler."""
        while not self.stopping:
            self.revive()
            time.sleep(POLL_S)

    def revive(self) -> None:
        """Start again what has died: at once the first time, ever later while it keeps dying."""
        for entry in self.running:
            self._revive(entry)

    def stop_all(self) -> None:
        """End all programs, the last started first; kill what does not end in time."""
        self.stopping = True
        for entry in reversed(self.running):
            if entry.process.poll() is None:
                entry.process.send_signal(entry.program.stop_signal)
            try:
                entry.process.wait(timeout=STOP_GRACE_S)
            except subprocess.TimeoutExpired:
                entry.process.kill()
                entry.process.wait()
        self.running.clear()

    def give_up(self, program: Program) -> None:
        """End a program that did not start, and keep it out of what is watched."""
        for entry in [one for one in self.running if one.program is program]:
            entry.process.kill()
            entry.process.wait()
            self.running.remove(entry)

    def last_words(self, program: Program) -> str:
        """Return the last line a program wrote, and where the rest is."""
        path = self._log_path(program)
        lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
        return f"{lines[-1] if lines else 'it said nothing'} (all of it: {path})"

    def _revive(self, entry: Running) -> None:
        code = entry.process.poll()
        now = time.monotonic()
        if code is None:
            if now - entry.started_at > STEADY_AFTER_S:
                entry.restart_wait_s = 0.0
            return
        if entry.restart_at is None:
            entry.restart_at = now + entry.restart_wait_s
            longer = max(entry.restart_wait_s * 2, SECOND_RESTART_WAIT_S)
            entry.restart_wait_s = min(longer, LONGEST_RESTART_WAIT_S)
            self.say(f"{entry.program.name} ended with code {code}; starting it again")
        if now >= entry.restart_at:
            entry.process, entry.started_at, entry.restart_at = self._spawn(entry.program), now, None

    def _log_path(self, program: Program) -> Path:
        return self.log_dir / f"{program.name}.log"

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        parent = os.getpid()
        with self._log_path(program).open("ab") as log:
            return subprocess.Popen(
                program.command,
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=program.user,
                group=program.user,
                cwd="/" if program.user else None,
                start_new_session=True,
                preexec_fn=lambda: end_with_parent(program.orphan_signal, parent=parent),
            )
