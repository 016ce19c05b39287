"""The witness's HTTP side: two addresses, no state of its own."""

import asyncio
import hashlib
import os
import re
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from terpadu_wire.addresses import try_to_listen
from terpadu_wire.errors import KeyFileError
from terpadu_wire.keys import PrivateKey, generate_key, load_private_key, private_key_pem
from terpadu_witness.config import WitnessConfig, WitnessConfigError
from terpadu_witness.memory import Memory
from terpadu_witness.witness import Reply, Witness

log = structlog.get_logger()
MAX_BODY = 128 << 10
_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")


class Scope(Protocol):
    """What the server says of a request (RSGI)."""

    method: str
    path: str


class Exchange(Protocol):
    """The server's side of one request (RSGI)."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces."""

    def response_str(self, status: int, headers: list[tuple[str, str]], body: str) -> None:
        """Answer."""


def make_witness(config: WitnessConfig) -> tuple[Witness, Memory]:
    """Return the witness of a configuration and its memory; its key is made at the first start.

    Raises:
        WitnessConfigError: the data folder, the key or the memory in it cannot be used.
    """
    folder, logs = config.data_dir, config.log_keys()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key, memory = ensure_key(folder / "key.pem"), Memory(folder / "seen.sqlite3")
    except OSError as error:
        raise WitnessConfigError(f"{folder}: {error.strerror}") from error
    except KeyFileError as error:
        raise WitnessConfigError(f"{folder / 'key.pem'}: {error.reason}") from error
    except sqlite3.Error as error:
        raise WitnessConfigError(f"{folder / 'seen.sqlite3'}: {error}") from error
    return Witness(name=config.name, key=key, logs=logs, memory=memory, clock=time.time), memory


def ensure_key(path: Path) -> PrivateKey:
    """Return the key of a file that its owner alone can read, making it when it is not there."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private_key_pem(generate_key()))
    return load_private_key(path.read_bytes())


async def serve(config: WitnessConfig) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        WitnessConfigError: the address or something in the data folder cannot be used.
    """
    host, port = config.address
    _check_address(host, port)
    witness, memory = make_witness(config)
    server = Server(
        _handler(witness),
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.serve())
    log.info("witness.ready", name=config.name, listen=config.listen, vkey=witness.public_key.vkey())
    await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]  # granian's stop has no annotations
    await asyncio.gather(serving, return_exceptions=True)
    memory.close()
    if not stop.is_set():
        raise WitnessConfigError(f"listen: the server on {config.listen} ended by itself")


def _check_address(host: str, port: int) -> None:
    """Refuse an address that another program has: the server would share it, and who asks would get either of them."""
    try:
        try_to_listen(host, port)
    except (OSError, OverflowError) as error:
        raise WitnessConfigError(f"listen: {host}:{port} cannot be used: {error}") from error


async def answer(witness: Witness, *, method: str, path: str, exchange: Exchange) -> Reply:
    """Return what a request is answered with."""
    if path == "/health":
        return Reply(200, "ok\n")
    if path == "/key":
        return Reply(200, f"{witness.public_key.vkey()}\n")
    if path == "/add-checkpoint":
        if method != "POST":
            return Reply(405)
        body = await _read(exchange)
        return Reply(413) if body is None else witness.add_checkpoint(body)
    found = _CHECKPOINT.fullmatch(path)
    return witness.newest(found[1], hash_of=_origin_hash) if found else Reply(404)


async def _read(exchange: Exchange) -> bytes | None:
    """Return a request's body, None when it is too long; no more of it is held than that."""
    body = bytearray()
    async for piece in exchange:
        body += piece
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _handler(witness: Witness):  # type: ignore[no-untyped-def]  # RSGI has no published type
    async def handle(scope: Scope, exchange: Exchange) -> None:
        reply = await answer(witness, method=scope.method, path=scope.path, exchange=exchange)
        if reply.status >= 400:
            log.warning("witness.refused", status=reply.status, path=scope.path[:80])
        exchange.response_str(reply.status, [("content-type", reply.media_type)], reply.body)

    return handle


def _origin_hash(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()
