"""The doors' program: one listener on a loopback address, the doors of its configuration behind it.

The configuration is looked at every second; a new one takes effect for the next request, a wrong one changes nothing.
"""

import asyncio
import hmac
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

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
from terpadu_wire.transactions import is_transaction_id

log = structlog.get_logger()
KEY_HEADER = "x-door-key"
_LOOK_EVERY_S = 1.0
_READ_S = 10.0
_DRAIN_S = 10.0
_RETIRE_S = 60.0
_FACADE = "xroad"
"""What stands for the facade where doors have their address."""
T = TypeVar("T")


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
        standing.facade = XroadFacadeProgram(config.xroad)
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
            from terpadu_doors.xroad_service import XroadServiceProgram

            return XroadServiceProgram(door, allowed=config.allow_targets)


class Lane:
    """Threads for the calls of one door, with the number of calls in hand.

    Args:
        name: of its threads.
        limit: calls in hand at once.
    """

    def __init__(self, name: str, *, limit: int) -> None:
        self._limit = limit
        self._pool = ThreadPoolExecutor(max_workers=min(limit, 32), thread_name_prefix=name)
        self.in_hand = 0

    def check(self) -> None:
        """Refuse a call above the limit. Raises DoorProblem."""
        if self.in_hand >= self._limit:
            raise DoorProblem("door.overloaded")

    async def run(self, work: Callable[[], T]) -> T:
        """Return what a piece of work gives, done in one of the threads."""
        self.in_hand += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self.in_hand -= 1

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Doors:
    """Answers every request of the listener.

    Each door has threads of its own, so that a system that hangs holds up no other one's callers; so has the facade,
    for calls of X-Road clients may lead back to doors of this very program.

    Args:
        path: configuration file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = self._look()
        self.standing = stand(load_config(path))
        self._lanes: dict[str, Lane] = {}

    async def keep(self) -> None:
        """Look for a new configuration again and again."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            mark = self._look()
            if mark != self._mark:
                self._mark = mark
                retired = await asyncio.to_thread(self._renew)
                # Calls in hand may still use them.
                asyncio.get_running_loop().call_later(_RETIRE_S, self._retire, retired)

    async def handle(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request (RSGI)."""
        headers: dict[str, str] = dict(scope.headers.items())
        reply: Reply | None = None
        try:
            reply = await self._answer(scope, headers, exchange)
        except DoorProblem as problem:
            log.warning(
                "door.refused", code=problem.code, detail=problem.detail, **self._call(scope, headers)
            )
            reply = self._told(problem, scope, headers)
        finally:
            if reply is None:  # a mistake of ours
                log.error("door.internal", **_trace(), **self._call(scope, headers))
                reply = self._told(DoorProblem("door.internal"), scope, headers)
            given = [*reply.headers.items(), ("server", "terpadu")]
            exchange.response_bytes(reply.status, given, reply.body)

    async def drain(self) -> None:
        """Wait for the calls in hand, then let the doors go."""
        waited = 0.0
        while any(lane.in_hand for lane in self._lanes.values()) and waited < _DRAIN_S:
            await asyncio.sleep(0.05)
            waited += 0.05
        for lane in self._lanes.values():
            lane.close()
        _close(self.standing.programs())

    async def _answer(self, scope: Scope, headers: Mapping[str, str], exchange: Exchange) -> Reply:
        if scope.path == "/health":
            return self._health()
        address, program, path = self._find(self.standing, scope.path, headers)
        lane = self._lane(address)
        lane.check()
        body = await _read_body(headers, exchange)
        question = Question(scope.method, path, headers, body, scope.query_string)
        return await lane.run(partial(program.answer, question))

    def _told(self, problem: DoorProblem, scope: Scope, headers: Mapping[str, str]) -> Reply:
        """Return a problem in the form that the caller understands."""
        facade = self.standing.facade
        if facade is not None and _is_xroad(scope.path):
            return facade.told(problem, headers)
        return Reply(problem.status, {"content-type": MEDIA_TYPE}, problem.body())

    def _call(self, scope: Scope, headers: Mapping[str, str]) -> dict[str, str]:
        """Return what a log may say of a call: its door, and the id under which its caller heard of the failure."""
        address = scope.path.split("/", 2)[1:2]
        exchange = headers.get("fsc-transaction-id", "")
        return {
            "door": address[0] if address and address[0] in self.standing.doors else "",
            "transaction_id": exchange if is_transaction_id(exchange) else "",
        }

    def _lane(self, address: str) -> Lane:
        if address not in self._lanes:
            self._lanes[address] = Lane(address, limit=self.standing.config.in_flight)
        return self._lanes[address]

    def _find(
        self, standing: Standing, path: str, headers: Mapping[str, str]
    ) -> tuple[str, DoorProgram, str]:
        """Return the address of a path's door, the door for someone with its key, and the path below it."""
        if standing.facade is not None and _is_xroad(path):
            return _FACADE, standing.facade, path
        _, address, below = [*path.split("/", 2), "", ""][:3]
        door, program = standing.doors.get(address, (None, None))
        if door is None or program is None:
            raise DoorProblem("door.unknown")
        if not hmac.compare_digest(headers.get(KEY_HEADER, "").encode(), read_secret(door.key_file).encode()):
            raise DoorProblem("door.key_unknown")
        if isinstance(program, DoorProblem):
            raise program
        return address, program, f"/{below}"

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

    def _retire(self, programs: list[DoorProgram]) -> None:
        """Close programs that no call uses any more, and the threads of doors that are gone."""
        _close(programs)
        for address in self._lanes.keys() - {_FACADE, *self.standing.doors}:
            self._lanes.pop(address).close()


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


def _is_xroad(path: str) -> bool:
    return path.startswith("/r1/") or path == "/listClients"


def _close(programs: list[DoorProgram]) -> None:
    for program in programs:
        program.close()


def _trace() -> dict[str, object]:
    """Return what a log may say of an unexpected error: its type and where it came from, never its text."""
    kind, _, trace = sys.exc_info()
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    return {"error": kind.__name__ if kind else "", "trace": places[-6:]}
