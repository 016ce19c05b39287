"""The world of the tests, a pytest plugin: a data directory of its own and a real PostgreSQL for each run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import certifi
import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

STORIES = "tests/e2e/"
_servers: list[subprocess.Popen[bytes]] = []
_directories: list[Path] = []


def _prepare_data_directory() -> None:
    """Name an empty data directory before anything reads the settings; parallel workers inherit it."""
    if os.environ.get("TERPADU_TEST_DATA"):
        return
    directory = Path(tempfile.mkdtemp(prefix="terpadu-test-"))
    directory.chmod(0o711)  # the server's own user passes through it
    _directories.append(directory)
    (directory / "static").mkdir()
    os.environ["TERPADU_DATA"] = os.environ["TERPADU_TEST_DATA"] = str(directory)
    _trust_little(directory / "authority.pem")


def _trust_little(file: Path) -> None:
    """Let all programs know one of the world's authorities only: reading all takes each HTTP client 20 ms."""
    end = "-----END CERTIFICATE-----\n"
    file.write_text("".join(certifi.contents().partition(end)[:2]))
    file.chmod(0o644)
    os.environ["SSL_CERT_FILE"] = str(file)
    os.environ.pop("SSL_CERT_DIR", None)


_prepare_data_directory()
# A running demo country shows the same pages with fewer applications; the benchmark has all of them.
os.environ.setdefault("TERPADU_DEMO_PORTFOLIO", "1500")
# How long one example takes says nothing on a machine that does other work as well.
hypothesis.settings.register_profile("terpadu", deadline=None)
hypothesis.settings.load_profile("terpadu")


def pytest_configure(config: pytest.Config) -> None:
    """Start a PostgreSQL for the run, unless DATABASE_URL names one or this is a parallel worker."""
    if _directories and not os.environ.get("DATABASE_URL"):
        _start_postgres(_directories[0])


def _start_postgres(directory: Path) -> None:
    from terpadu.config import postgres

    postgres.prepare(directory)
    command = postgres.server_command(directory, durable=False)
    server = subprocess.Popen(
        command,
        user=postgres.run_as(),
        group=postgres.run_as(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _servers.append(server)
    deadline = time.monotonic() + 30
    while not postgres.is_ready(directory):
        if server.poll() is not None or time.monotonic() > deadline:
            raise pytest.UsageError("the embedded PostgreSQL did not start")
    _directories.append(postgres.socket_dir(directory))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server by its own process id and remove what the run has made."""
    for server in _servers:
        server.send_signal(signal.SIGINT)  # "fast": does not wait for sessions that a test left open
        server.wait(timeout=30)
    for directory in _directories:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _live_servers_hang_up() -> None:
    """Leave no connection of a live server behind that its clients keep open."""
    if "django" in sys.modules:
        from tests.live import use_hanging_up_servers

        use_hanging_up_servers()


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> None:
    """Hash passwords by the real algorithm at its lowest cost: what it costs an attacker is no matter of these tests."""
    if "django" in sys.modules:
        from django.contrib.auth.hashers import Argon2PasswordHasher

        for name, value in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            setattr(Argon2PasswordHasher, name, value)


@pytest.fixture(autouse=True)
def _django_as_it_starts(request: pytest.FixtureRequest) -> None:
    """Begin in the platform's own language, and let templates name static files without collecting them first."""
    if "django" in sys.modules:
        from django.utils import translation

        translation.deactivate()  # a page that an earlier test asked for in English leaves English behind
        settings = request.getfixturevalue("settings")
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
        # A browser keeps its connection to a server of the tests; the thread behind must not keep the database's.
        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0


class OneWorkerPerFile(LoadScopeScheduling):
    """Keep each file on one parallel worker, and all stories on one, so that one running platform serves them."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return STORIES if file.startswith(STORIES) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerPerFile:
    """Share the tests among the workers by file; groups by mark need a pytest before 9.2."""
    return OneWorkerPerFile(config, log)


@pytest.hookimpl(trylast=True)  # after Django has ordered them by what they do to the database
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that none of them is left to one worker alone at the end."""
    for item in items:
        if item.nodeid.startswith(STORIES):
            item.add_marker(pytest.mark.e2e)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.get_closest_marker("e2e") is None, item.path not in slow))
