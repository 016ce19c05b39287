"""The doors' program: one listener on a loopback address, the doors of its configuration behind it.

The configuration is looked at every second; a new one takes effect for the next request, a wrong one changes nothing.
"""

import asyncio
import hmac
import signal
import sys
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import structlog
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from terpadu_doors.config import (
    AnyDoor,
    ConfigError,
    DatabaseDoor,
    DoorsConfig,
    FhirDoor,
    SoapDoor,
    TableDoor,
    XroadServiceDoor,
    load_config,
)
from terpadu_doors.desk import MAX_BODY, DoorProgram, Question, Reply
from terpadu_doors.problems import MEDIA_TYPE, DoorProblem
from terpadu_doors.rsgi import Exchange, Scope
from terpadu_doors.secrets import read_secret
from terpadu_doors.xroad import XroadFacadeProgram

log = structlog.get_logger()
KEY_HEADER = "x-door-key"
_LOOK_EVERY_S = 1.0
_READ_S = 10.0
_DRAIN_S = 10.0
_RETIRE_S = 60.0


@dataclass
class Standing:
    """The doors that stand now: by address, with the door's key."""

    config: DoorsConfig
    doors: dict[str, tuple[AnyDoor, DoorProgram | DoorProblem]] = field(default_factory=dict)
    facade: XroadFacadeProgram | None = None

    def programs(self) -> list[DoorProgram]:
        """Return everything at work."""
        found = [program for _, program in self.doors.values() if not isinstance(program, DoorProblem)]
        return [*found, self.facade] if self.facade is not None else found


def stand(config: DoorsConfig, *, before: Standing | None = None) -> Standing:
    """Return the doors of a configuration; those that did not change go on with what they hold.

    A door that cannot be made answers with the reason; the others are not its hostages.
    """
    standing = Standing(config)
    may_keep = before is not None and before.config.allow_targets == config.allow_targets
    known = before.doors if before is not None and may_keep else {}
    for door in config.doors:
        old = known.get(door.address)
        unchanged = old is not None and old[0] == door and not isinstance(old[1], DoorProblem)
        standing.doors[door.address] = old if old is not None and unchanged else (door, _make(door, config))
    if config.xroad is not None:
        standing.facade = XroadFacadeProgram(config.xroad, allowed=config.allow_targets)
    return standing


def _make(door: AnyDoor, config: DoorsConfig) -> DoorProgram | DoorProblem:
    try:
        return _program(door, config)
    except DoorProblem as problem:
        log.error("door.not_made", door=door.address, code=problem.code, detail=problem.detail)
        return problem


def _program(door: AnyDoor, config: DoorsConfig) -> DoorProgram:
    """Return a door at work; what a kind needs is loaded only when there is such a door, for some of it is large."""
    match door:
        case DatabaseDoor():
            from terpadu_doors.database import DatabaseProgram

            return DatabaseProgram(door, allowed=config.allow_targets)
        case TableDoor():
            from terpadu_doors.tables import TableProgram

            return TableProgram(door, folder=config.data_dir)
        case SoapDoor():
            from terpadu_doors.soap import SoapProgram

            return SoapProgram(door, allowed=config.allow_targets)
        case FhirDoor():
            from terpadu_doors.fhir import FhirProgram

            return FhirProgram(door, allowed=config.allow_targets)
        case XroadServiceDoor():
            from terpadu_doors.xroad import XroadServiceProgram

            return XroadServiceProgram(door, allowed=config.allow_targets)


class Doors:
    """Answers every request of the listener.

    Args:
        path: configuration file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = self._look()
        self.standing = stand(load_config(path))
        limit = self.standing.config.in_flight
        self._pool = ThreadPoolExecutor(max_workers=min(limit, 32), thread_name_prefix="door")
        self._in_hand = 0

    async def keep(self) -> None:
        """Look for a new configuration again and again."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            mark = self._look()
            if mark != self._mark:
                self._mark = mark
                retired = await asyncio.get_running_loop().run_in_executor(self._pool, self._renew)
                # Calls in hand may still use them.
                asyncio.get_running_loop().call_later(_RETIRE_S, _close, retired)

    async def handle(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request (RSGI)."""
        # What a mistake of ours leaves unanswered below is answered with this one.
        reply = _problem_reply(DoorProblem("door.internal"))
        try:
            reply = await self._answer(scope, exchange)
        except DoorProblem as problem:
            log.warning("door.refused", code=problem.code, detail=problem.detail)
            reply = _problem_reply(problem)
        finally:
            if reply.status == 500:
                log.error("door.internal", **_trace())
            headers = [*reply.headers.items(), ("server", "terpadu")]
            exchange.response_bytes(reply.status, headers, reply.body)

    async def drain(self) -> None:
        """Wait for the calls in hand, then let the doors go."""
        waited = 0.0
        while self._in_hand and waited < _DRAIN_S:
            await asyncio.sleep(0.05)
            waited += 0.05
        self._pool.shutdown(wait=False, cancel_futures=True)
        _close(self.standing.programs())

    async def _answer(self, scope: Scope, exchange: Exchange) -> Reply:
        if scope.path == "/health":
            return self._health()
        standing = self.standing
        if self._in_hand >= standing.config.in_flight:
            raise DoorProblem("door.overloaded")
        headers = dict(scope.headers.items())
        program, path = self._find(standing, scope.path, headers)
        body = await _read_body(headers, exchange)
        question = Question(scope.method, path, headers, body, scope.query_string)
        self._in_hand += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, program.answer, question)
        finally:
            self._in_hand -= 1

    def _find(self, standing: Standing, path: str, headers: Mapping[str, str]) -> tuple[DoorProgram, str]:
        """Return the door that a path leads to, for someone with its key, and the path below the door."""
        if (path.startswith("/r1/") or path == "/listClients") and standing.facade is not None:
            return standing.facade, path
        _, address, below = [*path.split("/", 2), "", ""][:3]
        door, program = standing.doors.get(address, (None, None))
        if door is None or program is None:
            raise DoorProblem("door.unknown")
        if not hmac.compare_digest(headers.get(KEY_HEADER, "").encode(), read_secret(door.key_file).encode()):
            raise DoorProblem("door.key_unknown")
        if isinstance(program, DoorProblem):
            raise program
        return program, f"/{below}"

    def _health(self) -> Reply:
        doors = {
            address: "ok" if not isinstance(program, DoorProblem) else program.code
            for address, (_, program) in self.standing.doors.items()
        }
        body = orjson.dumps({"name": self.standing.config.name, "doors": doors})
        return Reply(200, {"content-type": "application/json"}, body)

    def _look(self) -> tuple[int, int]:
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0)
        return (stat.st_mtime_ns, stat.st_size)

    def _renew(self) -> list[DoorProgram]:
        """Take a new configuration; return the programs that it has no use for."""
        try:
            config = load_config(self._path)
        except ConfigError as error:
            log.error("doors.config_refused", reason=str(error))
            return []
        before = self.standing
        self.standing = stand(config, before=before)
        log.info("doors.config_taken", doors=sorted(self.standing.doors))
        kept = {id(program) for program in self.standing.programs()}
        return [program for program in before.programs() if id(program) not in kept]


async def run(path: Path) -> None:
    """Serve the doors of a configuration until SIGTERM or SIGINT.

    Raises:
        ConfigError: the configuration cannot be used at the start.
    """
    doors = Doors(path)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    host, _, port = doors.standing.config.listen.rpartition(":")
    server = Server(
        doors.handle,
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    keeping = asyncio.create_task(doors.keep())
    log.info("doors.ready", listen=doors.standing.config.listen, doors=sorted(doors.standing.doors))
    await stop.wait()
    keeping.cancel()
    server.stop()  # type: ignore[no-untyped-call]  # granian's stop has no annotations
    await doors.drain()
    await asyncio.gather(serving, keeping, return_exceptions=True)


async def _read_body(headers: Mapping[str, str], exchange: Exchange) -> bytes:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_BODY:
        raise DoorProblem("door.body_too_large")
    if not length and "transfer-encoding" not in headers:
        return b""
    pieces = bytearray()
    try:
        async with asyncio.timeout(_READ_S):
            async for piece in exchange:
                pieces += piece
                if len(pieces) > MAX_BODY:
                    raise DoorProblem("door.body_too_large")
    except TimeoutError as error:
        raise DoorProblem("door.body_invalid", "the body did not arrive in time") from error
    return bytes(pieces)


def _problem_reply(problem: DoorProblem) -> Reply:
    return Reply(problem.status, {"content-type": MEDIA_TYPE}, problem.body())


def _close(programs: list[DoorProgram]) -> None:
    for program in programs:
        program.close()


def _trace() -> dict[str, object]:
    """Return what a log may say of an unexpected error: its type and where it came from, never its text."""
    kind, _, trace = sys.exc_info()
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    return {"error": kind.__name__ if kind else "", "trace": places[-6:]}
