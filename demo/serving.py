"""How the demo agencies' systems are started: one Granian process each, with plain messages."""

import ctypes
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

_PR_SET_PDEATHSIG = 1


class StartError(RuntimeError):
    """Raise when a program cannot start; the message is one line for the person who started it."""


def require_free(host: str, port: int) -> None:
    """Check that the program can listen there, before it does anything that takes long.

    Raises:
        StartError: the port is in use or not allowed.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"cannot listen on {host}:{port}: {error.strerror}; choose another --port"
            ) from None


def serve(load: Callable[[], Any], *, interface: Interfaces, host: str, port: int, threads: int = 1) -> None:
    """Serve the application that `load` makes until the process is told to stop.

    Args:
        load: makes the application inside the serving process.
        interface: ASGI or WSGI.
        host: address to listen on.
        port: TCP port.
        threads: how many requests a WSGI application handles at once.
    """
    server = Server(
        "application",
        address=host,
        port=port,
        interface=interface,
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=partial(_load_bound_to_parent, load), wrap_loader=False)


def secret_file(path: Path, make: Callable[[], str]) -> str:
    """Return the secret kept in `path`, making it (mode 0600) when it is not there yet."""
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(make(), encoding="ascii")
        unfinished.rename(path)
    return path.read_text(encoding="ascii").strip()


def new_secret() -> str:
    """Return a fresh random secret of 192 bits."""
    return secrets.token_urlsafe(24)


def progress(program: str, done: int, total: int) -> None:
    """Print how far a program is with its storage, at every tenth of the way."""
    step = max(total // 10, 1)
    if done % step == 0:
        print(f"{program}: {done:,} of {total:,} persons", flush=True)


def run(program: str, main: Callable[[], None]) -> None:
    """Run `main`; a start error becomes one line and exit code 1."""
    try:
        main()
    except StartError as error:
        print(f"{program}: {error}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None


def _load_bound_to_parent(load: Callable[[], Any]) -> Any:
    """Make the application in the worker, which the kernel ends together with a killed parent (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return load()
