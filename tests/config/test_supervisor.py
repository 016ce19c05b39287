"""The supervisor starts programs, revives what dies, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from terpadu.config.supervisor import Program, StartFailed, Supervisor
from tools.launch import wait_until

OUTLIVES_ITS_PARENT = """
import os, sys
from terpadu.config.orphans import end_with_parent
parent = os.getpid()
if os.fork() == 0:
    while os.getppid() == parent:
        pass
    end_with_parent(parent=parent)
    sys.stdout.write("goes on")
    sys.stdout.flush()
os._exit(0)
"""
WRITES_ITS_ID = "import os,sys,time;open(sys.argv[1],'w').write(str(os.getpid()));time.sleep(600)"


def program(mark: Path) -> Program:
    command = [sys.executable, "-c", WRITES_ITS_ID, str(mark)]
    return Program(name=mark.name, command=command, ready=lambda: mark.exists() and bool(mark.read_text()))


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs", say=lambda text: None)
    yield supervisor
    supervisor.stop_all()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_start_returns_when_the_program_answers(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path / "one"))

    assert is_alive(int((tmp_path / "one").read_text()))


def test_start_of_a_program_that_ends_says_its_last_words(supervisor: Supervisor) -> None:
    command = [sys.executable, "-c", "print('no paper left'); raise SystemExit(3)"]

    with pytest.raises(StartFailed, match="ended with code 3: no paper left"):
        supervisor.start(Program(name="printer", command=command, ready=lambda: False))


def test_start_of_a_program_that_never_answers_fails_in_time(supervisor: Supervisor, tmp_path: Path) -> None:
    silent = Program(
        name="silent",
        command=[sys.executable, "-c", WRITES_ITS_ID, str(tmp_path / "silent")],
        ready=lambda: False,
        ready_within_s=0.3,
    )

    with pytest.raises(StartFailed, match="silent does not answer"):
        supervisor.start(silent)


def test_watch_starts_a_killed_program_again(supervisor: Supervisor, tmp_path: Path) -> None:
    mark = tmp_path / "one"
    supervisor.start(program(mark))
    first = int(mark.read_text())
    watching = threading.Thread(target=supervisor.watch)
    watching.start()

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: mark.read_text() not in ("", str(first)))
    supervisor.stopping = True
    watching.join()


def test_revive_is_immediate_after_the_first_death_and_waits_after_the_second(supervisor: Supervisor) -> None:
    ends = Program(name="ends", command=[sys.executable, "-c", ""], ready=lambda: True)
    entry = supervisor.launch(ends)

    first = entry.process
    first.wait()
    supervisor.revive()
    second = entry.process
    second.wait()
    supervisor.revive()

    assert first.pid != second.pid
    assert entry.process is second
    assert entry.restart_at is not None


def test_stop_all_ends_every_program(supervisor: Supervisor, tmp_path: Path) -> None:
    for name in ("one", "two"):
        supervisor.start(program(tmp_path / name))

    supervisor.stop_all()

    assert not any(is_alive(int((tmp_path / name).read_text())) for name in ("one", "two"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel is asked on Linux alone")
def test_program_whose_parent_ended_before_the_kernel_was_asked_ends_at_once() -> None:
    """What it inherited is closed when the last of both has ended."""
    done = subprocess.run(
        [sys.executable, "-c", OUTLIVES_ITS_PARENT], stdout=subprocess.PIPE, check=True, timeout=60
    )

    assert done.stdout == b""
