"""`terpadu up` as an operator meets it: each obstacle gives one clear line; Ctrl-C and kills leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from terpadu.config import env, processes, up
from tools.launch import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]


def start(data_dir: Path, port: int) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "TERPADU_DATA": str(data_dir),
        "PORT": str(port),
        "PYTHONPATH": str(ROOT / "src"),
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "terpadu.config.cli", "up"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def web_server(supervisor: int) -> int | None:
    """Return the process id of the web server that a supervisor has started, None while there is none."""
    for child in psutil.Process(supervisor).children():
        with contextlib.suppress(psutil.Error):
            if "terpadu.config.web" in " ".join(child.cmdline()):
                return child.pid
    return None


def refusal(data_dir: Path, port: int) -> str:
    process = start(data_dir, port)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    return output.strip().splitlines()[-1]


@pytest.fixture
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("data") / "terpadu"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def test_up_with_a_port_in_use_says_so(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert f"port {port} is in use" in refusal(data_dir, port)


def test_up_with_data_of_another_version_says_so(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "VERSION").write_text("99")

    assert "was made by another version (format 99" in refusal(data_dir, free_port())


def test_up_in_a_directory_of_somebody_else_says_so(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "thesis.odt").write_text("years of work")

    assert "holds other files" in refusal(data_dir, free_port())


def test_up_with_a_full_disk_says_so(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(env.DATA.name, str(data_dir))
    monkeypatch.setattr(up, "FREE_BYTES_NEEDED", 10**18)

    assert up.up(demo=False) == 1
    assert "is full" in capsys.readouterr().err


def test_up_serves_revives_and_stops_without_leftovers(data_dir: Path) -> None:
    port = free_port()
    process = start(data_dir, port)
    try:
        wait_until(lambda: processes.answers(port, "/health"), within_s=90)
        assert "already runs" in refusal(data_dir, port)
        # What others come with is there before they come.
        assert (data_dir / "secrets" / "metrics.token").exists()
        assert (data_dir / "exchange" / "events.key").exists()
        web = web_server(process.pid)
        assert web is not None

        psutil.Process(web).kill()

        wait_until(lambda: web_server(process.pid) not in (None, web))
        wait_until(lambda: processes.answers(port, "/health"))
        everything = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "starting it again" in output
    assert not [
        child for child in everything if child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    ]


def test_up_killed_takes_its_programs_with_it(data_dir: Path) -> None:
    port = free_port()
    process = start(data_dir, port)
    wait_until(lambda: processes.answers(port, "/health"), within_s=90)
    everything = psutil.Process(process.pid).children(recursive=True)

    process.kill()
    process.communicate()

    wait_until(lambda: not any(child.is_running() for child in everything))
