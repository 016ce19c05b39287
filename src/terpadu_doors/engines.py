"""Connections to existing databases that can read and nothing else, and only for so long."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from terpadu_doors.problems import DescribeError, DoorProblem
from terpadu_doors.targets import check_target
from terpadu_wire.addresses import Network

DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
    "mssql": "mssql+pymssql",
}
_DRIVER_PACKAGES = {"oracle": "oracledb", "mssql": "pymssql"}
_QUERY_ALLOWED = frozenset({"charset", "sslmode", "sslrootcert", "ssl_ca"})
_SOCKETS = {"postgresql": "host", "mysql": "unix_socket", "mariadb": "unix_socket"}
"""Setting that names a socket of this machine, by make."""
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "mssql": 1433}
_SLOW_CODES = frozenset({"57014", "1969", "3024", "DPY-4024"})
_SQLITE_STEPS = 5_000
_WAIT_S = 2.0


def read_url(text: str) -> URL:
    """Return the address of a database with the driver that we use for it.

    Raises:
        DescribeError: it is no address, of a make that is not supported, or has settings that are not allowed.
    """
    try:
        url = make_url(text.strip())
    except ArgumentError:
        raise DescribeError(
            "database.url", "the address is not of the form mariadb://user:password@host:3306/name"
        ) from None
    make = url.get_backend_name()
    if make not in DRIVERS:
        raise DescribeError(
            "database.make", f"{make[:20]} is not supported; use one of {', '.join(sorted(DRIVERS))}"
        )
    extra = sorted(set(url.query) - _QUERY_ALLOWED - {_SOCKETS.get(make, "")})
    if extra:
        raise DescribeError("database.url", f"leave {extra[0]} out of the address; it is not allowed there")
    return url.set(drivername=DRIVERS[make])


def check_place(url: URL, *, allowed: Iterable[Network]) -> None:
    """Check that a database stands where doors may call.

    Raises:
        DoorProblem: ``door.target_refused`` or ``door.unavailable``.
    """
    if url.get_backend_name() == "sqlite":
        if not url.database or not Path(url.database).is_file():
            raise DoorProblem("door.unavailable", "the database file is not there")
        return
    port = url.port or _PORTS[url.get_backend_name()]
    socket = url.query.get(_SOCKETS.get(url.get_backend_name(), ""), "")
    # A socket is a place on this machine, so it needs the operator's word as loopback does.
    named = "127.0.0.1" if str(socket).startswith("/") else url.host or str(socket)
    host = f"[{named}]" if ":" in named else named
    check_target(f"http://{host}:{port}", allowed=allowed)


def make_engine(url: URL, *, seconds: float, connections: int) -> Engine:
    """Return an engine whose every connection reads only and gives up after so many seconds a statement.

    Raises:
        DescribeError: the driver of this make is not installed.
    """
    make = url.get_backend_name()
    try:
        if make == "sqlite":
            readable = f"file:{Path(url.database or '').resolve()}?mode=ro"
            engine = sa.create_engine(
                url.set(database=readable, query={"uri": "true"}),
                pool_size=connections,
                pool_timeout=_WAIT_S,
                poolclass=sa.QueuePool,
                connect_args={"check_same_thread": False, "timeout": min(seconds, _WAIT_S)},
            )
        else:
            engine = sa.create_engine(
                url,
                pool_size=connections,
                max_overflow=0,
                pool_timeout=_WAIT_S,
                pool_pre_ping=True,
                pool_recycle=300,
                connect_args=_connect_arguments(make, seconds),
            )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        package = _DRIVER_PACKAGES.get(make, make)
        raise DescribeError("database.driver", f"install the driver first: pip install {package}") from error
    sa.event.listen(engine, "connect", _limit(make, engine, seconds))
    return engine


@contextmanager
def reading(engine: Engine, *, seconds: float) -> Iterator[Connection]:
    """Give a connection inside a read-only transaction, which is always rolled back.

    Raises:
        DoorProblem: ``door.unavailable``, ``.overloaded``, ``.slow``, ``.body_invalid`` or ``.system_failed``.
    """
    try:
        with engine.connect() as connection:
            _begin_reading(connection, engine.dialect.name, seconds)
            try:
                yield connection
            finally:
                connection.rollback()
    except PoolTimeoutError as error:
        raise DoorProblem("door.overloaded") from error
    except DBAPIError as error:
        raise DoorProblem(_code_of(error)) from error
    except SQLAlchemyError as error:
        raise DoorProblem("door.system_failed") from error


def _connect_arguments(make: str, seconds: float) -> dict[str, object]:
    if make == "postgresql":
        limits = f"-c default_transaction_read_only=on -c statement_timeout={int(seconds * 1000)}"
        return {"connect_timeout": 3, "options": limits}
    if make in ("mysql", "mariadb"):
        # The read time-out is the last resort, when a server does not know the statement's own.
        return {"connect_timeout": 3, "read_timeout": int(seconds) + 2, "local_infile": False}
    if make == "mssql":
        return {"login_timeout": 3, "timeout": max(1, int(seconds)), "read_only": True}
    return {}


def _limit(make: str, engine: Engine, seconds: float) -> "_Listener":
    return _Listener(make, engine, seconds)


class _Listener:
    """Sets up each new connection of an engine."""

    def __init__(self, make: str, engine: Engine, seconds: float) -> None:
        self._statements = _LIMITS.get(make, ())
        self._make, self._engine, self._seconds = make, engine, seconds

    def __call__(self, connection: sa.engine.interfaces.DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        """Make a connection read only and bounded in time, as its make knows it."""
        cursor = connection.cursor()
        try:
            for statement in self._statements:
                cursor.execute(statement)
            if self._make in ("mysql", "mariadb"):
                cursor.execute(self._mysql_time_limit())
        finally:
            cursor.close()
        if self._make == "oracle":
            connection.call_timeout = int(self._seconds * 1000)

    def _mysql_time_limit(self) -> str:
        if getattr(self._engine.dialect, "is_mariadb", False) or self._make == "mariadb":
            return f"SET SESSION max_statement_time = {self._seconds}"
        return f"SET SESSION max_execution_time = {int(self._seconds * 1000)}"


_LIMITS = {
    # trusted_schema: a view of the file cannot call functions with side effects.
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY",),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY",),
}


def _begin_reading(connection: Connection, make: str, seconds: float) -> None:
    if make in ("postgresql", "oracle"):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    if make == "sqlite":
        deadline = time.monotonic() + seconds
        handle = connection.connection.dbapi_connection
        handle.set_progress_handler(lambda: int(time.monotonic() > deadline), _SQLITE_STEPS)  # type: ignore[union-attr]  # sqlite3's own


def _code_of(error: DBAPIError) -> str:
    """Return the door's code for a driver's error; its text may hold values and stays out."""
    original = error.orig
    marks = {
        str(getattr(original, "sqlstate", "")),
        *(str(part) for part in getattr(original, "args", ())[:1]),
    }
    text = str(original)
    if marks & _SLOW_CODES or text == "interrupted" or "DPY-4024" in text or "timed out" in text:
        return "door.slow"
    if isinstance(error, sa.exc.DataError):
        return "door.body_invalid"
    connected_once = isinstance(error, sa.exc.ProgrammingError | sa.exc.IntegrityError)
    return "door.system_failed" if connected_once else "door.unavailable"
