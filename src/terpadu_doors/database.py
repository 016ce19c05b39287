"""The database door: an existing database, read only, through chosen tables, columns and rows."""

import threading
from collections.abc import Iterable
from functools import partial

from pydantic import JsonValue
from sqlalchemy.engine import Engine

from terpadu_doors.config import DatabaseDoor
from terpadu_doors.desk import JsonDesk, JsonObject, Question, Reply
from terpadu_doors.documents import make_document
from terpadu_doors.engines import check_place, make_engine, read_url
from terpadu_doors.problems import DescribeError, DoorProblem
from terpadu_doors.rows import RowSource, row_offers
from terpadu_doors.secrets import read_secret
from terpadu_wire.addresses import Network


class DatabaseProgram:
    """One database door at work; connects at the first call, so that a door may stand before its database does.

    Args:
        door: its configuration.
        allowed: private networks that the operator lets doors call.
    """

    def __init__(self, door: DatabaseDoor, *, allowed: Iterable[Network]) -> None:
        self._door, self._allowed = door, tuple(allowed)
        self._document = database_document(door)
        self._source: RowSource | None = None
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        handlers = {operation: partial(self._answer, operation) for operation in _operation_ids(door)}
        self._desk = JsonDesk(self._document, handlers)

    def answer(self, question: Question) -> Reply:
        """Return the rows asked for. Raises DoorProblem."""
        return self._desk.answer(question)

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()

    def _answer(self, operation: str, asked: JsonObject) -> JsonValue:
        return self._connected().handlers()[operation](asked)

    def _connected(self) -> RowSource:
        with self._lock:
            if self._source is None:
                self._source = self._connect()
            return self._source

    def _connect(self) -> RowSource:
        door = self._door
        try:
            url = read_url(read_secret(door.url_file))
            check_place(url, allowed=self._allowed)
            engine = make_engine(url, seconds=door.statement_seconds, connections=door.connections)
        except DescribeError as error:
            raise DoorProblem("door.unavailable", error.text) from error
        self._engine = engine
        return RowSource(
            engine, door.resources, row_limit=door.row_limit, seconds=door.statement_seconds, stamp={}
        )


def database_document(door: DatabaseDoor) -> JsonObject:
    """Return the OpenAPI document of a database door."""
    offers = row_offers(door.resources, row_limit=door.row_limit)
    return make_document(door.title or door.name, version="1", offers=offers)


def _operation_ids(door: DatabaseDoor) -> list[str]:
    return [offer.id for offer in row_offers(door.resources, row_limit=door.row_limit)]
